"""The lane for what cannot be batched: our own loop, one row at a time, every row in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, cast

import mlx.core as mx
from mlx_lm.models.cache import make_prompt_cache

from llmx.core.cache.layout import StateLayout
from llmx.core.engine.lane import Computed, Held, Row, Sampled, Update


class _Work:
    """A row, its state, and how far it is."""

    def __init__(self, row: Row, model: Any) -> None:
        self.row = row
        self.state: list[Any] = row.state or make_prompt_cache(model)
        self.position = row.start  # tokens that the state holds
        self.generated = 0


class SequentialLane:
    def __init__(
        self,
        model: Any,
        layout: StateLayout,
        stop_tokens: Sequence[Sequence[int]],
        *,
        prefill_chunk: int,
    ) -> None:
        self._model = model
        self._layout = layout
        self._stop_tokens = frozenset(token for (token,) in stop_tokens)
        self._chunk = prefill_chunk
        self._works: deque[_Work] = deque()

    def __len__(self) -> int:
        return len(self._works)

    @property
    def nbytes(self) -> int:
        return sum(cache.nbytes for work in self._works for cache in work.state)

    def projected_bytes(self, joining: Sequence[Row] = ()) -> int:
        rows = [*(work.row for work in self._works), *joining]
        return sum(self._layout.nbytes(len(row.tokens) + 1) for row in rows)

    def add(self, row: Row) -> None:
        self._works.append(_Work(row, self._model))

    def step(self) -> list[Update]:
        """One chunk or one token of the row whose turn it is."""
        work = self._works.popleft()
        update = self._prefill(work) if self._left(work) > 1 else self._decode(work)
        if not (isinstance(update, Sampled) and update.finish):
            self._works.append(work)
        return [update]

    def remove(self, row: Row) -> Held | None:
        for work in self._works:
            if work.row is row:
                self._works.remove(work)
                return None  # such a state is not stored
        return None

    def close(self) -> None:
        self._works.clear()

    def _left(self, work: _Work) -> int:
        return len(work.row.tokens) - work.position

    def _prefill(self, work: _Work) -> Computed:
        tokens = work.row.tokens[work.position : work.position + self._chunk]
        tokens = tokens[: self._left(work) - 1]  # the last token is decoded: it gives the logits
        self._model(mx.array([tokens]), cache=work.state)
        mx.eval([cache.state for cache in work.state])
        mx.clear_cache()
        work.position += len(tokens)
        return Computed(work.row, work.position, None)

    def _decode(self, work: _Work) -> Sampled:
        row = work.row
        logits = self._model(mx.array([row.tokens[-1:]]), cache=work.state)[:, -1, :]
        if row.processors:
            history = mx.array(row.tokens)
            for process in row.processors:
                logits = process(history, logits)
        logprobs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        (token,) = cast(list[int], row.sampler(logprobs).tolist())
        work.position += 1
        work.generated += 1
        row.tokens.append(token)
        finish = None
        if token in self._stop_tokens:
            finish = "stop"
        elif work.generated >= row.max_tokens:
            finish = "length"
        return Sampled(row, token, finish, None)
