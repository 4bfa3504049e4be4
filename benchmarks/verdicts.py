"""How often `llmx test-cache` is right: every kind of virtual server, on a quiet and a loaded host.

.venv/bin/python -m benchmarks.verdicts --runs 100

Time is arithmetic here, nothing is measured: the same seeds give the same table on any machine.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import get_args

from tabulate import tabulate

from llmx.core.verify.calibrate import calibrate
from llmx.core.verify.looks import PLAN
from llmx.core.verify.protocol import Course, cold_asks, core_protocol
from llmx.core.verify.rank import Plan
from llmx.core.verify.verdicts import Verdict, judge
from llmx.core.verify.words import Name
from tests.archetypes.virtual import (
    FURTHER,
    LOADED,
    MODES,
    QUIET,
    RTT_S,
    SUFFIX,
    Host,
    Mode,
    VirtualServer,
    nonces,
)

UNDECIDED: Name = "INCONCLUSIVE"
ALL = (*MODES, *FURTHER)


@dataclass(frozen=True, slots=True)
class Outcome:
    mode: Mode
    verdict: Verdict
    requests: int
    seconds: float  # of the virtual clock


async def verdict_on(mode: Mode, host: Host, seed: int, plan: Plan = PLAN) -> Outcome:
    server = VirtualServer(mode, host, Random(f"{mode.name} {host.name} {seed}"))
    nonce = nonces()
    found = await calibrate(cold_asks(server, [], nonce), RTT_S)
    course = Course(
        length=found.length,
        shared=(found.length - SUFFIX) / found.length,
        overhead_s=found.line.overhead_s if found.line else 0.0,
        plan=plan,
        nonce=nonce,
        rng=Random(seed),
        pause=server.pause,
    )
    samples = [sample async for sample in core_protocol(server, course)]
    verdict = judge(course.evidence(samples), plan=plan)
    return Outcome(mode, verdict, len(samples), server.now)


async def outcomes(
    host: Host, seeds: Iterable[int], modes: Sequence[Mode] = ALL, plan: Plan = PLAN
) -> list[Outcome]:
    return [await verdict_on(mode, host, seed, plan) for seed in seeds for mode in modes]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all outcomes; together 1."""

    right: float
    undecided: float
    wrong: float


def shares_of(found: Sequence[Outcome]) -> Shares:
    right = sum(one.verdict.name == one.mode.verdict for one in found)
    undecided = sum(one.verdict.name == UNDECIDED for one in found)
    n = len(found)
    return Shares(right / n, undecided / n, (n - right - undecided) / n)


def table(found: Sequence[Outcome]) -> str:
    """A row per mode: how often it got which verdict, its own first."""
    rows = []
    for mode in dict.fromkeys(one.mode for one in found):
        mine = [one for one in found if one.mode == mode]
        names = Counter(one.verdict.name for one in mine)
        others = [f"{name} {names[name]}" for name in get_args(Name) if names[name]]
        rows.append(
            [
                mode.name,
                mode.verdict,
                f"{names[mode.verdict] / len(mine):.1%}",
                ", ".join(one for one in others if not one.startswith(f"{mode.verdict} ")),
                f"{sum(one.requests for one in mine) / len(mine):.0f}",
            ]
        )
    head = ["server", "should be", "right", "else", "requests"]
    return tabulate(rows, head, tablefmt="github", disable_numparse=True)


def main() -> None:
    options = _options()
    seeds = range(options.first, options.first + options.runs)
    for host in (QUIET, LOADED):
        found = asyncio.run(outcomes(host, seeds))
        shares = shares_of(found)
        print(
            f"\n{host.name} host, {options.runs} runs of each: {shares.right:.2%} right, "
            f"{shares.undecided:.2%} inconclusive, {shares.wrong:.2%} wrong\n"
        )
        print(table(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="of each kind of server")
    parser.add_argument("--first", type=int, default=1000, help="seed; the rules saw 0 to 999")
    return parser.parse_args()


if __name__ == "__main__":
    main()
