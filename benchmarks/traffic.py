"""(e), (f) Requests as fast as they are answered, and a stream beside a prefill."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing, suppress

from benchmarks.goals import Goal
from benchmarks.load import hammer
from benchmarks.raw import chat_body, longest_gap_s, speaks
from benchmarks.readings import Reading, Unit
from benchmarks.servers import HOST
from benchmarks.task import Task
from benchmarks.workload import question

FLOWING = 20  # pieces of a stream after which it counts as running


async def requests(task: Task) -> list[Reading]:
    """Requests for one token. What the client takes is a part of what two cores give."""
    readings: list[Reading] = []
    count = task.scale.requests
    for clients, times, goal in ((1, 1, Goal.RATE_ONE), (task.scale.clients, 2, Goal.RATE_MANY)):
        sent = hammer(
            HOST,
            task.server.port,
            clients=clients,
            requests=times * count,
            nonce=task.fresh(clients),
        )
        costed = await task.server.cost_of(sent)
        row = f"one-token requests, {clients} client{'' if clients == 1 else 's'}"
        each = 1e3 / (times * count)
        readings += [
            Reading(row, Unit.REQUEST_RATE, times * count / costed.wall_s, goal),
            Reading(f"{row}, each", Unit.CPU_MS, each * costed.cpu_s),
            Reading(f"{row}, each", Unit.CLIENT_CPU_MS, each * costed.result.client_cpu_s),
        ]
    return readings


async def gap(task: Task) -> list[Reading]:
    """The longest silence of a stream that runs while a cold, long prompt is computed."""
    pieces: list[float] = []
    flowing = asyncio.Event()
    opening = task.agent(task.scale.long).opening(task.fresh(), question(0))
    stream = asyncio.create_task(_listen(task, pieces, flowing))
    waiting = asyncio.create_task(flowing.wait())
    try:
        await asyncio.wait((stream, waiting), return_when=asyncio.FIRST_COMPLETED)
        begun = time.perf_counter()
        with task.server.raw_client() as client:
            await client.chat(chat_body(opening, 1))
        ended = time.perf_counter()
        is_over = stream.done()  # then nothing ran beside the prompt's end
    finally:
        waiting.cancel()
        stream.cancel()
        with suppress(asyncio.CancelledError):
            await stream
    await task.server.settle()
    moments = [begun, *(at for at in pieces if begun < at < ended), ended]
    row = "longest gap of a stream beside a cold prompt"
    return [
        Reading(row, Unit.WALL, None if is_over else longest_gap_s(moments), Goal.GAP),
        Reading(f"{row}, which took", Unit.WALL, ended - begun),
    ]


async def _listen(task: Task, pieces: list[float], flowing: asyncio.Event) -> None:
    """Read one long answer; note the moment of each piece of it."""
    told = [{"role": "user", "content": f"{task.fresh('stream')} tell a long story"}]
    with task.server.raw_client() as client:
        async with aclosing(client.portions(chat_body(told, task.scale.stream_tokens))) as portions:
            async for portion in portions:
                if speaks(portion):
                    pieces.append(portion.at)
                if len(pieces) >= FLOWING:
                    flowing.set()
