"""Every command in the guides is run: it ends, and no option of it is wrong.

A server stands at the usual address of the guides; files that they name are there. A command that
would serve shows its settings instead. A test of a server is sent to a port where nobody is, and
gets as far as that (exit 4): whole runs are in `tests/cli/test_verify_cache.py`, and those that
start their server in `test_verify_owned.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES
from tests.core.client.raw import nobody
from tests.core.verify.fakes import Fake
from tests.serving import running
from tests.test_docs import ROOT, command_lines

USUAL = "http://127.0.0.1:8081"
PLACEHOLDER = "URL"
ASKS = ("health", "monitor")
OFFLINE = {"--replay", "--explain", "--template"}  # with these, test-cache asks nobody
NAMES = ("quick-start.md", "sceptics-checklist.md", "troubleshooting.md", "testing-a-cache.md")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running(Fake().app()) as url:
        yield url


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the guides take for granted: a recording, a model, and traces of some requests."""
    run = asyncio.run(recorded(MODES[0]))
    (tmp_path / "run.json").write_text(json.dumps(run.to_json()), "utf-8")
    traces = tmp_path / "home" / "traces"
    traces.mkdir(parents=True)
    sample = ROOT / "fixtures" / "traces" / "sample.jsonl"
    (traces / "sample.jsonl").write_bytes(sample.read_bytes())
    (tmp_path / "my-model").symlink_to(ROOT / "fixtures" / "demo-model")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMX_HOME", str(tmp_path / "home"))
    return tmp_path


def commands() -> list[tuple[str, ...]]:
    found = [
        tuple(words)
        for name in NAMES
        for words in command_lines((ROOT / "docs" / name).read_text("utf-8"))
    ]
    return [words for words in dict.fromkeys(found) if "--run" not in words]


def is_test(words: tuple[str, ...]) -> bool:
    """Of a server, by `test-cache`."""
    return words[0] == "test-cache" and not OFFLINE & {*words}


def sent_to(words: tuple[str, ...], url: str) -> list[str]:
    """The command with another address in place of the usual one."""
    given = [url if word in (USUAL, PLACEHOLDER) else word for word in words]
    if (given[0] in ASKS or is_test(words)) and url not in given:
        given.append(url)
    if given[0] == "serve" and "--print-setup" not in given:
        given.append("--show-config")
    return given


def run(args: list[str]) -> Result:
    return CliRunner().invoke(app, args, env={"LLMX_API_KEY": None})


@pytest.mark.parametrize("words", [one for one in commands() if not is_test(one)], ids=" ".join)
def test_a_command_of_the_guides_runs(words: tuple[str, ...], server: str, folder: Path) -> None:
    done = run(sent_to(words, server))
    ends = (0, 1) if "--template" in words else (0,)  # a template may break a conversation
    assert done.exit_code in ends, done.output
    assert done.stdout


@pytest.mark.parametrize("words", [one for one in commands() if is_test(one)], ids=" ".join)
def test_a_test_of_the_guides_gets_as_far_as_the_server(
    words: tuple[str, ...], folder: Path
) -> None:
    with nobody() as url:
        done = run([*sent_to(words, url), "--ready-within", "0"])
    assert done.exit_code == 4, done.output
    assert done.stderr.splitlines()[-1].startswith(f"llmx: no server answers at {url}")


def test_the_guides_have_commands() -> None:
    named = {words[0] for words in commands()}
    assert {"serve", "test-cache", "health", "analyze-traces"} <= named
