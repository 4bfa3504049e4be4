"""An agent at work: ten turns, each ends with a tool's result; little is computed twice."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import pytest

from llmx.core.types import Message, ToolCall
from tests.core.engine.support import Desk, Heard, words

TURNS = 10
REUSED = 0.95  # of the prompt before, at least


async def loop(desk: Desk, number: int) -> list[Heard]:
    """The answers of one agent, each of ten turns asked after the one before."""
    turn = [
        Message("system", words(40, 1)),
        Message("user", words(8, 100 * number + 2)),
    ]
    heard: list[Heard] = []
    for step in range(TURNS):
        (said,) = await desk.ask(desk.request(turn))
        heard.append(said)
        seed = 1000 * number + 10 * step
        call = ToolCall(f"call-{step}", "look", json.dumps({"place": words(2, seed + 3)}))
        turn += [
            Message("assistant", said.answer.text, tool_calls=(call,)),
            Message("tool", words(5 + step % 4, seed + 4), tool_call_id=call.id, name="look"),
        ]
    return heard


@pytest.mark.parametrize("agents", [1, 4])
def test_every_turn_reuses_the_prompt_before_it(desk: Desk, agents: int) -> None:
    async def work() -> list[list[Heard]]:
        await desk.engine.clear_cache()
        return list(await asyncio.gather(*(loop(desk, number) for number in range(agents))))

    for heard in asyncio.run(work()):
        for before, after in pairwise(heard):
            assert after.tokens[: len(before.tokens)] == before.tokens, "the test is not a loop"
            assert after.matched >= REUSED * len(before.tokens)
        for one in heard[:: TURNS // 2] if agents > 1 else heard:
            desk.check(one)
