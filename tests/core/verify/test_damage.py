"""Probe C2 over models of every family: a cache with one wrong token in it, and one without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.client.identity import identify
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.index.tokens import pack
from llmx.core.server.app import create_app
from llmx.core.types import Event, Finished, GenerationRequest, Prepared
from llmx.core.verify.asking import Speaker, measure
from llmx.core.verify.bench import Bench, Outcome
from llmx.core.verify.probes import c2_parity
from tests.core.verify.test_real_engine import verify
from tests.models import make_model
from tests.serving import running

TOKENS = 320  # of a prompt
QUICK = ("qwen3", "mamba2")  # keys and values, a recurrent state
OTHERS = (
    "llama",
    "gemma3_text",
    "gpt_oss",
    "qwen3_next",
    "qwen3_5",
    "granitemoehybrid",
    "falcon_h1",
)
FAMILIES = [*QUICK, *(pytest.param(one, marks=pytest.mark.slow) for one in OTHERS)]


class OneWrongToken(MLXEngine):
    """Its cache holds prompts with another token in the middle: what is asked past it does not."""

    async def prepare(self, request: GenerationRequest) -> Prepared:
        prepared = await super().prepare(request)
        if not request.cache or prepared.prompt_tokens < TOKENS // 2:
            return prepared
        tokens = list(prepared.tokens)
        middle = TOKENS // 3  # of the part that both prompts of a pair share
        tokens[middle] = 301 if tokens[middle] == 300 else 300
        return replace(prepared, tokens=tuple(tokens), packed=pack(tokens))


class NeighboursEntry(MLXEngine):
    """Its cache finds what another conversation has stored in the place of one's own."""

    _before: tuple[int, ...] = ()

    async def prepare(self, request: GenerationRequest) -> Prepared:
        prepared = await super().prepare(request)
        if not request.cache or prepared.prompt_tokens < TOKENS // 2:
            return prepared
        others, self._before = self._before or prepared.tokens, self._before or prepared.tokens
        middle = min(TOKENS // 2, len(others))
        tokens = (*others[:middle], *prepared.tokens[middle:])
        return replace(prepared, tokens=tokens, packed=pack(tokens))


class TwiceTheCachedTokens(MLXEngine):
    """Reports them, and has them once."""

    async def generate(self, prepared: Prepared) -> AsyncGenerator[Event, None]:
        async with aclosing(super().generate(prepared)) as events:
            async for event in events:
                yield _doubled(event)


def _doubled(event: Event) -> Event:
    if not isinstance(event, Finished):
        return event
    twice = min(2 * event.usage.cached_tokens, 2 * event.usage.prompt_tokens)
    return replace(event, usage=replace(event.usage, cached_tokens=twice, written_tokens=0))


def parity(engine: MLXEngine) -> Outcome:
    async def ask(url: str) -> Outcome:
        def connect() -> ChatClient:
            return ChatClient(url, timeout_s=60)

        async with connect() as client:
            identity = await identify(client)
            speaker = Speaker(client, "chat", kind=identity.server)
            bench = Bench(
                speaker=speaker,
                identity=identity,
                lengths=await measure(speaker),
                length=TOKENS,
                line=None,
                cold_s=None,
                connect=connect,
                rng=Random(0),
                pause=asyncio.sleep,
            )
            return await c2_parity.run(bench)

    try:
        with running(create_app(engine)) as url:
            return asyncio.run(ask(url))
    finally:
        asyncio.run(engine.close())


@pytest.mark.parametrize("family", FAMILIES)
def test_one_wrong_token_is_found_and_none_is_not(family: str, tmp_path: Path) -> None:
    folder = make_model(family, tmp_path / "model")
    sound = parity(MLXEngine.load(folder, EngineOptions())).probe
    assert sound.status == "pass", sound
    found = parity(OneWrongToken.load(folder, EngineOptions()))
    assert found.probe.status == "fail", found.probe
    assert [one.fault for one in found.findings] == ["CORRUPT"]


def test_a_neighbours_entry_is_found(tmp_path: Path) -> None:
    folder = make_model("qwen3", tmp_path / "model")
    found = parity(NeighboursEntry.load(folder, EngineOptions()))
    assert found.probe.status == "fail", found.probe
    assert [one.fault for one in found.findings] == ["CORRUPT"]


def test_twice_the_cached_tokens_are_an_overclaim(tmp_path: Path) -> None:
    engine = TwiceTheCachedTokens.load(make_model("qwen3", tmp_path / "model"), EngineOptions())
    try:
        result = verify(engine, only=("A1", "A2"))
    finally:
        asyncio.run(engine.close())
    assert (result.verdict, result.exit_code) == ("OVERCLAIM", 1), result.sentence
    assert [probe.status for probe in result.probes] == ["fail", "fail"]
