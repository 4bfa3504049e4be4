"""(c), (d) Requests that start together over one prefix: unknown, and known beside bare mlx-lm."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks.bare import Cost
from benchmarks.goals import Goal
from benchmarks.raw import Heard, chat_body
from benchmarks.readings import Reading, Unit
from benchmarks.servers import Costed
from benchmarks.task import Task, difference, middle, quotient, total
from benchmarks.tokens import Ideal, shared_prefix
from benchmarks.workload import Message, question

FIRST = 100  # questions of as many digits each are of nearly the same length


async def warm_up(task: Task) -> list[Reading]:
    """Makes the server do once what it will be timed at: no figures."""
    agent = task.agent(300)
    asked = [agent.opening(task.fresh(), question(number)) for number in range(2)]
    await start_together(task, asked, 4)
    return []


async def herd(task: Task) -> list[Reading]:
    """First nobody has seen the prefix, then it is known."""
    count, agent, ideal = task.scale.herd, task.agent(task.scale.brief), Ideal()
    readings: list[Reading] = []
    for state, numbers in (("cold", range(count)), ("known", range(count, 2 * count))):
        asked = [agent.opening(task.fresh(), question(FIRST + number)) for number in numbers]
        prompts = [task.tokens.prompt(messages) for messages in asked]
        least = _least(ideal, prompts)
        costed = await start_together(task, asked, task.scale.herd_tokens)
        is_known = [heard.prompt_tokens for heard in costed.result] == [len(p) for p in prompts]
        row = f"{count} at once, {state} prefix"
        goals = (Goal.HERD_TTFT, Goal.HERD_COMPUTED) if state == "cold" else (None, None)
        readings += _herd_rows(row, costed, least if is_known else None, goals)
    return readings


async def warm(task: Task) -> list[Reading]:
    """CPU of a generated token on a known prefix, beside `BatchGenerator` with the same rows.

    The server and bare mlx-lm take turns, each time with rows that neither has seen.
    """
    scale, bare = task.scale, task.bare_mlx()
    agent, nonce = task.agent(scale.brief), task.kept("warm")
    herds = [
        [
            agent.opening(nonce, question(FIRST + scale.herd * number + one))
            for one in range(scale.herd)
        ]
        for number in range(scale.herd_repeats + 1)
    ]
    prompts = [[task.tokens.prompt(messages) for messages in herd] for herd in herds]
    prefix = min(shared_prefix(prompts[0][0], one) for rows in prompts for one in rows[1:])
    key = f"warm {prefix}"
    await bare.hold(key, prompts[0][0][:prefix])
    ours: list[Costed[list[Heard]]] = []
    theirs: list[Cost] = []
    opening = agent.opening(nonce, question(FIRST - 1))
    await start_together(task, [opening], 1)  # alone: a herd would compute it eight times
    for number, asked in enumerate(herds):  # the first warms up, and is not counted
        rows = [prompt[prefix:] for prompt in prompts[number]]
        for is_server in (True, False) if number % 2 else (False, True):
            if is_server:
                ours.append(await start_together(task, asked, scale.herd_tokens))
            else:
                theirs.append(await bare.batch(key, rows, scale.herd_tokens))
    return _warm_rows(f"{scale.herd} at once, known prefix, 10 M", ours[1:], theirs[1:])


def _warm_rows(
    row: str, ours: Sequence[Costed[list[Heard]]], theirs: Sequence[Cost]
) -> list[Reading]:
    each = [quotient(1e6 * one.cpu_s, _written(one.result)) for one in ours]
    bare = [1e6 * one.cpu_s / one.tokens for one in theirs]
    # Of pairs that follow each other: what a busy machine costs now, it costs both.
    above = middle([difference(*pair) for pair in zip(each, bare, strict=True)])
    ttft_s = middle([heard.ttft_s for one in ours for heard in one.result])
    rates = [quotient(_written(one.result), one.wall_s) for one in ours]
    bare_rate = median(one.tokens / one.wall_s for one in theirs)
    return [
        Reading(f"{row}, TTFT", Unit.WALL, ttft_s),
        Reading(row, Unit.TOKEN_RATE, middle(rates)),
        Reading(row, Unit.CPU_US_TOKEN, middle(each)),
        Reading(f"{row}, bare BatchGenerator beside it", Unit.TOKEN_RATE, bare_rate),
        Reading(f"{row}, bare BatchGenerator beside it", Unit.CPU_US_TOKEN, median(bare)),
        Reading(f"{row}, above bare", Unit.CPU_US_TOKEN, above, Goal.ABOVE_BARE),
    ]


async def start_together(
    task: Task, asked: Iterable[Sequence[Message]], max_tokens: int
) -> Costed[list[Heard]]:
    bodies = [chat_body(messages, max_tokens) for messages in asked]
    with ExitStack() as stack:
        clients = [stack.enter_context(task.server.raw_client()) for _ in bodies]

        async def ask_all() -> list[Heard]:
            asking = (client.chat(body) for client, body in zip(clients, bodies, strict=True))
            return await asyncio.gather(*asking)

        return await task.server.cost_of(ask_all())


def _herd_rows(
    row: str,
    costed: Costed[list[Heard]],
    ideal: int | None,
    goals: tuple[Goal | None, Goal | None],
) -> list[Reading]:
    computed = total([heard.computed_tokens for heard in costed.result])
    ttft_s = middle([heard.ttft_s for heard in costed.result])
    rate = quotient(_written(costed.result), costed.wall_s)
    return [
        Reading(f"{row}, TTFT", Unit.WALL, ttft_s, goals[0]),
        Reading(f"{row}, all", Unit.CPU, costed.cpu_s),
        Reading(f"{row}, all", Unit.TOKEN_RATE, rate),
        Reading(f"{row}, all", Unit.COMPUTED, computed),
        Reading(f"{row}, all", Unit.OF_IDEAL, quotient(computed, ideal), goals[1]),
    ]


def _least(ideal: Ideal, prompts: Iterable[Sequence[int]]) -> int:
    """One prefix and the rests: each prompt leaves what it is to the next."""
    least = 0
    for prompt in prompts:
        least += ideal.computed(prompt)
        ideal.add(prompt)
    return least


def _written(heard: Sequence[Heard]) -> int | None:
    return total([one.completion_tokens for one in heard])
