"""The lane that decodes in batches, for every class that mlx-lm can merge.

Decoding is mlx-lm's `GenerationBatch`, the part of its `BatchGenerator` that generates; the other
part, which computes prompts, is ours (`prefill.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import mlx.core as mx
from mlx_lm.generate import GenerationBatch, StopSequences
from mlx_lm.utils import maybe_set_recommended_wired_limit

from llmx.core.cache.layout import StateLayout
from llmx.core.cache.rows import live_arrays, merged, row_of
from llmx.core.engine.lane import Held, Row, Sampled, Sweeper, Update
from llmx.core.engine.logprobs import Likelihood, Scores, Witness
from llmx.core.engine.prefill import Prefills
from llmx.core.engine.sampling import greedy


class _Decoding(GenerationBatch):
    def extract_cache(self, idx: int) -> list[Any]:
        return row_of(self.prompt_cache, idx)

    def upcoming(self, rows: Sequence[int]) -> mx.array:
        """The tokens [rows] that `next` will give for these rows; they may not be computed yet."""
        assert self._next_tokens is not None, "an empty batch has no rows to ask for"
        return self._next_tokens[mx.array(list(rows))]


class BatchLane:
    def __init__(
        self, model: Any, layout: StateLayout, stop_tokens: Sequence[int], vocabulary: int
    ) -> None:
        self._model = model
        self._layout = layout
        self._stops = StopSequences([[token] for token in stop_tokens])
        self._prefills = Prefills(model, vocabulary, frozenset(stop_tokens))
        self._batch = _Decoding.empty(model, greedy)
        self._rows: dict[int, Row] = {}  # that have their first token, by what mlx-lm calls them
        self._joining: dict[Row, Held] = {}  # of these, not in the batch yet
        self._names = 0
        self._vocabulary_bytes = 4 * vocabulary
        self._unsettled = False
        self._sweeper = Sweeper()
        self._old_wired_limit = maybe_set_recommended_wired_limit()

    @property
    def nbytes(self) -> int:
        joining = sum(cache.nbytes for held in self._joining.values() for cache in held.state)
        batch = sum(cache.nbytes for cache in self._batch.prompt_cache)
        return self._prefills.nbytes + joining + batch + self._logits_bytes(self._rows.values())

    @property
    def decoding(self) -> bool:
        return bool(self._rows)

    def projected_bytes(self, starting: Sequence[Row] = (), decoding: Sequence[Row] = ()) -> int:
        alone = sum(self._layout.nbytes(row.prompt) for row in [*self._prefills, *starting])
        # Rows of a batch are padded to the longest, so the longest counts for everyone.
        batch = [*self._rows.values(), *decoding]
        longest = max((len(row.tokens) for row in batch), default=0)
        padded = len(batch) * self._layout.nbytes(longest + 1)
        return max(alone + padded + self._logits_bytes(batch), self.nbytes)

    def _logits_bytes(self, rows: Iterable[Row]) -> int:
        """Of each row this step's and the last one's; where it asks for logprobs, also those
        before its processors, and the order that the likeliest are found in."""
        kept = sum(2 if row.witness is None else 4 for row in rows)
        return kept * self._vocabulary_bytes

    def start(self, row: Row, state: list[Any]) -> None:
        self._prefills.start(row, state)

    def position(self, row: Row) -> int:
        return self._prefills.held(row).tokens

    def prefill(self, row: Row, chunk: int) -> Update:
        update = self._prefills.advance(row, chunk)
        match update:
            case Sampled(finish=None):
                self._joining[row] = self._prefills.pop(row)
                self._names += 1
                self._rows[self._names] = row
            case Sampled():
                self._prefills.pop(row)
            case _:
                if row.max_tokens == 0 and update.position == row.prompt:
                    self._prefills.pop(row)
        return update

    def decode(self) -> list[Update]:
        self._join()
        self._sweeper.stepped()
        witnesses = self._witnesses()
        scores = self._score(witnesses)
        responses = self._batch.next()
        likelihoods: dict[int, Likelihood] = {}
        if scores is not None:
            likelihoods = dict(zip(witnesses, scores.read(), strict=True))
        updates: list[Update] = []
        for response in responses:
            row = self._rows[response.uid]
            row.tokens.append(response.token)
            finish = cast(Literal["stop", "length"] | None, response.finish_reason)
            if finish is not None:
                del self._rows[response.uid]
                self._unsettled = True
            updates.append(
                Sampled(
                    row,
                    response.token,
                    finish,
                    response.prompt_cache,
                    len(row.tokens),
                    likelihoods.get(response.uid),
                )
            )
        if not self._rows:
            self._batch = _Decoding.empty(self._model, greedy)  # it keeps its last logits
        return updates

    def _witnesses(self) -> dict[int, Witness]:
        """Of the rows that ask for logprobs, by name."""
        rows = self._rows.items()
        return {name: row.witness for name, row in rows if row.witness is not None}

    def _score(self, witnesses: Mapping[int, Witness]) -> Scores | None:
        """How likely the tokens were that this step will tell: they are drawn already, or about to
        be. Put to work before the next forward, which would be waited for otherwise."""
        if not witnesses:
            return None
        places = {name: place for place, name in enumerate(self._batch.uids)}
        tokens = self._batch.upcoming([places[name] for name in witnesses])
        scores = Scores.of([*witnesses.values()], tokens)
        mx.async_eval(scores.arrays)
        return scores

    def held(self, row: Row) -> Held:
        return self._prefills.held(row)

    def remove(self, row: Row) -> Held | None:
        if row in self._prefills:
            return _worth_keeping(self._prefills.pop(row))
        name = next((name for name, one in self._rows.items() if one is row), None)
        if name is None:
            return None
        del self._rows[name]
        if row in self._joining:
            return self._joining.pop(row)
        index = self._batch.uids.index(name)
        held = Held(row_of(self._batch.prompt_cache, index), len(row.tokens))
        self._batch.filter([i for i in range(len(self._batch)) if i != index])
        self._unsettled = True
        return held

    def settle(self) -> None:
        if self._unsettled:
            mx.eval(live_arrays(self._batch.prompt_cache))
            self._unsettled = False

    def close(self) -> None:
        self._rows.clear()
        self._joining.clear()
        self._prefills.clear()
        self._batch = _Decoding.empty(self._model, greedy)
        if self._old_wired_limit is not None:
            mx.synchronize()
            mx.set_wired_limit(self._old_wired_limit)
            self._old_wired_limit = None

    def _join(self) -> None:
        """The rows that have got their first token since the last step become part of the batch."""
        if not self._joining:
            return
        rows = list(self._joining)
        names = {row: name for name, row in self._rows.items()}
        joining = _Decoding(
            self._model,
            [names[row] for row in rows],
            mx.array([row.tokens[-1] for row in rows]),
            merged([held.state for held in self._joining.values()]),
            # Penalties look at the whole history; it is mutated in place: a copy.
            [row.tokens[:-1] if row.processors else [] for row in rows],
            [row.sampler for row in rows],
            greedy,
            [list(row.processors) for row in rows],
            [self._stops] * len(rows),
            [row.max_tokens - 1 for row in rows],
        )
        self._joining.clear()
        self._batch.extend(joining)
        self._unsettled = True


def _worth_keeping(held: Held) -> Held | None:
    return held if held.tokens > 0 else None
