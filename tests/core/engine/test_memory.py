"""Bytes: a shared prefix is held once, and the budget holds at every step, by MLX's own count."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
from collections.abc import Iterator

import mlx.core as mx
import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.engine.scheduler import Scheduler
from llmx.core.types import CacheEntry
from tests.asking import request_of
from tests.core.engine.support import ATTENTION, Desk, idle, words

KINDS = ["qwen3", "gemma3_text", "granitemoehybrid"]  # rows; rows and windows; rows and states
CONVERSATIONS = 30


def live_bytes() -> int:
    """By MLX's own count, without what closed engines of other tests have left to the collector."""
    gc.collect()
    return mx.get_active_memory()


@pytest.mark.parametrize("desk", KINDS, indirect=True)
@pytest.mark.parametrize(
    "system_words", [700, pytest.param(3200, marks=pytest.mark.slow)], ids=["2k", "9k"]
)
def test_conversations_over_one_system_prompt_hold_it_once(desk: Desk, system_words: int) -> None:
    """At most 1.15 x (one system prompt + 30 suffixes) of rows, and the books are right."""
    token_bytes = desk.engine._layout.token_bytes
    system = ("system", words(system_words, 1))

    async def talk() -> tuple[int, int, list[CacheEntry]]:
        """Bytes before, tokens that had to be held, segments after."""
        await desk.engine.clear_cache()
        before, distinct = live_bytes(), 0
        for number in range(CONVERSATIONS):
            request = desk.request([system, ("user", words(20, 100 + number))])
            (heard,) = await desk.ask(request)
            shared = heard.prepared.boundaries[1].position if number else 0
            distinct += len(heard.tokens) + len(heard.run.tokens) - shared
            assert heard.matched >= 0.95 * shared
        await idle(desk.engine)
        return before, distinct, list(await desk.engine.cache_entries(10_000))

    before, distinct, entries = asyncio.run(talk())
    held = mx.get_active_memory() - before
    stored = desk.engine.stats().cache.stored_bytes
    assert held == pytest.approx(stored, rel=0.02)
    assert sum(entry.nbytes for entry in entries) == stored
    rows = sum(entry.nbytes - entry.state_bytes for entry in entries)
    assert rows <= 1.15 * distinct * token_bytes
    if desk.family in ATTENTION:
        assert held <= 1.15 * distinct * token_bytes


@pytest.mark.parametrize("desk", KINDS, indirect=True)
def test_what_is_cleared_is_given_back_at_once(desk: Desk) -> None:
    """Not when Python's collector comes by: parents and children of a tree are a cycle."""

    async def fill_and_clear() -> tuple[int, int]:
        await desk.engine.clear_cache()
        for number in range(4):
            asked = [("system", words(60, 1)), ("user", words(30, number))]
            await desk.ask(desk.request(asked))
        await idle(desk.engine)
        before = live_bytes()
        gc.disable()
        try:
            return await desk.engine.clear_cache(), before - mx.get_active_memory()
        finally:
            gc.enable()

    told, given_back = asyncio.run(fill_and_clear())
    assert told > 0
    assert given_back == pytest.approx(told, rel=0.02)


class StepWatch:
    """Live bytes after every step of every scheduler, the weights of all models included."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.highest = 0
        self.steps = 0
        self.over_the_books = 0  # steps after which the books said more than the budget
        step = Scheduler.step

        def watched(scheduler: Scheduler) -> None:
            step(scheduler)
            mx.synchronize()  # what is computed ahead has buffers that come and go
            self.steps += 1
            self.highest = max(self.highest, mx.get_active_memory())
            stats = scheduler.cache.stats(scheduler.running_bytes)
            assert stats.budget_bytes is not None
            self.over_the_books += stats.stored_bytes + stats.running_bytes > stats.budget_bytes

        patch.setattr(Scheduler, "step", watched)


@pytest.fixture
def watch() -> Iterator[StepWatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield StepWatch(patch)


async def soak(engine: MLXEngine, requests: int) -> None:
    """Random requests over a few prefixes, four clients at a time; every fifth leaves early."""
    rng = random.Random(7)
    prefixes = [words(count, count) for count in (20, 60, 120)]
    left = iter(range(requests))

    async def client() -> None:
        for number in left:
            asked = request_of(
                [
                    ("system", rng.choice(prefixes)),
                    ("user", words(rng.randrange(1, 120), rng.randrange(requests))),
                ],
                max_tokens=rng.randrange(1, 24),
            )
            events = engine.generate(await engine.prepare(asked))
            patience = rng.randrange(1, 6) if number % 5 == 0 else None
            async with contextlib.aclosing(events):
                seen = 0
                async for _ in events:
                    seen += 1
                    if seen == patience:
                        break

    await asyncio.gather(*(client() for _ in range(4)))
    await idle(engine)


@pytest.mark.parametrize(
    ("desk", "requests"),
    [
        *((kind, 150) for kind in KINDS),
        *(pytest.param(kind, 10_000, marks=pytest.mark.slow) for kind in (KINDS[0], KINDS[-1])),
    ],
    indirect=["desk"],
)
def test_the_budget_holds_at_every_step_of_a_soak(
    desk: Desk, watch: StepWatch, requests: int
) -> None:
    """Stored and running state together, within 2 %, by MLX's own count of live bytes."""
    # Rows of logits and the like are live as well: 2 % of the budget has to be more than those.
    budget = desk.engine._layout.nbytes(12 * 1024)
    engine = desk.another(cache_ram=budget, max_running=4)
    try:
        before = live_bytes()
        asyncio.run(soak(engine, requests))
        stats = engine.stats()
        assert stats.state == "ready"
        assert stats.finished["cancelled"] > 0
        assert sum(stats.finished.values()) == requests
        assert stats.finished.get("error", 0) == 0
        assert stats.cache.evicted_tokens > 0, "the budget was never under pressure"
        assert watch.steps > requests
        assert watch.over_the_books == 0
        assert watch.highest - before <= 1.02 * budget
        assert stats.cache.running_bytes == 0
        assert mx.get_active_memory() - before == pytest.approx(stats.cache.stored_bytes, rel=0.02)
    finally:
        asyncio.run(engine.close())
