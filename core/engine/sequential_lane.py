"""The lane for what cannot be batched: our own loop, one forward per row and token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mlx.core as mx

from llmx.core.cache.layout import StateLayout
from llmx.core.engine.lane import Held, Row, Sampled, Sweeper, Update
from llmx.core.engine.prefill import Prefills, draw, finish_of


class SequentialLane:
    def __init__(
        self, model: Any, layout: StateLayout, stop_tokens: Sequence[int], vocabulary: int
    ) -> None:
        self._model = model
        self._layout = layout
        self._stop_tokens = frozenset(stop_tokens)
        self._prefills = Prefills(model, vocabulary, self._stop_tokens)
        self._sweeper = Sweeper()
        self._states: dict[Row, list[Any]] = {}  # of the rows that have their first token

    @property
    def nbytes(self) -> int:
        decoding = sum(cache.nbytes for state in self._states.values() for cache in state)
        return self._prefills.nbytes + decoding

    @property
    def decoding(self) -> bool:
        return bool(self._states)

    def projected_bytes(self, starting: Sequence[Row] = (), decoding: Sequence[Row] = ()) -> int:
        rows = [*self._states, *self._prefills, *starting, *decoding]
        return sum(self._layout.nbytes(len(row.tokens) + 1) for row in rows)

    def start(self, row: Row, state: list[Any]) -> None:
        self._prefills.start(row, state)

    def position(self, row: Row) -> int:
        return self._prefills.held(row).tokens

    def prefill(self, row: Row, chunk: int) -> Update:
        update = self._prefills.advance(row, chunk)
        match update:
            case Sampled():
                held = self._prefills.pop(row)
                if update.finish is None:
                    self._states[row] = held.state
            case _:
                if row.max_tokens == 0 and update.position == row.prompt:
                    self._prefills.pop(row)
        return update

    def decode(self) -> list[Update]:
        self._sweeper.stepped()
        return [self._decode(row) for row in list(self._states)]

    def held(self, row: Row) -> Held:
        return self._prefills.held(row)

    def remove(self, row: Row) -> Held | None:
        if row in self._prefills:
            held = self._prefills.pop(row)
            return held if held.tokens > 0 else None
        state = self._states.pop(row, None)
        return None if state is None else Held(state, len(row.tokens) - 1)

    def settle(self) -> None:
        pass  # every forward is evaluated before the next one

    def close(self) -> None:
        self._states.clear()
        self._prefills.clear()

    def _decode(self, row: Row) -> Sampled:
        state = self._states[row]
        logits = self._model(mx.array([row.tokens[-1:]]), cache=state)
        drawn = draw(logits[:, -1, :], row, state)
        finish = finish_of(row, drawn.token, self._stop_tokens)
        if finish is not None:
            del self._states[row]
        handed = state if finish else None
        return Sampled(row, drawn.token, finish, handed, len(row.tokens) - 1, drawn.likelihood)
