"""`python -m benchmarks.serve`: `llmx serve` beside `mlx_lm.server` on one model, in one run.

Each round starts both servers afresh, in alternating order, and takes each measure of both, one
right after the other; whichever is not measured rests. A first round warms up and is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.machine import blas_difference, machine
from benchmarks.measures import MEASURES, Task, warm_up
from benchmarks.readings import Sample
from benchmarks.report import page, to_json
from benchmarks.servers import KINDS, Server, ServerFailed, running
from benchmarks.workload import Scale, full_scale, quick_scale
from llmx.core.engine.blas import load_fast_blas
from llmx.core.errors import ConfigError, LlmxError
from llmx.fixtures import demo_model

OK, USAGE, DIED, INTERRUPTED = 0, 2, 4, 130
Item = TypeVar("Item")
RUNNING = ("start", "idle")  # taken of a server before it is warmed up


@dataclass(frozen=True, slots=True)
class Plan:
    model: Path
    rounds: int
    measures: tuple[str, ...]  # in the order of MEASURES
    scale: Scale
    seed: str  # makes the prompts of this run unlike those of all others


def main(arguments: Sequence[str] | None = None) -> int:
    typed = list(sys.argv[1:] if arguments is None else arguments)
    options = parse(typed)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the servers are ended then, too
    try:
        about = {
            "command": shlex.join(["python", "-m", "benchmarks.serve", *typed]),
            "model": "the bundled demo model" if options.model is None else options.model.name,
            **machine(load_fast_blas(os.environ)),
        }
        begun = time.perf_counter()
        samples = _run(options)
    except (ServerFailed, ConfigError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return DIED if isinstance(error, ServerFailed) else USAGE
    except KeyboardInterrupt:
        print("benchmark: interrupted, both servers are ended", file=sys.stderr)
        return INTERRUPTED
    about["took"] = f"{time.perf_counter() - begun:.0f} s, {options.rounds} rounds and a warm-up"
    if options.json is not None:
        options.json.write_text(json.dumps(to_json(samples, about), indent=1) + "\n", "utf-8")
    print(page(samples, about, markdown=options.md))
    return OK


def parse(typed: Sequence[str]) -> argparse.Namespace:
    """Exits with code 2 and a line that says what was wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--rounds", type=_rounds, default=5, help="rounds that count [5]")
    parser.add_argument("--only", type=_names, default=tuple(MEASURES), metavar="NAME,...",
                        help=f"measures to take, of: {', '.join(MEASURES)}")  # fmt: skip
    parser.add_argument("--model", type=_folder, help="model folder [the bundled demo model]")
    parser.add_argument("--quick", action="store_true", help="tiny amounts: does it run at all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    parser.add_argument("--md", action="store_true", help="show the table as Markdown")
    return parser.parse_args(typed)


def _run(options: argparse.Namespace) -> list[Sample]:
    scale = quick_scale() if options.quick else full_scale()
    with ExitStack() as stack:
        model = options.model or stack.enter_context(demo_model())
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llmx-bench-")))
        plan = Plan(model, options.rounds, options.only, scale, secrets.token_hex(4))
        return asyncio.run(compare(plan, scratch))


async def compare(plan: Plan, scratch: Path) -> list[Sample]:
    """The samples of all rounds that count. Raises `ServerFailed`."""
    samples: list[Sample] = []
    for number in range(plan.rounds + 1):
        _tell(f"round {number} of {plan.rounds}" if number else "warm-up round, not counted")
        folder = scratch / f"round-{number}"
        folder.mkdir()
        taken = await _round(plan, number, folder)
        if number:
            samples += taken
    return samples


async def _round(plan: Plan, number: int, scratch: Path) -> list[Sample]:
    samples: list[Sample] = []

    async def take(name: str, server: Server) -> None:
        _tell(f"  {name}: {server.kind.name}")
        task = Task(server, plan.scale, f"{plan.seed}-{number:02}-{name}")
        try:
            readings = await MEASURES[name](task)
        except (LlmxError, psutil.NoSuchProcess) as error:
            raise server.failed(error) from error
        samples.extend(Sample(number, server.kind.name, name, one) for one in readings)

    async with AsyncExitStack() as stack:
        servers: list[Server] = []
        for kind in _alternated(KINDS, number):
            folder = scratch / kind.name
            folder.mkdir()
            server = await stack.enter_async_context(running(kind, plan.model, folder))
            servers.append(server)
            for name in (name for name in plan.measures if name in RUNNING):
                await take(name, server)
            await warm_up(Task(server, plan.scale, f"{plan.seed}-{number:02}-warm-up"))
        if (wrong := blas_difference(servers)) is not None:
            raise ServerFailed(wrong)
        for position, name in enumerate(name for name in plan.measures if name not in RUNNING):
            for server in _alternated(servers, position):
                await take(name, server)
    return samples


def _alternated(pair: Sequence[Item], number: int) -> Sequence[Item]:
    return pair[::-1] if number % 2 else pair


# ── options and output ────────────────────────────────────────────────────────────────────────


def _rounds(typed: str) -> int:
    if not typed.isdecimal() or not 1 <= int(typed) <= 100:
        raise argparse.ArgumentTypeError(f"{typed!r}, wanted a whole number from 1 to 100")
    return int(typed)


def _names(typed: str) -> tuple[str, ...]:
    wanted = {name.strip() for name in typed.split(",")}
    if unknown := wanted - set(MEASURES):
        raise argparse.ArgumentTypeError(
            f"no measure {', '.join(sorted(unknown))!r}, wanted some of {', '.join(MEASURES)}"
        )
    return tuple(name for name in MEASURES if name in wanted)


def _folder(typed: str) -> Path:
    path = Path(typed).expanduser().resolve()
    if not (path / "config.json").is_file():
        raise argparse.ArgumentTypeError(f"no model in {typed!r}, wanted a folder with config.json")
    return path


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
