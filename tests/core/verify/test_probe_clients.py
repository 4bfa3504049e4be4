"""I1 of keys and fields: told where nothing is promised, a fault where it is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from llmx.core.verify.result import Probe, Result
from llmx.core.verify.session import Wanted, run
from tests.core.verify.fakes import Fake
from tests.core.verify.test_session import SLOW_S, verify
from tests.models import make_model
from tests.serving import running


def asked(**traits: Any) -> tuple[Result, Probe]:
    result = verify(Fake(prefill_s=SLOW_S, **traits), only=("I1",))
    return result, result.probes[-1]


def clients(probe: Probe) -> object:
    return probe.evidence["clients"]


def test_keys_that_a_server_says_it_keeps_apart_pass() -> None:
    _, probe = asked(per_key=True, separates=("cache_salt", "key"))
    assert probe.status == "pass", probe
    assert clients(probe) == {"prompt_cache_key": True, "user": True, "API keys": False}
    assert probe.why.endswith("shared across user; kept apart by API keys")


def test_keys_that_it_does_not_keep_apart_are_a_leak() -> None:
    result, probe = asked(per_key=True, separates=("cache_salt",))
    assert (probe.status, result.verdict) == ("fail", "LEAK"), probe
    assert "across two API keys" in probe.why


@pytest.mark.parametrize("separates", [(), ("key",), ("user", "prompt_cache_key")])
def test_of_others_it_is_told_and_no_fault(separates: tuple[str, ...]) -> None:
    """A server that promises nothing; that it takes a salt and ignores it is asked of it here."""
    _, probe = asked(separates=("cache_salt", *separates))
    assert probe.status == "pass", probe
    told = {"prompt_cache_key": True, "user": True, "API keys": True}
    names = ["API keys" if one == "key" else one for one in separates]
    assert clients(probe) == {**told, **dict.fromkeys(names, False)}


def test_a_server_that_lets_no_made_up_key_in_is_not_asked_further() -> None:
    result, probe = asked(separates=("cache_salt",), api_key="right")
    assert (probe.status, result.basis.died) == ("pass", None), probe
    assert probe.why.endswith("not known across API keys")


@pytest.mark.slow
@pytest.mark.parametrize("per_key", [True, False], ids=["per key", "for all"])
def test_our_own_server_is_no_leak_whatever_it_was_told(per_key: bool, tmp_path: Path) -> None:
    engine = MLXEngine.load(make_model("qwen3", tmp_path / "model"), EngineOptions())

    def computed_s() -> float:
        done = engine.stats().cache
        return (done.prompt_tokens - done.cached_tokens) * SLOW_S

    async def ask(url: str) -> Result:
        def connect() -> ChatClient:
            return ChatClient(url, clock=computed_s)

        async with connect() as client:
            return await run(client, Wanted(only=("I1",)), connect=connect, environment={})

    try:
        with running(create_app(engine, cache_per_key=per_key)) as url:
            probe = asyncio.run(ask(url)).probes[-1]
    finally:
        asyncio.run(engine.close())
    assert probe.status == "pass", probe
    assert clients(probe) == {"prompt_cache_key": True, "user": True, "API keys": not per_key}
