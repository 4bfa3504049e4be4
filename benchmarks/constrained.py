"""(i) Seven free rows beside one that is held to a JSON Schema, and beside an eighth free one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.goals import Goal
from benchmarks.raw import Heard, chat_body
from benchmarks.readings import Reading, Unit
from benchmarks.servers import Costed
from benchmarks.task import Task, middle, quotient
from benchmarks.workload import Message, question
from llmx.core.types import Json

ROWS = 8
# The model would rather go on with words than end the string, so this row runs as long as the rest.
_SCHEMA: Json = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
FORMAT: Json = {
    "type": "json_schema",
    "json_schema": {"name": "said", "strict": True, "schema": _SCHEMA},
}


@dataclass(frozen=True, slots=True)
class Herd:
    """Eight rows that were decoded together."""

    costed: Costed[list[Heard]]

    @property
    def tokens(self) -> int | None:
        """None where a row ended before the others: what the rest cost then says nothing."""
        counts = {heard.completion_tokens for heard in self.costed.result}
        (count,) = counts if len(counts) == 1 else (None,)
        return None if count is None else ROWS * count

    @property
    def cpu_us(self) -> float | None:
        """Of the whole server, for each token of any row."""
        return quotient(1e6 * self.costed.cpu_s, self.tokens)

    @property
    def rate(self) -> float | None:
        """Tokens per second of the seven free rows."""
        tokens = self.tokens
        return None if tokens is None else tokens * (ROWS - 1) / ROWS / self.costed.wall_s


async def constrained(task: Task) -> list[Reading]:
    """Pairs that follow each other, in turning order, over one prefix that is known."""
    agent, nonce = task.agent(task.scale.brief), task.fresh()
    herds: dict[bool, list[Herd]] = {True: [], False: []}
    for number in range(task.scale.herd_repeats + 1):  # the first compiles, and is not counted
        for is_held in (True, False) if number % 2 else (False, True):
            asked = [agent.opening(nonce, question(100 + row)) for row in range(ROWS)]
            herd = Herd(await _together(task, asked, is_held=is_held))
            if number:
                herds[is_held].append(herd)
    free, beside = middle([h.cpu_us for h in herds[False]]), middle([h.cpu_us for h in herds[True]])
    slow, fast = middle([h.rate for h in herds[True]]), middle([h.rate for h in herds[False]])
    return [
        Reading(f"{ROWS} free rows", Unit.CPU_US_TOKEN, free),
        Reading(f"{ROWS} free rows, seven of them", Unit.TOKEN_RATE, fast),
        Reading("7 free rows and a constrained one", Unit.CPU_US_TOKEN, beside),
        Reading("7 free rows and a constrained one, the free ones", Unit.TOKEN_RATE, slow),
        Reading(
            "a constrained row beside seven, CPU", Unit.OF_FREE, quotient(beside, free), Goal.HELD
        ),
        Reading("a constrained row beside seven, time", Unit.OF_FREE, quotient(fast, slow)),
    ]


async def _together(
    task: Task, asked: Sequence[Sequence[Message]], *, is_held: bool
) -> Costed[list[Heard]]:
    count = task.scale.held_tokens
    bodies = [chat_body(messages, count) for messages in asked]
    if is_held:
        bodies[0] = chat_body(asked[0], count, response_format=FORMAT)
    with ExitStack() as stack:
        clients = [stack.enter_context(task.server.raw_client()) for _ in bodies]

        async def ask_all() -> list[Heard]:
            asking = (client.chat(body) for client, body in zip(clients, bodies, strict=True))
            return await asyncio.gather(*asking)

        return await task.server.cost_of(ask_all())
