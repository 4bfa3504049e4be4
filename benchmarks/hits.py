"""(a) The time to the first token where the prompt is known: by question, repeat and length."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from benchmarks.bare import Cost
from benchmarks.goals import Goal
from benchmarks.raw import Heard, RawClient, chat_body
from benchmarks.readings import Reading, Unit
from benchmarks.servers import Costed
from benchmarks.task import Task, difference, middle, times
from benchmarks.tokens import shared_prefix
from benchmarks.workload import question

FIRST = 100  # questions of as many digits each are of nearly the same length
UNCOUNTED = 2  # hits before those that count


async def hit(task: Task) -> list[Reading]:
    """A long system prompt: never seen, a new question under it, the same again."""
    scale, agent = task.scale, task.agent(task.scale.long)

    with task.server.raw_client() as client:

        async def asked(number: int) -> Costed[Heard]:
            messages = agent.opening(task.fresh(), question(FIRST + number))
            return await task.server.cost_of(client.chat(chat_body(messages, scale.ttft_tokens)))

        cold = [await asked(0)]
        warm = [await asked(number) for number in range(1, scale.repeats + 1)]
        repeat = [await asked(scale.repeats) for _ in range(scale.repeats)]
    return [
        *_ttft_rows("cold prompt, TTFT", cold, None),
        *_ttft_rows("new question, TTFT", warm, Goal.NEW_QUESTION),
        *_ttft_rows("exact repeat, TTFT", repeat, Goal.EXACT_REPEAT),
    ]


async def depth(task: Task) -> list[Reading]:
    """What a hit takes beyond the bare forward of its new tokens, at three lengths.

    Each hit and the forward of the very same tokens, on a state that holds the very same prefix,
    follow each other, in alternating order.
    """
    readings: list[Reading] = []
    beyond: list[float | None] = []
    with task.server.raw_client() as client:
        for length in task.scale.depths:
            heard, bare = await _hits_beside_bare(task, client, length)
            ttft = middle([one.result.ttft_s for one in heard])
            forward_s = median(one.wall_s for one in bare)
            cpu_s = median(one.cpu_s for one in heard) - median(one.cpu_s for one in bare)
            beyond.append(times(1e3, difference(ttft, forward_s)))
            row = f"hit on {length:,} tokens"
            readings += [
                Reading(f"{row}, TTFT", Unit.WALL_MS, times(1e3, ttft)),
                Reading(f"{row}, bare forward of the new ones", Unit.WALL_MS, 1e3 * forward_s),
                Reading(f"{row}, beyond the forward", Unit.WALL_MS, beyond[-1]),
                Reading(f"{row}, beyond the forward", Unit.CPU_MS, 1e3 * cpu_s),
            ]
    shallow, mid, deep = task.scale.depths
    row = f"growth of that from {shallow:,} to"
    return [
        *readings,
        Reading(
            f"{row} {mid:,} tokens",
            Unit.WALL_MS,
            difference(beyond[1], beyond[0]),
            Goal.GROWTH_MIDDLE,
        ),
        Reading(
            f"{row} {deep:,} tokens",
            Unit.WALL_MS,
            difference(beyond[2], beyond[0]),
            Goal.GROWTH_LONG,
        ),
    ]


async def _hits_beside_bare(
    task: Task, client: RawClient, length: int
) -> tuple[list[Costed[Heard]], list[Cost]]:
    agent, bare = task.agent(length), task.bare_mlx()
    count = UNCOUNTED + task.scale.depth_hits + 1
    nonce = task.kept(f"depth {length}")
    asked = [agent.opening(nonce, question(FIRST + number)) for number in range(count)]
    prompts = [task.tokens.prompt(messages) for messages in asked]
    prefix = min(shared_prefix(prompts[0], one) for one in prompts[1:])
    key = f"depth {prefix}"
    await bare.hold(key, prompts[0][:prefix])
    await client.chat(chat_body(asked[0], task.scale.ttft_tokens))  # cold: now it is known
    hits: list[Costed[Heard]] = []
    forwards: list[Cost] = []
    for number in range(1, count):
        body = chat_body(asked[number], task.scale.ttft_tokens)
        for is_hit in (True, False) if number % 2 else (False, True):
            if is_hit:
                hits.append(await task.server.cost_of(client.chat(body)))
            else:
                forwards.append(await bare.forward(key, prompts[number][prefix:]))
    return hits[UNCOUNTED:], forwards[UNCOUNTED:]


def _ttft_rows(row: str, asked: Sequence[Costed[Heard]], goal: Goal | None) -> list[Reading]:
    replies = [one.result for one in asked]
    return [
        Reading(row, Unit.WALL, middle([reply.ttft_s for reply in replies]), goal),
        Reading(row, Unit.CPU, median(one.cpu_s for one in asked)),
        Reading(row, Unit.PROMPT, _mean([reply.prompt_tokens for reply in replies])),
        Reading(row, Unit.CACHED, _mean([reply.cached_tokens for reply in replies])),
    ]


def _mean(counts: Sequence[int | None]) -> float | None:
    known = [count for count in counts if count is not None]
    return fmean(known) if known and len(known) == len(counts) else None
