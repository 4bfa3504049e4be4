"""What a store says about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreStats:
    """A snapshot; counts of what was done since the server began."""

    kind: str  # "memory", "sqlite", "off"
    responses: int = 0
    nbytes: int = 0
    limit_bytes: int | None = None
    evicted: int = 0  # had to go for others
    expired: int = 0  # were too old
    failed: int = 0  # could not be stored
    orphaned: int = 0  # were under way in a server that ended
