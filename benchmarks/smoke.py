"""How long CI waits: the smoke check of `llmx test-cache` on `llmx serve` and the bundled model."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from pathlib import Path
from sys import executable

from benchmarks.goals import Goal
from benchmarks.readings import Reading, Unit
from benchmarks.servers import LLMX, running
from benchmarks.task import Task
from llmx.fixtures import demo_model

WHAT = "test-cache --profile smoke"


class SmokeFailed(Exception):
    """The smoke check came to no verdict, or to another than VERIFIED."""


async def smoke(task: Task) -> list[Reading]:
    """Seconds and requests of the whole check. The server is its own, and has just started."""
    with demo_model() as model, tempfile.TemporaryDirectory() as scratch:
        async with running(LLMX, model, Path(scratch)) as server:
            done = await asyncio.to_thread(
                subprocess.run,
                [
                    *(str(Path(executable).with_name("llmx")), "test-cache", server.url),
                    *("--profile", "smoke", "--json"),
                ],
                stdout=subprocess.PIPE,
                check=False,
            )
    if done.returncode:
        raise SmokeFailed(f"exit {done.returncode}: {done.stdout.decode()[-2000:]}")
    run = json.loads(done.stdout)
    return [
        Reading(WHAT, Unit.WALL, run["seconds"], Goal.SMOKE),
        Reading(WHAT, Unit.REQUESTS, run["requests"]),
    ]
