"""How often `llmx test-cache` is right: every kind of virtual server, on a quiet and a loaded host.

.venv/bin/python -m benchmarks.verdicts --runs 100

Time is arithmetic here, nothing is measured: the same seeds give the same table on any machine.
Servers that answer are asked by a whole session of the profile `standard`, the others by the core
protocol alone.
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
from llmx.core.verify.protocol import Course, cold_asks, core_protocol
from llmx.core.verify.session import Wanted, run
from llmx.core.verify.verdicts import Verdict, judge
from llmx.core.verify.words import Name
from tests.archetypes.answering import (
    ANSWERING,
    Answering,
    AnsweringServer,
    VirtualClient,
    seeded_nonces,
)
from tests.archetypes.virtual import (
    FURTHER,
    LOADED,
    MODES,
    PAUSED,
    QUIET,
    RTT_S,
    SUFFIX,
    Host,
    Mode,
    VirtualServer,
    nonces,
)

UNDECIDED: Name = "INCONCLUSIVE"
TIMED = (*MODES, *FURTHER)
ALL: tuple[Mode, ...] = (*TIMED, *ANSWERING)


@dataclass(frozen=True, slots=True)
class Outcome:
    mode: Mode
    verdict: Verdict
    requests: int
    seconds: float  # of the virtual clock


async def verdict_on(mode: Mode, host: Host, seed: int) -> Outcome:
    if isinstance(mode, Answering):
        return await _of_a_session(mode, host, seed)
    return await _of_the_protocol(mode, host, seed)


async def _of_a_session(mode: Answering, host: Host, seed: int) -> Outcome:
    server = AnsweringServer(mode, host, Random(f"{mode.name} {host.name} {seed}"))
    async with VirtualClient(server) as client:
        result = await run(
            client,
            Wanted(seed=seed),
            connect=lambda: client,
            environment={},
            clock=lambda: server.now,
            pause=server.pause,
            nonce=seeded_nonces(Random(f"{seed} nonces")),
        )
    verdict = Verdict(result.verdict, result.sentence)
    return Outcome(mode, verdict, result.requests, server.now)


async def _of_the_protocol(mode: Mode, host: Host, seed: int) -> Outcome:
    server = VirtualServer(mode, host, Random(f"{mode.name} {host.name} {seed}"))
    nonce = nonces()
    found = await calibrate(cold_asks(server, [], nonce), RTT_S)
    course = Course(
        length=found.length,
        shared=(found.length - SUFFIX) / found.length,
        overhead_s=found.line.overhead_s if found.line else 0.0,
        nonce=nonce,
        rng=Random(seed),
        pause=server.pause,
    )
    samples = [sample async for sample in core_protocol(server, course)]
    verdict = judge(course.evidence(samples))
    return Outcome(mode, verdict, len(samples), server.now)


async def outcomes(host: Host, seeds: Iterable[int], modes: Sequence[Mode] = ALL) -> list[Outcome]:
    return [await verdict_on(mode, host, seed) for seed in seeds for mode in modes]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all outcomes; together 1."""

    right: float
    undecided: float
    wrong: float


def shares_of(found: Sequence[Outcome]) -> Shares:
    right = sum(one.verdict.name == one.mode.verdict for one in found)
    undecided = sum(one.verdict.name == UNDECIDED != one.mode.verdict for one in found)
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
    for host in (QUIET, LOADED, PAUSED):
        for of, modes in (("times", TIMED), ("answers", ANSWERING)):
            if of not in options.of or (host is PAUSED and modes is ANSWERING):
                continue
            modes = [one for one in modes if not options.only or one.name in options.only]
            if not modes:
                continue
            found = asyncio.run(outcomes(host, seeds, modes))
            shares = shares_of(found)
            print(
                f"\n{host.name} host, servers told by their {of}, {options.runs} runs of each: "
                f"{shares.right:.2%} right, {shares.undecided:.2%} inconclusive, "
                f"{shares.wrong:.2%} wrong\n"
            )
            print(table(found), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="of each kind of server")
    parser.add_argument("--first", type=int, default=5000, help="seed; the rules saw those below")
    parser.add_argument(
        "--of", nargs="+", choices=["times", "answers"], default=["times", "answers"]
    )
    parser.add_argument("--only", nargs="+", metavar="SERVER", default=[], help="these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
