"""The values between the measures and the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from benchmarks.goals import Goal


class Unit(Enum):
    """The value is what the table shows."""

    WALL = "s"
    WALL_MS = "ms"
    CPU = "CPU s"
    CPU_MS = "CPU ms"
    CPU_US_TOKEN = "CPU µs/token"  # of generated tokens
    MEMORY = "MiB"
    COMPUTED = "tokens computed"  # of prompts: those not taken from the cache
    OF_IDEAL = "of the ideal"  # tokens computed to those of a cache that forgets nothing
    OF_FREE = "of eight free"  # rows: what a token takes
    GROWTH = "of the first"
    CHUNKS = "chunks"  # CPU, in chunks of a prefill
    STEPS = "steps"  # of the engine, by the server's own word
    PROMPT = "prompt tokens"
    CACHED = "tokens cached"  # of a prompt, by the server's own word
    TOKEN_RATE = "tokens/s"
    REQUEST_RATE = "requests/s"
    BYTE_RATE = "MB/CPU s"  # of a log
    REQUESTS = "requests"
    CLIENT_CPU_MS = "client CPU ms"  # of the load generator

    @property
    def is_rate(self) -> bool:
        """More is better."""
        return self in (Unit.TOKEN_RATE, Unit.REQUEST_RATE, Unit.BYTE_RATE)

    @property
    def is_told(self) -> bool:
        """Shown beside the figures, not compared."""
        return self in (Unit.PROMPT, Unit.CACHED, Unit.STEPS, Unit.REQUESTS, Unit.CLIENT_CPU_MS)


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of one server in one round. The value is None where the server does not say."""

    row: str
    unit: Unit
    value: float | None
    goal: Goal | None = None  # the target that is judged by this figure


@dataclass(frozen=True, slots=True)
class Sample:
    """A reading and where it comes from."""

    round: int
    server: str
    measure: str
    reading: Reading
