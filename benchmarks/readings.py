"""The values between the measures and the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """The value is what the table shows."""

    WALL = "s"
    CPU = "CPU s"
    CPU_MS = "CPU ms"
    MEMORY = "MiB"
    COMPUTED = "tokens computed"  # of prompts: those not taken from the cache
    PROMPT = "prompt tokens"
    CACHED = "tokens cached"  # of a prompt, by the server's own word
    TOKEN_RATE = "tokens/s"
    REQUEST_RATE = "requests/s"

    @property
    def is_rate(self) -> bool:
        """More is better."""
        return self in (Unit.TOKEN_RATE, Unit.REQUEST_RATE)

    @property
    def is_told(self) -> bool:
        """Shown beside the figures, not compared."""
        return self in (Unit.PROMPT, Unit.CACHED)


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of one server in one round. The value is None where the server does not say."""

    row: str
    unit: Unit
    value: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A reading and where it comes from."""

    round: int
    server: str
    measure: str
    reading: Reading
