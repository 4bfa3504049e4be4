"""Samples of the core protocol made by hand, for the pure parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmx.core.verify.evidence import Evidence, Role, Sample

LENGTH = 1000
SHARED = 0.95
OVERHEAD_S = 0.1
COLD_S = 1.1  # a second of prefill


def times_saving(saved: float) -> float:
    """A hit's time, where so much of the second of prefill is saved."""
    return OVERHEAD_S + 1 - saved


@dataclass(frozen=True)
class Block:
    """What one block saw."""

    saved: float = 0.95
    claimed: int | None = 950  # of 1000, by the hit
    unseen: int | None = 0  # by prompts never seen
    is_control_first: bool = False
    error: str | None = None  # of the hit


def sample(
    role: Role, name: str, seconds: float | None, cached: int | None, error: str | None = None
) -> Sample:
    suffix = name if role == "repeat" else f"{role} {name}"
    return Sample(role, name, suffix, LENGTH, seconds, LENGTH, cached, error=error)


def samples_of(blocks: Sequence[Block]) -> list[Sample]:
    found = []
    for number, block in enumerate(blocks):
        name = f"p{number}"
        took = None if block.error else times_saving(block.saved) + number * 1e-6
        hit = sample("hit", name, took, None if block.error else block.claimed, block.error)
        control = sample("control", f"c{number}", COLD_S + number * 1e-6, block.unseen)
        found.append(sample("prime", name, COLD_S + number * 1e-6, block.unseen))
        found += [control, hit] if block.is_control_first else [hit, control]
    return found


def alternating(
    n: int = 6, *, saved: float = 0.95, claimed: int | None = 950, unseen: int | None = 0
) -> list[Block]:
    """n equal blocks, every other one with the control first."""
    return [Block(saved, claimed, unseen, is_control_first=i % 2 == 1) for i in range(n)]


def confirmed(
    n: int = 6,
    *,
    saved: float = 0.95,
    claimed: int | None = 950,
    unseen: int | None = 0,
    slow: int = 0,
    delayed: int = 0,
) -> list[Sample]:
    """n blocks of five hits and a short prompt. Of all hits so many are as slow as a prompt never
    seen, and so many of the short ones are delayed by as much."""
    found = []
    for number in range(n):
        name = f"q{number}"
        found.append(sample("prime", name, COLD_S + number * 1e-6, unseen))
        for again in range(5):
            part = 0.0 if number * 5 + again < slow else saved
            took = times_saving(part) + number * 1e-6
            found.append(replace(sample("hit", name, took, claimed), suffix=f"hit {again} {name}"))
        took = COLD_S if number < delayed else times_saving(saved)
        found.insert(-3, sample("short", f"s{number}", took, unseen))
    return found


def escalated(
    *, third: float = 0.0, repeat: float = 0.0, late: Sequence[float] = (0.0,)
) -> list[Sample]:
    """Six fresh prefixes, and the pauses: how much each of their requests saved."""
    found = []
    for number in range(6):
        name = f"f{number}"
        found.append(sample("fresh", name, COLD_S + number * 1e-6, 0))
        found.append(sample("repeat", name, times_saving(repeat), 0))
        found.append(sample("third", name, times_saving(third), 0))
    for number, saved in enumerate(late):
        found.append(sample("fresh", f"l{number}", COLD_S, 0))
        found.append(sample("late", f"l{number}", times_saving(saved), 0))
    return found


def evidence(samples: Sequence[Sample]) -> Evidence:
    return Evidence(tuple(samples), SHARED, OVERHEAD_S)
