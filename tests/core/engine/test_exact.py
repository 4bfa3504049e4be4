"""`--exact`: after a hit the model is called as in a cold run, so its answer is equal by the bit.

The forward of the model is listened to. What a warm run computes must be the tail of what the cold
run of the same prompt computes: same absolute starts, same lengths, one row each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import numpy as np
import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.types import Message
from tests.core.engine.support import CHUNK, Conversation, Desk, Forward, Heard, words

SYSTEM = ("system", words(56, 1))  # several steps of the grid
QUESTION = ("user", words(6, 3))

Call = tuple[int, int, int]  # absolute start, length, rows
Ask = Callable[[Conversation], Awaitable[Heard]]
Way = Callable[[Ask], Awaitable[Conversation]]  # fills the cache; what to ask then


async def repeat(ask: Ask) -> Conversation:
    await ask([SYSTEM, QUESTION])
    return [SYSTEM, QUESTION]


async def extend(ask: Ask, question: tuple[str, str] = QUESTION) -> Conversation:
    first = await ask([SYSTEM, question])
    return [SYSTEM, question, ("assistant", first.answer.text), ("user", words(30, 4))]


async def diverge(ask: Ask) -> Conversation:
    await ask([SYSTEM, ("user", words(40, 5))])
    return [SYSTEM, ("user", words(40, 5)[:-30] + words(20, 6))]


async def tool_loop(ask: Ask) -> Conversation:
    first = await ask([SYSTEM, QUESTION])
    turn = [SYSTEM, QUESTION, ("assistant", first.answer.text), Message("tool", words(30, 7))]
    second = await ask(turn)
    return [*turn, ("assistant", second.answer.text), Message("tool", words(9, 8))]


WAYS: dict[str, Way] = {way.__name__: way for way in (repeat, extend, diverge, tool_loop)}


@pytest.fixture(scope="module")
def exact(desk: Desk) -> Iterator[MLXEngine]:
    engine = desk.another(exact=True)
    yield engine
    asyncio.run(engine.close())


def prefill(calls: Sequence[Forward], heard: Heard) -> list[Call]:
    """The calls that computed the prompt. Checks that they did so in order, each token once."""
    history = [*heard.tokens, *heard.run.tokens]
    start, schedule = heard.matched, list[Call]()
    for call in calls:
        if start >= len(heard.tokens):
            break
        assert call.start in (None, start)
        assert call.tokens[0].tolist() == history[start : start + call.length]
        schedule.append((start, call.length, call.rows))
        start += call.length
    assert start == len(heard.tokens)
    return schedule


def is_tail(warm: list[Call], cold: list[Call]) -> bool:
    return cold[len(cold) - len(warm) :] == warm


async def warm_and_cold(
    desk: Desk, engine: MLXEngine, way: Way
) -> tuple[tuple[Heard, list[Call]], tuple[Heard, list[Call]]]:
    """The same request after `way`, and with nothing stored; each with how it was computed."""

    async def ask(messages: Conversation) -> Heard:
        return (await desk.ask(desk.request(messages), engine=engine))[0]

    await engine.clear_cache()
    conversation = await way(ask)
    with desk.forwards.heard() as calls:
        warm = await ask(conversation)
    warm_calls = prefill(calls, warm)
    await engine.clear_cache()
    with desk.forwards.heard() as calls:
        cold = await ask(conversation)
    assert warm.matched > cold.matched == 0
    return (warm, warm_calls), (cold, prefill(calls, cold))


@pytest.mark.parametrize("way", WAYS)
def test_a_warm_run_computes_the_tail_of_the_cold_run_bit_by_bit(
    desk: Desk, exact: MLXEngine, way: str
) -> None:
    (warm, warm_calls), (cold, cold_calls) = asyncio.run(warm_and_cold(desk, exact, WAYS[way]))
    assert is_tail(warm_calls, cold_calls)
    assert len(cold_calls) > 2, "one call for all proves nothing"
    assert len(warm_calls) < len(cold_calls)
    assert {rows for _, _, rows in cold_calls} == {1}
    assert warm.run.tokens == cold.run.tokens
    assert np.array_equal(warm.run.logprobs, cold.run.logprobs)
    desk.check(warm)


def test_rows_are_computed_one_at_a_time_beside_others(desk: Desk, exact: MLXEngine) -> None:
    """So that the length of a neighbour changes no shape."""

    async def together() -> list[Heard]:
        await exact.clear_cache()
        requests = [desk.request([("user", words(count, count))]) for count in (20, 45, 70)]
        return await desk.ask(*requests, engine=exact)

    with desk.forwards.heard() as calls:
        heard = asyncio.run(together())
    assert all(call.rows == 1 for call in calls if call.length > 1)
    for one in heard:
        desk.check(one)


def test_a_schedule_that_is_not_aligned_is_found(desk: Desk) -> None:
    """The test of the test: without `--exact` the reply is reused up to where it ends, which is no
    place where a cold run would begin a chunk."""

    async def off_the_grid(ask: Ask) -> Conversation:
        return await extend(ask, ("user", words(9, 5)))

    (hit, warm), (_, cold) = asyncio.run(warm_and_cold(desk, desk.engine, off_the_grid))
    assert hit.matched % CHUNK != 0
    assert not is_tail(warm, cold)
