"""One look at a server: each way to be unwell has its own condition and exit code."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llmx.core.errors import ConfigError
from llmx.core.supervise.health import HealthReport, check, wait_until_ready
from llmx.core.supervise.layers import Layer
from tests.core.client.raw import nobody, sending, silence
from tests.core.server.support import house
from tests.core.supervise.fakes import Server, health_body
from tests.serving import running


def report(server: Server, *, deadline_s: float = 10, **options: Any) -> HealthReport:
    with running(server.app()) as url:
        return asyncio.run(check(url, deadline_s=deadline_s, **options))


def layer(found: HealthReport, name: str) -> Layer:
    (one,) = (layer for layer in found.layers if layer.name == name)
    return one


def states(found: HealthReport) -> dict[str, str]:
    return {layer.name: layer.state for layer in found.layers}


# ── healthy ───────────────────────────────────────────────────────────────────────────────────


def test_our_own_server_is_healthy_in_every_layer() -> None:
    with house(["x"]) as server:
        found = asyncio.run(check(server.url))
        (request,) = server.engine.requests
    assert (found.condition, found.exit_code, found.sentence) == ("healthy", 0, "healthy")
    assert set(states(found)) == {"reachable", "http", "model", "canary", "engine", "cache"}
    assert {states(found)[name] for name in ("reachable", "http", "model", "canary")} == {"OK"}
    assert request.sampling.max_tokens == 1
    assert found.model == "scripted"
    assert found.server is not None
    assert found.server.kind == "llmx"


def test_the_owner_of_the_port_is_named_where_the_system_tells_it() -> None:
    found = report(Server())
    evidence = layer(found, "reachable").evidence
    assert "accepts connections" in evidence
    assert "pid" in evidence or "127.0.0.1" in evidence


def test_a_server_that_says_little_is_healthy_by_its_token_and_unknown_in_the_rest() -> None:
    found = report(Server(health=[None], models=None, chat="uncounted"))
    assert found.exit_code == 1  # neither /health nor /v1/models: the URL may be wrong
    found = report(Server(health=[None], chat="uncounted"))
    assert (found.condition, found.exit_code) == ("healthy", 0)
    assert (states(found)["engine"], states(found)["cache"]) == ("UNKNOWN", "UNKNOWN")
    assert "GET /v1/models: HTTP 200" in layer(found, "http").evidence


def test_a_slow_blas_comes_with_the_way_to_a_fast_one() -> None:
    said = health_body()
    said["model"] |= {"blas": "reference BLAS", "blas_advice": "apt-get install it"}
    found = report(Server(health=[said]))
    engine = layer(found, "engine")
    assert (engine.state, engine.fix) == ("OK", "apt-get install it")
    assert "reference BLAS" in engine.evidence
    assert layer(report(Server()), "engine").fix is None


def test_the_cache_is_described_and_not_judged() -> None:
    assert layer(report(Server()), "cache").evidence == "on, 1 GB of 4 GB used"
    off = health_body()
    off["cache"] = {"enabled": False}
    assert states(report(Server(health=[off])))["cache"] == "SKIP"
    not_cacheable = health_body()
    not_cacheable["model"] |= {"cacheable": False, "not_cacheable_because": "it has windows"}
    assert "it has windows" in layer(report(Server(health=[not_cacheable])), "cache").evidence


# ── a token is the proof ──────────────────────────────────────────────────────────────────────


def test_an_answer_without_a_token_is_a_failure_whatever_the_status() -> None:
    found = report(Server(chat="nothing"))
    assert (found.condition, found.exit_code) == ("degraded", 1)
    assert layer(found, "canary").state == "FAIL"
    assert "no token was counted" in found.sentence


@pytest.mark.parametrize(
    ("chat", "evidence"),
    [("text, counted as none", "did not move"), ("three tokens", "though one was asked for")],
)
def test_a_doubtful_token_is_a_warning_that_the_last_line_keeps(chat: Any, evidence: str) -> None:
    found = report(Server(chat=chat))
    assert evidence in layer(found, "canary").evidence
    assert (found.sentence, found.exit_code) == ("healthy, 1 warning", 0)


@pytest.mark.parametrize(
    ("status", "condition"),
    [(500, "degraded"), (404, "degraded"), (429, "degraded"), (503, "not ready")],
)
def test_a_refused_canary_is_told_by_its_status(status: int, condition: str) -> None:
    found = report(Server(chat_status=status))
    assert found.condition == condition
    assert "not like this" in found.sentence


# ── busy or hung ──────────────────────────────────────────────────────────────────────────────


def late(*bodies: Any) -> HealthReport:
    return report(Server(health=list(bodies), chat="never"), deadline_s=0.2)


def test_a_late_canary_with_an_advancing_engine_is_busy_and_not_hung() -> None:
    found = late(health_body(steps=10, running=1), health_body(steps=12, running=2))
    assert (found.condition, found.exit_code) == ("healthy", 0)
    assert layer(found, "canary").state == "WARN"
    assert "2 steps meanwhile: busy, not hung" in layer(found, "canary").evidence


@pytest.mark.parametrize(
    ("bodies", "evidence"),
    [
        ([health_body(running=1)], "the engine made no step"),
        ([health_body(running=0)], "the engine does nothing"),
        ([{"status": "ok"}], "this server does not say which"),
    ],
)
def test_a_late_canary_without_progress_is_hung_and_says_how_sure_that_is(
    bodies: list[Any], evidence: str
) -> None:
    found = late(*bodies)
    assert (found.condition, found.exit_code) == ("hung", 5)
    assert evidence in found.sentence


def test_a_server_that_accepts_and_never_answers_is_hung_within_the_budget() -> None:
    with silence() as url:
        found = asyncio.run(asyncio.wait_for(check(url), 20))
    assert (found.condition, found.exit_code) == ("hung", 5)
    assert states(found) == {"reachable": "OK", "http": "FAIL"}
    assert "--wait" in (layer(found, "http").fix or "")


# ── not there, not ready, not for us ──────────────────────────────────────────────────────────


def test_nobody_at_the_url_is_unreachable_and_asks_nothing_more() -> None:
    with nobody() as url:
        found = asyncio.run(check(url))
    assert (found.condition, found.exit_code) == ("unreachable", 4)
    assert states(found) == {"reachable": "FAIL"}
    assert "connection refused" in found.sentence
    assert layer(found, "reachable").fix == "start it: llmx serve"


def test_an_unknown_name_is_unreachable() -> None:
    found = asyncio.run(check("http://nowhere.invalid:1"))
    assert (found.condition, "nowhere.invalid:1" in found.sentence) == ("unreachable", True)


def test_a_port_that_breaks_off_is_no_server() -> None:
    with sending(b"SSH-2.0-OpenSSH\r\n") as url:
        found = asyncio.run(check(url))
    assert (found.condition, found.exit_code) == ("unreachable", 4)


@pytest.mark.parametrize("body", [{"status": "loading"}, {"status": "unavailable"}, {}, "no"])
def test_a_503_is_not_ready(body: Any) -> None:
    server = Server(health=[body], health_status=503)
    found = report(server)
    assert (found.condition, found.exit_code, server.chats) == ("not ready", 3, 0)


def test_a_failed_engine_is_no_matter_of_waiting() -> None:
    said = health_body(status="failed", fault="Metal ran out of memory")
    found = report(Server(health=[said], health_status=503, chat_status=503))
    assert layer(found, "http").state == "FAIL"
    assert "Metal ran out of memory" in layer(found, "http").evidence
    assert (found.condition, found.exit_code) == ("degraded", 1)


def test_a_missing_key_is_wrong_use_and_no_state_of_the_server() -> None:
    with house(["x"], api_key="right") as server:
        with pytest.raises(ConfigError, match="LLMX_API_KEY"):
            asyncio.run(check(server.url))
        assert asyncio.run(check(server.url, api_key="right")).exit_code == 0


def test_of_several_models_one_must_be_chosen() -> None:
    with pytest.raises(ConfigError, match="choose with --model"):
        report(Server(models=["a", "b"], health=[{"status": "ok"}]))
    assert report(Server(models=["a", "b"], health=[{}]), model="b").model == "b"


# ── waiting ───────────────────────────────────────────────────────────────────────────────────


def test_waiting_ends_when_the_model_is_loaded() -> None:
    server = Server(health_status=503)

    async def load_while_waiting(url: str) -> HealthReport:
        waiting = asyncio.create_task(wait_until_ready(url, limit_s=30))
        while not server.asked:
            await asyncio.sleep(0.01)
        server.health_status = 200
        return await waiting

    with running(server.app()) as url:
        found = asyncio.run(load_while_waiting(url))
    assert (found.condition, found.exit_code) == ("healthy", 0)


def test_waiting_ends_at_its_limit_with_the_last_report() -> None:
    server = Server(health=[{"status": "loading"}], health_status=503)
    with running(server.app()) as url:
        found = asyncio.run(wait_until_ready(url, limit_s=0.1))
    assert (found.condition, found.exit_code) == ("not ready", 3)


def test_the_document_has_the_shape_of_health_json() -> None:
    document = report(Server(health=[{"status": "ok"}], models=None)).to_json()
    assert (document["v"], document["status"], document["exit_code"]) == (1, "pass", 0)
    assert document["checks"]["canary"]["status"] == "pass"
    assert document["checks"]["canary"]["observedUnit"] == "s"
    assert document["checks"]["engine"] == {
        "status": None,
        "state": "UNKNOWN",
        "observedValue": None,
        "observedUnit": "s",
        "evidence": "this server does not describe its engine",
        "fix": None,
    }
    assert document["server"] == {"kind": None, "version": None}
