"""`python -m benchmarks.traces`: what `llmx analyze-traces` costs at level 0, by the size of a log.

Each log is made by `benchmarks.trace_log`, then analysed by the command as it is typed, several
times; the least is shown. CPU seconds and resident memory are those of that process, from its start
to its end. The rate counts the whole process; *beyond the smallest* is what each further byte
costs, without the start. `make bench` takes it from 10 MB to 100 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.goals import Goal
from benchmarks.readings import Reading, Unit
from benchmarks.task import Task
from benchmarks.trace_log import FORMS, Form, write

SIZES = (10e6, 100e6, 1e9)
COMMAND = (str(Path(sys.executable).with_name("llmx")), "analyze-traces")
WHAT = "analyze-traces"
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run; `nbytes` and `requests` of the log."""

    form: Form
    nbytes: int
    requests: int
    wall_s: float
    cpu_s: float
    peak_bytes: int

    @property
    def mb_per_cpu_s(self) -> float:
        return self.nbytes / self.cpu_s / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory(prefix="llmx-traces-", dir=options.folder) as folder:
        for form in options.forms:
            for size in options.sizes:
                costs.append(_least(Path(folder), form, int(size), options.rounds))
    document = {
        "v": 1,
        "command": " ".join(["python", "-m", "benchmarks.traces", *(arguments or sys.argv[1:])]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}",
        "load": os.getloadavg()[0] if sys.platform != "win32" else None,
        "costs": [_shown(cost, costs) for cost in costs],
    }
    print(json.dumps(document, indent=1))
    return 0


async def traces(task: Task) -> list[Reading]:
    """What each further byte costs, and the whole of the larger log. The server rests."""
    sizes = task.scale.trace_bytes
    with tempfile.TemporaryDirectory(prefix="llmx-traces-") as folder:
        small, large = [
            await asyncio.to_thread(_least, Path(folder), "llmx", size, ROUNDS) for size in sizes
        ]
    name = f"{WHAT}, {large.nbytes / 1e6:.0f} MB"
    return [
        Reading(f"{WHAT}, each further byte", Unit.BYTE_RATE, _beyond(large, small), Goal.TRACES),
        Reading(name, Unit.CPU, large.cpu_s),
        Reading(name, Unit.MEMORY, large.peak_bytes / (1 << 20)),
    ]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traces", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="bytes of the logs, 10e6,1e9")
    parser.add_argument("--forms", type=_forms, default=("llmx",), help=f"of {', '.join(FORMS)}")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, the least counts [3]")
    parser.add_argument("--folder", type=Path, help="where the logs are made, and removed")
    return parser.parse_args(arguments)


def _sizes(typed: str) -> tuple[float, ...]:
    return tuple(float(each) for each in typed.split(","))


def _forms(typed: str) -> tuple[str, ...]:
    names = tuple(typed.split(","))
    if unknown := set(names) - set(FORMS):
        raise argparse.ArgumentTypeError(f"no form {', '.join(unknown)}, wanted some of {FORMS}")
    return names


def _least(folder: Path, form: Form, nbytes: int, rounds: int) -> Cost:
    log = folder / f"{form}-{nbytes}.jsonl"
    requests = write(log, nbytes, form=form)
    try:
        runs = [_run(log, form, requests) for _ in range(rounds)]
    finally:
        log.unlink()
    return min(runs, key=lambda cost: cost.cpu_s)


def _run(log: Path, form: Form, requests: int) -> Cost:
    """Raises `RuntimeError` where the command fails."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    command = [*COMMAND, str(log)]
    begun = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    wall_s = time.perf_counter() - begun
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"analyze-traces ended with {code} on {log.name}")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    cpu_s = usage.ru_utime + usage.ru_stime
    return Cost(form, log.stat().st_size, requests, wall_s, cpu_s, usage.ru_maxrss * unit)


def _beyond(cost: Cost, least: Cost) -> float | None:
    """MB per CPU second of what is more; None: it costs nothing that was measured."""
    more_s = cost.cpu_s - least.cpu_s
    return (cost.nbytes - least.nbytes) / more_s / 1e6 if more_s > 0 else None


def _shown(cost: Cost, costs: Sequence[Cost]) -> dict[str, object]:
    least = min((each for each in costs if each.form == cost.form), key=lambda each: each.nbytes)
    beyond = _beyond(cost, least)
    return {
        **asdict(cost),
        "mb_per_cpu_s": round(cost.mb_per_cpu_s),
        "mb_per_cpu_s_beyond_the_smallest": None if beyond is None else round(beyond),
    }


if __name__ == "__main__":
    sys.exit(main())
