"""What is measured: one function per measure, each over one server that is at rest.

Each takes a nonce that no server has seen and returns the same rows for either server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

import httpx

from benchmarks.load import CHAT, hammer
from benchmarks.readings import Reading, Unit
from benchmarks.servers import HOST, REQUEST_S, Costed, Server
from benchmarks.workload import Agent, Message, Scale, question
from llmx.core.client.chat import Reply
from llmx.core.client.sse import DONE, SseReader
from llmx.core.client.transcript import Transcript
from llmx.core.errors import Unreachable

MIB = 2**20
FLOWING = 20  # pieces of a stream after which it counts as running


@dataclass(frozen=True, slots=True)
class Task:
    """One measure of one server in one round."""

    server: Server
    scale: Scale
    nonce: str  # the same for both servers, so that they get the same prompts


Measure = Callable[[Task], Awaitable[list[Reading]]]


async def start(task: Task) -> list[Reading]:
    """From the start of the process to the first completed answer of one token."""
    return [
        Reading("start to ready", Unit.WALL, task.server.start_wall_s),
        Reading("start to ready", Unit.CPU, task.server.start_cpu_s),
    ]


async def idle(task: Task) -> list[Reading]:
    await task.server.settle()
    return [Reading("resident, idle", Unit.MEMORY, task.server.rss_bytes() / MIB)]


async def warm_up(task: Task) -> list[Reading]:
    """Makes the server do once what it will be timed at: no figures."""
    await _start_together(task, "warm-up", range(2))
    return []


async def memory(task: Task) -> list[Reading]:
    """Resident memory after many conversations over one system prompt."""
    server, scale = task.server, task.scale

    async def converse() -> None:
        for number in range(scale.residents):
            opening = scale.agent.opening(task.nonce, question(number))
            await _ask(task, scale.agent, opening, scale.answer_tokens)

    costed = await server.cost_of(converse())
    row = f"{scale.residents} conversations, one system prompt"
    return [
        Reading(f"resident after {row}", Unit.MEMORY, server.rss_bytes() / MIB),
        Reading(row, Unit.WALL, costed.wall_s),
        Reading(row, Unit.CPU, costed.cpu_s),
    ]


async def agent(task: Task) -> list[Reading]:
    """TTFT on the agent workload: never seen, a new question under it, the same again."""
    scale = task.scale

    async def asked(number: int) -> Costed[Reply]:
        messages = scale.agent.opening(task.nonce, question(number))
        return await task.server.cost_of(_ask(task, scale.agent, messages, scale.ttft_tokens))

    cold = [await asked(0)]
    warm = [await asked(number) for number in range(1, scale.repeats + 1)]
    repeat = [await asked(scale.repeats) for _ in range(scale.repeats)]
    return [
        *_ttft_rows("cold agent prompt, TTFT", cold),
        *_ttft_rows("new question, TTFT", warm),
        *_ttft_rows("exact repeat, TTFT", repeat),
    ]


async def growth(task: Task) -> list[Reading]:
    """One conversation: the server's own answers are sent back, a question follows."""
    scale = task.scale
    messages = scale.agent.opening(task.nonce, question(0))
    turns: list[Costed[Reply]] = []
    for number in range(1, scale.turns + 1):
        asked = _ask(task, scale.agent, messages, scale.answer_tokens)
        turns.append(await task.server.cost_of(asked))
        messages = _continued(messages, turns[-1].result, number)
    return _ttft_rows(f"turns 2 to {scale.turns} of one conversation, TTFT", turns[1:])


