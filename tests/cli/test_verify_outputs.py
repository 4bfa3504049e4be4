"""`llmx test-cache --replay`, `--explain` and the files: what is printed, written and returned."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest
from rich.console import Console
from typer.testing import CliRunner
from typer.testing import Result as Done

from llmx.cli.main import app
from llmx.cli.verify_outputs import Files, probe_table
from llmx.core.errors import ConfigError
from llmx.core.verify.result import Probe, Result
from llmx.core.verify.words import EXPLANATIONS
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES

NOTHING = Probe("I1", "salt", "skip", "the server takes no salt", {})
BY_NAME = {mode.name: mode for mode in MODES}


def run(*args: object) -> Done:
    return CliRunner().invoke(app, ["test-cache", *map(str, args)])


def result(mode: str = "honest", *more: Probe) -> Result:
    return asyncio.run(recorded(BY_NAME[mode], more=more))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return saved(tmp_path, result("honest", NOTHING))


def saved(folder: Path, one: Result) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps(one.to_json()), "utf-8")
    return path


def test_a_replay_shows_the_run_and_exits_as_it_did(recording: Path) -> None:
    done = run("--replay", recording)
    assert done.exit_code == 0, done.output
    head, titles, _, *rows, verdict = done.stdout.splitlines()
    assert head.startswith("http://127.0.0.1:8081 · virtual · model honest")
    assert " for a repeated prefix, " in rows[0]
    assert titles.split() == ["probe", "status", "why"]
    assert [row.split()[0] for row in rows] == ["A1", "I1"]
    assert "SKIP" in rows[1]
    assert verdict.startswith("VERIFIED  ")
    assert verdict.endswith("exit 0 (--require verified)")
    assert "\x1b" not in done.output
    said = done.stderr.splitlines()
    assert said[0].startswith("llmx: look at 6 hits: FASTER, p = ")
    assert said[-1] == "llmx: the samples give what was recorded"


def test_a_verdict_that_was_altered_is_told_and_does_not_count(tmp_path: Path) -> None:
    lie = replace(result("phantom"), verdict="VERIFIED", exit_code=0)
    done = run("--replay", saved(tmp_path, lie))
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1].startswith("PHANTOM  ")
    said = "llmx: the file says otherwise: verdict: recorded VERIFIED, recomputed PHANTOM"
    assert said in done.stderr.splitlines()


def test_a_replay_can_ask_for_less_than_the_run_did(tmp_path: Path) -> None:
    silent = saved(tmp_path, result("silent"))
    assert run("--replay", silent).exit_code == 3
    assert run("--replay", silent, "--require", "working").exit_code == 0
    assert run("--replay", silent, "--allow", "no-cache,silent").exit_code == 0


def test_a_verdict_never_stands_alone_beside_what_failed_the_run(tmp_path: Path) -> None:
    turns = Probe("B1", "turns", "fail", "nothing is reused", {})
    run_json, md, html = (
        saved(tmp_path, result("honest", turns)),
        tmp_path / "md",
        tmp_path / "html",
    )
    done = run("--replay", run_json, "--md", md, "--html", html)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1].endswith("exit 1: probe B1 failed (--require verified)")
    assert md.read_text("utf-8").startswith("## test-cache: VERIFIED, but probe B1 failed\n")
    assert "VERIFIED, but probe B1 failed</h1>" in html.read_text("utf-8")
    assert json.loads(run("--replay", run_json, "--json").stdout)["decided"] == "probe B1 failed"
    assert run("--replay", run_json, "--require", "working").exit_code == 0


def test_a_replay_as_json_is_a_document_that_can_be_replayed(recording: Path) -> None:
    done = run("--replay", recording, "--json")
    assert json.loads(done.stdout) == json.loads(recording.read_text("utf-8"))


@pytest.mark.parametrize("text", ["", "[]", '{"command": "test-cache", "v": 7}', "{"])
def test_what_is_no_recording_is_one_line_and_exit_2(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    done = run("--replay", path)
    (line,) = done.stderr.splitlines()
    assert "run.json is no result of llmx test-cache --json: " in line
    assert (done.exit_code, done.stdout) == (2, "")
    assert run("--replay", tmp_path / "missing.json").exit_code == 2


def test_the_files_are_written(recording: Path, tmp_path: Path) -> None:
    junit, md, html = (tmp_path / name for name in ("run.xml", "run.md", "run.html"))
    done = run("--replay", recording, "--junit", junit, "--md", md, "--html", html)
    assert done.exit_code == 0, done.output
    assert parse(junit).getroot().tag == "testsuites"
    assert md.read_text("utf-8").startswith("## test-cache: VERIFIED\n")
    assert html.read_text("utf-8").startswith("<!DOCTYPE html>\n")


@pytest.mark.parametrize("name", [".", "missing/run.xml"])
def test_a_file_that_can_never_be_written_is_told_first(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot write"):
        Files(junit=tmp_path / name).check()


@pytest.mark.parametrize("name", [*EXPLANATIONS])
def test_a_verdict_is_explained_in_three_lines(name: str) -> None:
    done = run("--explain", name.lower().replace("_", "-"))
    means, why, do = done.stdout.splitlines()
    assert means.startswith(f"{name}: ")
    assert why.startswith("Usual reasons: ")
    assert do.startswith("What to do: ")
    assert done.exit_code == 0


@pytest.mark.parametrize(
    "args", [("--explain",), ("--explain", "--yes-remote"), ("--explain", "all")]
)
def test_explain_alone_lists_every_verdict_with_its_exit_code(args: tuple[str, ...]) -> None:
    done = run(*args)
    _, _, *rows = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == [*EXPLANATIONS]
    codes = {row.split()[0]: row.split()[1] for row in rows}
    assert (codes["VERIFIED"], codes["PHANTOM"], codes["SILENT"]) == ("0", "1", "3")


def test_an_unknown_verdict_is_one_line_with_those_there_are() -> None:
    for args in (("--explain", "SPLENDID"), ("--allow", "SPLENDID")):
        done = run(*args)
        (line,) = done.stderr.splitlines()
        assert "no verdict is named 'SPLENDID'; there are VERIFIED, " in line
        assert done.exit_code == 2


def test_on_a_terminal_long_reasons_wrap() -> None:
    wordy = Probe("C2", "parity", "fail", "a long reason " * 20, {})
    screen = Console(width=60, record=True, force_terminal=True, file=StringIO())
    screen.print(probe_table(result("honest", wordy), rich=True))
    lines = screen.export_text().splitlines()
    assert max(map(len, lines)) <= 60
    assert sum("long reason" in line for line in lines) > 5
