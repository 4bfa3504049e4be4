"""`llmx test-cache`: what it prints and how it exits; the protocol itself is tested with core."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.core.client.chat import ChatClient
from tests.core.client.raw import nobody
from tests.core.verify.fakes import Fake
from tests.program import killed_at_deadline, serving, start
from tests.serving import running

FAST_S = 2.5e-5  # per token: 0.3 s for the agent's prompt, long enough to tell


@pytest.fixture
def by_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fake], Fake]:
    """Let the command measure by the clock of a model that it is to test."""

    def measure_by(fake: Fake) -> Fake:
        client = partial(ChatClient, clock=fake.clock)
        monkeypatch.setattr("llmx.core.client.chat.ChatClient", client)
        return fake

    return measure_by


def run(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["test-cache", *args], env={"LLMX_API_KEY": None, **(env or {})})


def test_a_verified_cache_is_a_table_a_verdict_and_exit_0(
    by_clock: Callable[[Fake], Fake],
) -> None:
    with running(by_clock(Fake(prefill_s=FAST_S, bypass=True)).app()) as url:
        done = run(url)
    assert done.exit_code == 0, done.output
    head, titles, _, *rows, verdict = done.stdout.splitlines()
    assert head == f"{url}, llmx 0, model fake"
    assert titles.split()[:4] == ["request", "question", "prompt", "cached"]
    assert [row.split()[0] for row in rows] == [
        "tiny", "tiny", "control", "cold", "hit", "hit", "repeat", "control",
        "reference", "reference",
    ]  # fmt: skip
    assert [row.split()[-1] for row in rows if row.startswith("hit")] == ["equal", "equal"]
    assert verdict.startswith("VERIFIED  ")
    assert "\x1b" not in done.output


def test_the_cost_is_said_before_anything_is_asked() -> None:
    with nobody() as url:
        done = run(url)
    cost, error = done.stderr.splitlines()
    assert "prompt tokens (estimated) in 8 long requests and 2 tiny ones" in cost
    assert error.startswith(f"llmx: no server answers at {url}")
    assert (done.exit_code, done.stdout) == (4, "")


def test_no_cache_is_exit_1_and_json_is_the_whole_report(
    by_clock: Callable[[Fake], Fake],
) -> None:
    with running(by_clock(Fake(reuse=0, prefill_s=FAST_S)).app()) as url:
        done = run(url, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["exit_code"], report["verdict"]) == (1, 1, "NO_CACHE")
    assert (report["v"], report["url"], len(report["requests"])) == (1, url, 8)


def test_what_is_not_reported_is_shown_as_unknown(by_clock: Callable[[Fake], Fake]) -> None:
    with running(by_clock(Fake(claim="nothing", prefill_s=FAST_S)).app()) as url:
        done = run(url)
    assert done.exit_code == 3
    (hit, _) = [row for row in done.stdout.splitlines() if row.startswith("hit")]
    assert hit.count("unknown") == 2  # cached, share
    assert "not available" in hit
    assert "SILENT" in done.stdout


def test_a_server_that_breaks_off_midway_is_exit_4_with_what_was_seen(
    by_clock: Callable[[Fake], Fake],
) -> None:
    with running(by_clock(Fake(breaks_at=4, prefill_s=FAST_S)).app()) as url:
        done = run(url, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["verdict"]) == (4, "DIED")
    assert [request["role"] for request in report["requests"]] == ["tiny", "tiny", "control"]


@pytest.mark.parametrize("args", [("ftp://localhost",), ("localhost:1", "--timeout", "0")])
def test_wrong_use_is_exit_2(args: tuple[str, ...]) -> None:
    assert run(*args).exit_code == 2


def test_another_machine_is_asked_only_if_that_is_meant() -> None:
    done = run("http://example.invalid")
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "--yes-remote" in line
    assert run("http://example.invalid", "--yes-remote").exit_code == 4  # asked, and not there


def test_the_key_comes_from_the_option_or_the_variable() -> None:
    fake = Fake(api_key="right", claim="too much", prefill_s=0)
    with running(fake.app()) as url:
        refused = run(url)
        assert (refused.exit_code, "HTTP 401: no key" in refused.stderr) == (2, True)
        assert fake.bodies == []
        assert run(url, "--api-key", "right").exit_code == 1
        assert run(url, env={"LLMX_API_KEY": "right"}).exit_code == 1


def test_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with start("test-cache", url, state=tmp_path) as process, killed_at_deadline(process):
            connection, _ = listener.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                _, stderr = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in stderr


# ── real servers, the agent's whole prompt: a minute each on a slow machine ───────────────────


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "verdict", "code"), [((), "VERIFIED", 0), (("--no-cache",), "NO_CACHE", 1)]
)
def test_our_server_is_verified_with_its_cache_and_found_out_without(
    options: tuple[str, ...], verdict: str, code: int, tmp_path: Path
) -> None:
    with serving(*options, state=tmp_path) as server:
        done = run(server.url, "--json")
    report = json.loads(done.stdout)
    assert (report["verdict"], done.exit_code) == (verdict, code), report["sentence"]
    assert [answer["state"] for answer in report["answers"]] == ["equal"] * 3


@pytest.mark.slow
def test_the_server_of_mlx_lm_is_verified_too(demo: Path, tmp_path: Path) -> None:
    with nobody() as url:
        pass  # the port is free again
    command = [sys.executable, "-m", "mlx_lm", "server", "--model", str(demo)]
    place = ["--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([*command, *place], stdout=log, stderr=log)
    try:
        ready = CliRunner().invoke(app, ["health", url, "--wait", "60"])
        assert ready.exit_code == 0, ready.output
        done = run(url, "--json")
    finally:
        process.terminate()
        process.wait(30)
    report = json.loads(done.stdout)
    assert (report["verdict"], done.exit_code) == ("VERIFIED", 0), report["sentence"]
    assert report["server"]["kind"] == "mlx_lm.server"
