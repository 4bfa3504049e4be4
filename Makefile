# Two commands do all: `make serve` and `make test`. Both install what they need into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: serve test test-all bench check clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@echo "make serve      install, then run llmx serve on the bundled model (ARGS=... adds options)"
	@echo "make test       install, then lint, format, types, import contracts, tests"
	@echo "make test-all   the same with the slow tests"
	@echo "make bench      llmx serve beside mlx_lm.server, figures as ratios"

serve: $(VENV)/.installed
	$(BIN)/llmx serve $(ARGS)

test: $(VENV)/.installed-dev check
	$(BIN)/pytest -m "not slow"

test-all: $(VENV)/.installed-dev check
	$(BIN)/pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.serve $(ARGS)

$(VENV)/.pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("llmx needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; say make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@echo "installing llmx and what it needs into $(VENV)"
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.installed: $(VENV)/.pip pyproject.toml setup.py
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
