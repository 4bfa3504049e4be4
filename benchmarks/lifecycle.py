"""(h) Starting and being there; and what a server holds after many conversations."""

from __future__ import annotations

from benchmarks.goals import Goal
from benchmarks.raw import chat_body
from benchmarks.readings import Reading, Unit
from benchmarks.task import Task
from benchmarks.workload import question

MIB = 2**20


async def start(task: Task) -> list[Reading]:
    """From the start of the process to the first completed answer of one token."""
    return [
        Reading("start to ready", Unit.WALL, task.server.start_wall_s, Goal.READY),
        Reading("start to ready", Unit.CPU, task.server.start_cpu_s),
    ]


async def idle(task: Task) -> list[Reading]:
    await task.server.settle()
    return [Reading("resident, idle", Unit.MEMORY, task.server.rss_bytes() / MIB, Goal.IDLE)]


async def memory(task: Task) -> list[Reading]:
    """Resident memory after many conversations over one system prompt."""
    server, scale = task.server, task.scale
    agent = task.agent(scale.long)

    async def converse() -> None:
        with server.raw_client() as client:
            for number in range(scale.residents):
                opening = agent.opening(task.fresh(), question(number))
                await client.chat(chat_body(opening, scale.ttft_tokens))

    costed = await server.cost_of(converse())
    row = f"{scale.residents} conversations, one system prompt"
    return [
        Reading(f"resident after {row}", Unit.MEMORY, server.rss_bytes() / MIB),
        Reading(row, Unit.WALL, costed.wall_s),
        Reading(row, Unit.CPU, costed.cpu_s),
    ]
