"""`llmx monitor watch`: its lines, its JSON, its live view, and how it ends."""

from __future__ import annotations

import io
import json
import re
import signal
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.cli.monitor import line, panel
from llmx.core.client.health_body import parse_health
from llmx.core.supervise.watch import Seen, Snapshot, following
from tests.core.client.raw import nobody
from tests.core.supervise.fakes import Server, health_body
from tests.program import killed_at_deadline, start
from tests.serving import running


def run(*args: str) -> Result:
    return CliRunner().invoke(app, ["monitor", "watch", *args], env={"LLMX_API_KEY": None})


def test_in_a_pipe_each_look_is_one_plain_line() -> None:
    with running(Server(health=[health_body(), health_body(running=1)]).app()) as url:
        done = run(url, "--interval", "0.05", "--for", "0.3")
    assert (done.exit_code, done.stderr) == (0, "")
    first, second, *_ = done.stdout.splitlines()
    assert first.split()[1:4] == ["ready", "running", "0"]
    assert first.endswith("nothing runs")  # a change says why
    assert second.split()[1:4] == ["busy", "running", "1"]
    assert "cache 1 GB of 4 GB" in second
    assert "\x1b" not in done.output


def test_json_is_one_object_per_line() -> None:
    with running(Server(health=[{"status": "ok"}]).app()) as url:
        done = run(url, "--interval", "0.05", "--for", "0.2", "--json")
    documents = [json.loads(text) for text in done.stdout.splitlines()]
    assert {document["v"] for document in documents} == {1}
    assert {document["state"] for document in documents} == {"up"}
    assert documents[-1]["rates"]["steps_per_s"] is None


def test_nobody_is_exit_4_with_the_reason() -> None:
    with nobody() as url:
        done = run(url, "--interval", "0.05", "--for", "0.1")
    assert done.exit_code == 4
    assert done.stderr.startswith(f"llmx: no server answers at {url}/health: connection refused")
    assert "unreachable" in done.stdout


@pytest.mark.parametrize("args", [("ftp://x",), ("--interval", "0"), ("--for", "-1")])
def test_wrong_use_is_exit_2(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.exit_code, done.stdout) == (2, "")


def test_ctrl_c_is_the_way_to_end_it(tmp_path: Path) -> None:
    with (
        running(Server().app()) as url,
        start("monitor", "watch", url, "--interval", "0.05", state=tmp_path) as process,
        killed_at_deadline(process),
    ):
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "")


# ── the views ─────────────────────────────────────────────────────────────────────────────────


def two_looks() -> Snapshot:
    told = [
        health_body(steps=10, running=1, completion_tokens=5, prompt_tokens=1_000),
        health_body(steps=10, running=1, completion_tokens=1_005, prompt_tokens=3_000),
    ]
    snapshot: Snapshot | None = None
    for number, body in enumerate(told):
        seen = Seen("busy", "1 running", parse_health(body))
        snapshot = following(snapshot, seen, at=0.0, elapsed_s=2.0 * number)
    assert snapshot is not None
    return snapshot


def shown(snapshot: Snapshot) -> str:
    screen = Console(file=io.StringIO(), width=100)
    screen.print(panel("http://x", snapshot))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_the_live_view_shows_counters_rates_and_the_bar_of_the_cache() -> None:
    text = shown(two_looks())
    for part in (
        "busy  1 running",
        "no step for 2 s",
        "1,005 in all, 500.0 tok/s",  # (1005 - 5) / 2
        "3,000 in all, 1,000.0 tok/s",
        "unknown now, 75.0 % since the start",
        "████████░░░░░░",  # 1 of 4 GB
        "1 GB of 4 GB",
        "up for 60 s",
    ):
        assert part in text


def test_what_a_server_does_not_say_is_unknown_in_both_views() -> None:
    seen = Seen("up", "GET /health: HTTP 200", parse_health({"status": "ok"}))
    snapshot = following(None, seen, at=0.0, elapsed_s=0.0)
    for text in (line(snapshot), shown(snapshot)):
        assert re.search(r"\b0(\.0)? ", text) is None
        assert "unknown" in text
    assert "░" not in shown(snapshot)
