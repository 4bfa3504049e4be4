"""`llmx health`: what it prints and how it exits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.core.server.run import bind
from llmx.core.server.waiting_room import waiting_room
from tests.core.client.raw import nobody, silence
from tests.core.server.support import house
from tests.core.supervise.fakes import Server, health_body
from tests.serving import running


def run(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["health", *args], env={"LLMX_API_KEY": None, **(env or {})})


def test_a_healthy_server_is_a_line_per_layer_and_exit_0() -> None:
    with running(Server().app()) as url:
        done = run(f"{url}/v1/")
    assert (done.exit_code, done.stderr) == (0, "")
    head, *layers, last = done.stdout.splitlines()
    assert head == f"{url}, llmx 0.1.0"
    assert [line.split()[:2] for line in layers] == [
        ["OK", name] for name in ("reachable", "http", "model", "canary", "engine", "cache")
    ]
    assert last == "healthy"
    assert "\x1b" not in done.output


def test_the_way_to_a_fast_blas_is_shown_below_the_engine() -> None:
    said = health_body()
    said["model"] |= {"blas_advice": "apt-get install it"}
    with running(Server(health=[said]).app()) as url:
        lines = run(url).stdout.splitlines()
    assert lines[5].split()[:2] == ["OK", "engine"]
    assert lines[6].strip() == "▸ apt-get install it"


@pytest.mark.parametrize(
    ("server", "code", "last"),
    [
        (Server(chat="nothing"), 1, "degraded: HTTP 200, but the answer is empty"),
        (Server(health=[{}], health_status=503), 3, "not ready: GET /health: HTTP 503"),
        (Server(health=[{}], chat="never"), 5, "hung: no token within 0.2 s"),
    ],
)
def test_each_condition_has_its_exit_code_and_says_it_last(
    server: Server, code: int, last: str
) -> None:
    with running(server.app()) as url:
        done = run(url, "--deadline", "0.2")
    assert done.exit_code == code
    assert done.stdout.splitlines()[-1].startswith(last)


def test_a_server_that_still_loads_is_known_by_its_name() -> None:
    with bind("127.0.0.1", 0) as sock, waiting_room(sock):
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        done = run(url)
    assert done.exit_code == 3
    assert done.stdout.splitlines()[0] == f"{url}, llmx 0.1.0"
    assert "llmx health --wait" in done.stdout


@pytest.mark.parametrize(("place", "code"), [(nobody, 4), (silence, 5)])
def test_a_server_that_is_not_there_or_does_not_answer(place: Any, code: int) -> None:
    with place() as url:
        done = run(url, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["exit_code"], report["status"]) == (code, code, "fail")
    assert report["checks"]["http" if code == 5 else "reachable"]["fix"]


@pytest.mark.parametrize("args", [("ftp://x",), ("--deadline", "0"), ("--wait", "-1")])
def test_wrong_use_is_exit_2(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_key_is_asked_for_by_name_and_taken_from_the_variable() -> None:
    with house(["x"], api_key="right") as server:
        refused = run(server.url)
        assert (refused.exit_code, "LLMX_API_KEY" in refused.stderr) == (2, True)
        assert run(server.url, env={"LLMX_API_KEY": "right"}).exit_code == 0


def test_waiting_ends_with_the_limit() -> None:
    with running(Server(health=[{}], health_status=503).app()) as url:
        assert run(url, "--wait", "0.1").exit_code == 3
    with running(Server().app()) as url:
        assert run(url, "--wait", "60").exit_code == 0
