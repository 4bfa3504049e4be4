"""The GitHub Action: it parses, installs from its own checkout, and uses options that exist."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmx.cli.main import app
from tests.test_docs import resolve

assert app  # what `resolve` looks into

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
INSTALL, TEST = ACTION["runs"]["steps"]
STUB = """#!/bin/sh
printf '%s\\n' "$@" > "$SEEN"
echo '{}'
echo '## test-cache: NO_CACHE' > "$REPORTS/test-cache.md"
exit 1
"""


def test_it_has_the_inputs_and_a_default_for_each() -> None:
    assert ACTION["inputs"].keys() >= {"url", "run", "profile", "require"}
    assert all(one["description"] and "default" in one for one in ACTION["inputs"].values())
    assert ACTION["runs"]["using"] == "composite"


def test_it_installs_from_its_own_checkout() -> None:
    assert 'pip install --quiet "${{ github.action_path }}"' in INSTALL["run"]


def test_no_input_is_pasted_into_a_script() -> None:
    for step in (INSTALL, TEST):
        assert "${{ inputs" not in step["run"]
    given = "\n".join(str(value) for step in (INSTALL, TEST) for value in step["env"].values())
    used = set(re.findall(r"inputs\.([\w-]+)", given))
    assert used == ACTION["inputs"].keys()


def test_every_option_that_it_uses_exists() -> None:
    command, _ = resolve(["test-cache"])
    known = {option for param in command.params for option in param.opts}
    used = set(re.findall(r"(?<![\w-])--[a-z-]+", TEST["run"]))
    assert used >= {"--junit", "--md", "--html", "--json", "--run", "--require", "--profile"}
    assert used <= known


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"URL": "http://127.0.0.1:9"}, ["http://127.0.0.1:9"]),
        ({"RUN": "my server --port 0"}, ["--run", "my server --port 0"]),
        ({"PROFILE": "full", "URL": "x; exit 0"}, ["--profile", "full", "x; exit 0"]),
    ],
)
def test_its_script_passes_options_reports_and_the_exit_code(
    tmp_path: Path, given: dict[str, str], wanted: list[str]
) -> None:
    """With a program in place of llmx that notes how it was called."""
    program = tmp_path / "llmx" / "bin" / "llmx"
    program.parent.mkdir(parents=True)
    program.write_text(STUB)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "SEEN")}
    inputs = dict.fromkeys(TEST["env"], "") | {
        "REQUIRE": "verified",
        "REPORTS": str(tmp_path / "reports"),
    }
    env = os.environ | inputs | given | {"RUNNER_TEMP": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", TEST["run"]],
        env=env | {name: str(path) for name, path in files.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    seen = files["SEEN"].read_text("utf-8").splitlines()
    assert seen[:4] == ["test-cache", "--json", "--require", "verified"]
    assert seen[-len(wanted) :] == wanted
    assert files["GITHUB_OUTPUT"].read_text("utf-8") == "exit-code=1\n"
    assert files["GITHUB_STEP_SUMMARY"].read_text("utf-8") == "## test-cache: NO_CACHE\n"
    assert (tmp_path / "reports" / "test-cache.json").read_text("utf-8") == "{}\n"