async def interleaved(task: Task) -> list[Reading]:
    """Conversations that share nothing take turns; a cache must hold them all."""
    scale, ways = task.scale, range(task.scale.conversations)
    talks = [scale.brief.opening(f"{task.nonce}{way}", question(way)) for way in ways]
    later: list[Costed[Reply]] = []
    for turn in range(scale.turns // 2):
        for way in ways:
            asked = _ask(task, scale.brief, talks[way], scale.answer_tokens)
            costed = await task.server.cost_of(asked)
            talks[way] = _continued(talks[way], costed.result, turn + 1)
            if turn:
                later.append(costed)
    row = f"{scale.conversations} conversations in turn, later turns"
    computed = [_computed(one.result) for one in later]
    return [
        *_ttft_rows(f"{row}, TTFT", later),
        Reading(f"{row}, all", Unit.COMPUTED, _total(computed)),
    ]


async def herd(task: Task) -> list[Reading]:
    """Requests that start together over one prefix: first nobody has seen it, then it is known."""
    count = task.scale.herd
    cold = await _start_together(task, f"{count} at once, cold prefix", range(count))
    warm = await _start_together(task, f"{count} at once, known prefix", range(count, 2 * count))
    return [*cold, *warm]


async def requests(task: Task) -> list[Reading]:
    """Requests for one token, as fast as they are answered."""
    readings: list[Reading] = []
    for clients, count in ((1, task.scale.requests), (task.scale.clients, 2 * task.scale.requests)):
        nonce = f"{task.nonce}-{clients}"
        sent = hammer(HOST, task.server.port, clients=clients, requests=count, nonce=nonce)
        costed = await task.server.cost_of(sent)
        row = f"one-token requests, {clients} client{'' if clients == 1 else 's'}"
        readings += [
            Reading(row, Unit.REQUEST_RATE, count / costed.wall_s),
            Reading(f"{row}, each", Unit.CPU_MS, 1e3 * costed.cpu_s / count),
        ]
    return readings


async def gap(task: Task) -> list[Reading]:
    """The longest silence of a stream that runs while a cold agent prompt is computed."""
    pieces: list[float] = []
    flowing = asyncio.Event()
    stream = asyncio.create_task(_listen(task, pieces, flowing))
    waiting = asyncio.create_task(flowing.wait())
    try:
        await asyncio.wait((stream, waiting), return_when=asyncio.FIRST_COMPLETED)
        begun = time.perf_counter()
        messages = task.scale.agent.opening(task.nonce, question(0))
        await _ask(task, task.scale.agent, messages, 1)
        ended = time.perf_counter()
        is_over = stream.done()  # then nothing ran beside the prompt's end
    finally:
        waiting.cancel()
        stream.cancel()
        with suppress(asyncio.CancelledError):
            await stream
    await task.server.settle()
    moments = [begun, *(at for at in pieces if begun < at < ended), ended]
    longest = max(after - before for before, after in pairwise(moments))
    row = "longest gap of a stream beside a cold agent prompt"
    return [Reading(row, Unit.WALL, None if is_over else longest)]


MEASURES: dict[str, Measure] = {
    "start": start,
    "idle": idle,
    "memory": memory,
    "agent": agent,
    "growth": growth,
    "interleaved": interleaved,
    "herd": herd,
    "requests": requests,
    "gap": gap,
}


# ── asking ────────────────────────────────────────────────────────────────────────────────────


async def _ask(task: Task, agent: Agent, messages: Sequence[Message], max_tokens: int) -> Reply:
    """On the server's one open connection."""
    return await task.server.client.chat(messages, max_tokens=max_tokens, tools=agent.tools)


def _continued(messages: Sequence[Message], reply: Reply, number: int) -> list[Message]:
    answer = {"role": "assistant", "content": reply.text}
    return [*messages, answer, {"role": "user", "content": question(number)}]


async def _start_together(task: Task, row: str, numbers: Iterable[int]) -> list[Reading]:
    scale = task.scale
    prompts = [scale.brief.opening(task.nonce, question(number)) for number in numbers]
    async with AsyncExitStack() as stack:  # clients first: each takes a while to make
        clients = [await stack.enter_async_context(task.server.new_client()) for _ in prompts]
        asked = (
            client.chat(messages, max_tokens=scale.herd_tokens)
            for client, messages in zip(clients, prompts, strict=True)
        )
        costed = await task.server.cost_of(_together(asked))
    replies = costed.result
    written = _total([reply.completion_tokens for reply in replies])
    return [
        Reading(f"{row}, TTFT", Unit.WALL, _median([reply.ttft_s for reply in replies])),
        Reading(f"{row}, all", Unit.CPU, costed.cpu_s),
        Reading(
            f"{row}, all", Unit.TOKEN_RATE, None if written is None else written / costed.wall_s
        ),
        Reading(f"{row}, all", Unit.COMPUTED, _total([_computed(reply) for reply in replies])),
    ]


async def _together(asked: Iterable[Awaitable[Reply]]) -> list[Reply]:
    return await asyncio.gather(*asked)


async def _listen(task: Task, pieces: list[float], flowing: asyncio.Event) -> None:
    """Read one long answer; note the moment of each piece of text."""
    body = {
        "messages": [{"role": "user", "content": f"{task.nonce} tell a long story"}],
        "temperature": 0,
        "max_tokens": task.scale.stream_tokens,
        "stream": True,
    }
    try:
        async with (
            httpx.AsyncClient(timeout=REQUEST_S, trust_env=False) as client,
            client.stream("POST", task.server.url + CHAT, json=body) as response,
        ):
            response.raise_for_status()
            await _note_pieces(response, pieces, flowing)
    except httpx.HTTPError as error:
        raise Unreachable(f"the stream broke off: {error}") from error


async def _note_pieces(
    response: httpx.Response, pieces: list[float], flowing: asyncio.Event
) -> None:
    reader, transcript = SseReader(), Transcript()
    async for portion in response.aiter_bytes():
        for event in reader.feed(portion):
            if event.data != DONE and transcript.add(event.data):
                pieces.append(time.perf_counter())
        if len(pieces) >= FLOWING:
            flowing.set()


# ── figures ───────────────────────────────────────────────────────────────────────────────────


def _ttft_rows(row: str, asked: Sequence[Costed[Reply]]) -> list[Reading]:
    replies = [one.result for one in asked]
    return [
        Reading(row, Unit.WALL, _median([reply.ttft_s for reply in replies])),
        Reading(row, Unit.CPU, median(one.cpu_s for one in asked)),
        Reading(row, Unit.PROMPT, _mean([reply.prompt_tokens for reply in replies])),
        Reading(row, Unit.CACHED, _mean([reply.cached_tokens for reply in replies])),
    ]


def _computed(reply: Reply) -> int | None:
    if reply.prompt_tokens is None or reply.cached_tokens is None:
        return None
    return reply.prompt_tokens - reply.cached_tokens


def _total(counts: Sequence[int | None]) -> int | None:
    """None where one is unknown: a sum of the rest would be no figure."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _mean(counts: Sequence[int | None]) -> float | None:
    known = [count for count in counts if count is not None]
    return fmean(known) if known and len(known) == len(counts) else None


def _median(times: Sequence[float | None]) -> float | None:
    known = [one for one in times if one is not None]
    return median(known) if known and len(known) == len(times) else None
