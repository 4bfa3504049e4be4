"""A lane: a model and the rows it computes. Belongs to the MLX thread.

A row starts with its restored state, is prefilled chunk by chunk in the order that the scheduler
chooses, gives its first token, and is decoded together with the others from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import mlx.core as mx

from llmx.core.engine.constraint import Guide
from llmx.core.engine.logprobs import Likelihood, Witness
from llmx.core.engine.sampling import Processor, Sampler


@dataclass(eq=False, slots=True)
class Row:
    """One sequence in work. The lane appends every token that it generates to `tokens`."""

    tokens: list[int]  # the whole prompt, then what was generated
    prompt: int  # of these, how many are prefilled before the first token is drawn
    start: int  # leading tokens that `state` holds already
    stops: set[int]  # positions at which the prefill ends a chunk and hands out the state
    max_tokens: int  # still to generate; 0: the prompt is computed, nothing is drawn
    sampler: Sampler
    processors: list[Processor] = field(default_factory=list)
    guide: Guide | None = None  # of these, the one that holds it to a grammar
    grid: int = 1  # chunks end at its multiples, whatever else ends them
    witness: Witness | None = None  # the first of the processors, where logprobs are asked for


@dataclass(frozen=True, slots=True)
class Computed:
    """The prefill of `row` has reached `position`; `state` is given at stops and at its end."""

    row: Row
    position: int
    state: list[Any] | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """One token of `row`. `state`, where given, holds the first `held` tokens of the row."""

    row: Row
    token: int
    finish: Literal["stop", "length"] | None
    state: list[Any] | None = None
    held: int = 0
    likelihood: Likelihood | None = None  # where the row asks for it


Update = Computed | Sampled


@dataclass(frozen=True, slots=True)
class Held:
    """What a row holds: `state` holds exactly its first `tokens` tokens."""

    state: list[Any]
    tokens: int


class Sweeper:
    """Gives back what MLX keeps for reuse, now and then: buffers of many lengths pile up in it."""

    _EVERY = 512  # steps of decoding, as mlx-lm's own generators

    def __init__(self) -> None:
        self._steps = 0

    def stepped(self) -> None:
        self._steps += 1
        if self._steps % self._EVERY == 0:
            mx.clear_cache()


class Lane(Protocol):
    @property
    def nbytes(self) -> int:
        """Bytes of all rows' state, padding and logits included."""
        ...

    @property
    def decoding(self) -> bool:
        """Some row has its first token and wants the next."""
        ...

    def projected_bytes(self, starting: Sequence[Row] = (), decoding: Sequence[Row] = ()) -> int:
        """An upper bound of `nbytes` after the next step, with these rows among the others."""
        ...

    def start(self, row: Row, state: list[Any]) -> None:
        """`state` is private to the row and holds its first `row.start` tokens."""
        ...

    def position(self, row: Row) -> int:
        """How many tokens of a row that is being prefilled are computed."""
        ...

    def prefill(self, row: Row, chunk: int) -> Update:
        """Up to `chunk` tokens of a started row; its last chunk gives the first token."""
        ...

    def decode(self) -> list[Update]:
        """One token of every row that has its first one."""
        ...

    def held(self, row: Row) -> Held:
        """What a row that is being prefilled holds now; valid until its next chunk."""
        ...

    def remove(self, row: Row) -> Held | None:
        """Stop a row, wherever it is. None: it holds nothing."""
        ...

    def settle(self) -> None:
        """Let go of every buffer that only unfinished work keeps alive."""
        ...

    def close(self) -> None: ...
