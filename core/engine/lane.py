"""A lane: a model and the rows it computes, one `step()` at a time. Belongs to the MLX thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from llmx.core.engine.sampling import Processor, Sampler


@dataclass(eq=False, slots=True)
class Row:
    """One sequence in work. The lane appends every token that it generates to `tokens`."""

    tokens: list[int]  # the whole prompt, then what was generated
    start: int  # leading tokens that `state` holds already
    state: list[Any] | None  # private to the row; None: an empty one
    stops: list[int]  # positions at which the prefill hands out the state, ascending
    max_tokens: int  # still to generate, at least 1
    sampler: Sampler
    processors: list[Processor] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Computed:
    """The prefill of `row` has reached `position`; `state` is given at the row's stops only."""

    row: Row
    position: int
    state: list[Any] | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """One token of `row`. With the last one comes the state, which holds that token too."""

    row: Row
    token: int
    finish: Literal["stop", "length"] | None
    state: list[Any] | None


Update = Computed | Sampled


@dataclass(frozen=True, slots=True)
class Held:
    """What a removed row leaves: `state` holds exactly `tokens`. None: nothing worth keeping."""

    tokens: list[int]
    state: list[Any]


class Lane(Protocol):
    def __len__(self) -> int: ...

    @property
    def nbytes(self) -> int:
        """Bytes of all rows' state, padding included."""
        ...

    def projected_bytes(self, joining: Sequence[Row] = ()) -> int:
        """An upper bound of `nbytes` after the next step, with `joining` among the rows."""
        ...

    def add(self, row: Row) -> None: ...

    def step(self) -> list[Update]:
        """One decode step of every generating row and one prefill chunk of the others."""
        ...

    def remove(self, row: Row) -> Held | None:
        """Stop a row, wherever it is."""
        ...

    def close(self) -> None: ...
