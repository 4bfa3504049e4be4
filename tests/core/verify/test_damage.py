"""Caches that do wrong, around our own engine: one wrong token, a neighbour's entry, a false count.

The first over models of every family.
"""

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
from llmx.core.client.servers import generic
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.index.tokens import pack
from llmx.core.server.app import create_app
from llmx.core.types import Event, Finished, GenerationRequest, Prepared
from llmx.core.verify.asking import Speaker, measure
from llmx.core.verify.bench import Bench, Outcome
from llmx.core.verify.probes import c2_parity
from tests.core.verify.test_real_engine import verify
from tests.models import ARCHITECTURES, UNBATCHABLE, make_model
from tests.serving import running

TOKENS = 320  # of a prompt
MIDDLE = 106  # of the part that both prompts of a pair share
QUICK = (  # keys and values, a recurrent state
    ("qwen3", True),
    ("qwen3", False),
    ("mamba2", True),
)
FAMILIES = [
    pytest.param(
        family,
        is_known,
        id=f"{family}-{'ours' if is_known else 'unknown'}",
        marks=() if (family, is_known) in QUICK else pytest.mark.slow,
    )
    for family in ARCHITECTURES
    for is_known in (True, False)
]


class OneWrongToken(MLXEngine):
    """Its cache holds each prompt with another token in the middle. Who asks first, or past the
    cache, or under another salt, gets an answer to the right one."""

    _stored: tuple[tuple[str, tuple[int, ...]], ...] = ()  # namespace, tokens to the middle

    async def prepare(self, request: GenerationRequest) -> Prepared:
        prepared = await super().prepare(request)
        is_wrong = request.cache and _start_of(prepared) in self._stored
        return _with_a_wrong_token(prepared) if is_wrong else prepared

    async def generate(self, prepared: Prepared) -> AsyncGenerator[Event, None]:
        async with aclosing(super().generate(prepared)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    await self._store_wrong(prepared)
                yield event

    async def _store_wrong(self, prepared: Prepared) -> None:
        start = _start_of(prepared)
        if start is None or start in self._stored or not prepared.request.cache:
            return
        self._stored = (*self._stored, start)
        wrong = _with_a_wrong_token(prepared)
        request = replace(prepared.request, id=f"{prepared.request.id}-wrong", generate=False)
        async with aclosing(super().generate(replace(wrong, request=request))) as events:
            async for _ in events:
                pass


def _start_of(prepared: Prepared) -> tuple[str, tuple[int, ...]] | None:
    """None: no prompt that is long enough."""
    if prepared.prompt_tokens < TOKENS // 2:
        return None
    return prepared.request.namespace, prepared.tokens[:MIDDLE]


def _with_a_wrong_token(prepared: Prepared) -> Prepared:
    tokens = list(prepared.tokens)
    tokens[MIDDLE] = 301 if tokens[MIDDLE] == 300 else 300
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


def parity(engine: MLXEngine, *, is_known: bool = True) -> Outcome:
    """C2 alone. `is_known`: that the server is ours, which has a way past its cache."""

    async def ask(url: str) -> Outcome:
        def connect() -> ChatClient:
            return ChatClient(url, timeout_s=60)

        async with connect() as client:
            identity = await identify(client)
            if not is_known:
                identity = replace(identity, kind=None, server=generic.KIND)
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


@pytest.mark.parametrize(("family", "is_known"), FAMILIES)
def test_one_wrong_token_is_found_and_none_is_not(
    family: str, is_known: bool, tmp_path: Path
) -> None:
    folder = make_model(family, tmp_path / "model")
    sound = parity(MLXEngine.load(folder, EngineOptions()), is_known=is_known).probe
    assert sound.status == "pass", sound
    assert sound.evidence["noise"] is not None
    found = parity(OneWrongToken.load(folder, EngineOptions()), is_known=is_known)
    assert found.probe.status == "fail", found.probe
    assert [one.fault for one in found.findings] == ["CORRUPT"]


@pytest.mark.slow
@pytest.mark.parametrize("family", UNBATCHABLE)
def test_a_model_whose_state_is_not_stored_has_nothing_to_compare(
    family: str, tmp_path: Path
) -> None:
    engine = MLXEngine.load(make_model(family, tmp_path / "model"), EngineOptions())
    assert parity(engine).probe.status == "skip"


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
    assert [probe.status for probe in result.probes] == ["fail", "fail"], result.probes
