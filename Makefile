# Two commands do all: `make serve` and `make test`. Both install what they need into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
# Tests run in this many processes; each takes a run of neighbours, so that what a module makes for
# its tests is seldom made twice, and helps the other when it has no more of its own.
WORKERS ?= 2
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal

.PHONY: serve test test-all bench check clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@echo "make serve      install, then run llmx serve on the bundled model (ARGS=... adds options)"
	@echo "make test       install, then lint, format, types, import contracts, tests (WORKERS=2)"
	@echo "make test-all   the same, then the slow tests one by one"
	@echo "make bench      llmx serve beside mlx_lm.server, figures as ratios"
	@echo "make demo-model-data | -train | -evaluate"
	@echo "                the bundled model: see conversations, train, score"

serve: $(VENV)/.installed
	$(BIN)/llmx serve $(ARGS)

test: $(VENV)/.installed-dev check
	$(PYTEST) -m "not slow"

test-all: test
	$(BIN)/pytest -m slow

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.serve $(ARGS)

# The bundled model. Training needs torch, which nothing else does; it goes on where it was stopped.
DEMO := build/demo-model
# Big buffers stay with the process: giving each back costs a tenth of the time.
TRAIN := MALLOC_MMAP_THRESHOLD_=2000000000 MALLOC_TRIM_THRESHOLD_=8000000000 $(BIN)/python

.PHONY: demo-model-data demo-model-train demo-model-evaluate
demo-model-data: $(VENV)/.installed-dev
	$(BIN)/python -m tools.demo_model.show $(ARGS)

demo-model-train: $(VENV)/.installed-train
	$(TRAIN) -m tools.demo_model.train --out $(DEMO) $(ARGS)

demo-model-evaluate: $(VENV)/.installed-dev
	$(BIN)/python -m tools.demo_model.evaluate $(ARGS)

$(VENV)/.installed-train: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --group train
	@touch $@

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
