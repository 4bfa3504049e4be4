"""(g) What a request costs after its client has left: in a stream, without one, in prefill.

The unit is the CPU of one chunk of a prefill, taken of bare mlx-lm where a chunk costs most, at the
end of the long prompt. A chunk that is under way when the client leaves is ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from statistics import median

from benchmarks.goals import Goal
from benchmarks.raw import RawClient, chat_body, speaks
from benchmarks.readings import Reading, Unit
from benchmarks.servers import Server
from benchmarks.task import Task, difference, quotient
from benchmarks.workload import Message, question

CHUNK = 512  # tokens
TIMES = 3  # that the cost of a chunk is taken
FLOWING = 20  # pieces of a stream after which the client leaves
DECODING_CPU_S = 0.15  # after which a short prompt is computed and its answer has begun
PREFILLING = 0.3  # of the CPU of the whole prompt, after which the client leaves
POLL_S = 0.002

IsMidway = Callable[[], bool]
# Within its context a request is under way, unless `IsMidway` denies it; with it the client leaves.
Leaving = Callable[[RawClient, bytes], AbstractAsyncContextManager[IsMidway]]


async def leave(task: Task) -> list[Reading]:
    server, scale = task.server, task.scale
    chunk_s = await _chunk_cpu_s(task)
    agent = task.agent(scale.long)

    async def whole() -> None:
        with server.raw_client() as client:
            await client.chat(chat_body(agent.opening(task.fresh(0), question(0)), 1))

    whole_s = (await server.cost_of(whole())).cpu_s

    def story(number: int) -> list[Message]:
        return [{"role": "user", "content": f"{task.fresh(number)} tell a long story"}]

    in_prefill = _after(server, PREFILLING * whole_s)
    ways = (
        ("left in a stream", Goal.LEFT_STREAM, _in_a_stream,
         chat_body(story(1), scale.left_tokens)),
        ("left without a stream", Goal.LEFT_WHOLE, _after(server, DECODING_CPU_S),
         chat_body(story(2), scale.left_tokens, is_streamed=False)),
        ("left in prefill", Goal.LEFT_PREFILL, in_prefill,
         chat_body(agent.opening(task.fresh(3), question(0)), 1, is_streamed=False)),
    )  # fmt: skip
    readings = [
        Reading("chunk of a prefill, bare mlx-lm beside it", Unit.CPU, chunk_s),
        Reading("long prompt, nobody leaves", Unit.CPU, whole_s),
    ]
    for row, goal, leaving, body in ways:
        readings += await _cost_after(server, row, leaving, body, chunk_s, goal)
    return readings


async def _chunk_cpu_s(task: Task) -> float:
    bare = task.bare_mlx()
    agent = task.agent(task.scale.long)
    prompt = task.tokens.prompt(agent.opening(task.kept("leave"), question(0)))
    key = f"leave {len(prompt) - CHUNK}"
    await bare.hold(key, prompt[:-CHUNK])
    costs = [await bare.forward(key, prompt[-CHUNK:]) for _ in range(TIMES)]
    return median(cost.cpu_s for cost in costs)


async def _cost_after(
    server: Server, row: str, leaving: Leaving, body: bytes, chunk_s: float, goal: Goal
) -> list[Reading]:
    """CPU from the moment of leaving until the server is at rest, at most `RESTLESS_S` later."""
    await server.settle()
    with server.raw_client() as client:
        async with leaving(client, body) as is_midway:
            steps = await server.steps()
            cpu_s, is_left = server.cpu_s(), is_midway()
    await server.settle()
    after_s = server.cpu_s() - cpu_s if is_left else None
    found = [
        Reading(f"{row}, after it", Unit.CPU, after_s),
        Reading(f"{row}, after it", Unit.CHUNKS, quotient(after_s, chunk_s), goal),
    ]
    if steps is not None:  # read just before the client left: decoding makes some more meanwhile
        since = difference(await server.steps(), steps) if is_left else None
        whole_steps = Goal.LEFT_STEPS if goal is Goal.LEFT_PREFILL else None  # one is a chunk there
        found.append(Reading(f"{row}, after it", Unit.STEPS, since, whole_steps))
    return found


@asynccontextmanager
async def _in_a_stream(client: RawClient, body: bytes) -> AsyncIterator[IsMidway]:
    """In the middle of the answer; leaves at the end."""
    pieces = 0
    async with aclosing(client.portions(body)) as portions:
        async for portion in portions:
            pieces += speaks(portion)
            if pieces >= FLOWING:
                break
        yield lambda: pieces >= FLOWING


def _after(server: Server, cpu_s: float) -> Leaving:
    """A request that is not streamed, once the server has worked that long on it."""

    @asynccontextmanager
    async def leaving(client: RawClient, body: bytes) -> AsyncIterator[IsMidway]:
        end_s = server.cpu_s() + cpu_s
        asking = asyncio.create_task(client.post(body))
        try:
            while not asking.done() and server.cpu_s() < end_s:
                await asyncio.sleep(POLL_S)
            yield lambda: not asking.done()
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    return leaving
