"""The lane on mlx-lm's `BatchGenerator`: continuous batching for every class that can be merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

import mlx.core as mx
from mlx_lm.generate import BatchGenerator
from mlx_lm.models.cache import make_prompt_cache

from llmx.core.cache.layout import StateLayout
from llmx.core.engine.lane import Computed, Held, Row, Sampled, Update
from llmx.core.prompt.checkpoints import segments

# A chunk delays every row that decodes beside it, so chunks are short while somebody does.
_CHUNK_BESIDE_DECODING = 256


class BatchLane:
    def __init__(
        self,
        model: Any,
        layout: StateLayout,
        stop_tokens: Sequence[Sequence[int]],
        *,
        max_running: int,
        prefill_chunk: int,
    ) -> None:
        self._model = model
        self._layout = layout
        self._chunk = prefill_chunk
        self._rows: dict[int, Row] = {}
        self._uids: dict[Row, int] = {}
        self._generating: set[Row] = set()
        self._generator = BatchGenerator(
            model,
            stop_tokens=stop_tokens,
            completion_batch_size=max_running,
            prefill_batch_size=min(8, max_running),
            prefill_step_size=prefill_chunk,
            # A stream belongs to its thread: take the one of the thread that runs the lane.
            stream=mx.default_stream(mx.default_device()),
        )

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def nbytes(self) -> int:
        return self._generator.prompt_cache_nbytes

    def projected_bytes(self, joining: Sequence[Row] = ()) -> int:
        # Rows of a batch are padded to the longest, so the longest counts for everyone.
        rows = [*self._uids, *joining]
        if not rows:
            return 0
        longest = max(len(row.tokens) for row in rows)
        bound = max(len(rows) * self._layout.nbytes(longest + 1), self.nbytes)
        prefilling = len(rows) - len(self._generating)
        if prefilling > 1:  # chunks of unequal length are padded to the longest as well
            bound += prefilling * self._chunk * self._layout.token_bytes
        return bound

    def add(self, row: Row) -> None:
        (uid,) = self._generator.insert_segments(
            [segments(row.tokens, row.start, row.stops)],
            max_tokens=[row.max_tokens],
            caches=[row.state or make_prompt_cache(self._model)],
            # Penalties and the final key are built from it; it is mutated in place: a copy.
            all_tokens=[row.tokens[: row.start]],
            samplers=[row.sampler],
            logits_processors=[row.processors],
        )
        row.state = None  # merged into the batch; kept here, it would be held twice
        self._rows[uid] = row
        self._uids[row] = uid

    def step(self) -> list[Update]:
        decoding = bool(self._generating)
        self._generator.prefill_step_size = (
            min(self._chunk, _CHUNK_BESIDE_DECODING) if decoding else self._chunk
        )
        prefilled, sampled = self._generator.next()
        updates: list[Update] = []
        for response in sampled:
            row = self._rows[response.uid]
            finish = cast(Literal["stop", "length"] | None, response.finish_reason)
            updates.append(Sampled(row, response.token, finish, response.prompt_cache))
            row.tokens.append(response.token)
            if response.finish_reason is not None:
                self._forget(row)
        for response in prefilled:
            row = self._rows[response.uid]
            position = row.start + response.progress[0]
            if response.end_of_prompt:
                self._generating.add(row)
            at_stop = response.end_of_segment and position in row.stops
            updates.append(Computed(row, position, self._state(row) if at_stop else None))
        return updates

    def remove(self, row: Row) -> Held | None:
        uid = self._uids.get(row)
        if uid is None:
            return None
        # Extracting is lazy, but classes that are not stored may not even allow it half-way.
        storable = self._layout.not_storable is None
        held = self._generator.remove([uid], return_prompt_caches=storable)
        self._forget(row)
        if not storable:
            return None
        state, tokens = held[uid]
        return Held(list(tokens), list(state)) if tokens and state else None

    def close(self) -> None:
        self._rows.clear()
        self._uids.clear()
        self._generating.clear()
        self._generator.close()

    def _state(self, row: Row) -> list[Any]:
        uid = self._uids[row]
        return self._generator.extract_cache([uid])[uid][0]

    def _forget(self, row: Row) -> None:
        del self._rows[self._uids.pop(row)]
        self._generating.discard(row)
