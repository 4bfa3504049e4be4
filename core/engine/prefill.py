"""Prompts on their way to their first token: one row at a time, one chunk at a time.

mlx-lm's own prompt batch pads rows to the longest, copies a row's whole state for every stop and
cuts its chunks from wherever a segment begins. Here a row is computed alone, so that the shapes
depend on nothing but its own positions; its state can be handed out after any chunk without a
copy; and the last chunk gives the first token, where mlx-lm computes one more forward for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

import mlx.core as mx

from llmx.core.engine.lane import Computed, Held, Row, Sampled
from llmx.core.engine.logprobs import Likelihood, Scores

# The last chunk computes the head for each of its tokens, though only the last one is looked at: up
# to this size that is cheaper than a forward of its own for the last token.
_LOGITS_BYTES = 16 << 20


class Prefills:
    """The rows that have no first token yet, each with its state."""

    def __init__(self, model: Any, vocabulary: int, stop_tokens: frozenset[int]) -> None:
        self._model = model
        self._stop_tokens = stop_tokens
        self._longest_last = max(1, _LOGITS_BYTES // (4 * vocabulary))
        self._held: dict[Row, Held] = {}

    def __contains__(self, row: Row) -> bool:
        return row in self._held

    def __iter__(self) -> Iterator[Row]:
        return iter(self._held)

    @property
    def nbytes(self) -> int:
        return sum(cache.nbytes for held in self._held.values() for cache in held.state)

    def start(self, row: Row, state: list[Any]) -> None:
        self._held[row] = Held(state, row.start)

    def held(self, row: Row) -> Held:
        return self._held[row]

    def pop(self, row: Row) -> Held:
        return self._held.pop(row)

    def clear(self) -> None:
        self._held.clear()

    def advance(self, row: Row, chunk: int) -> Computed | Sampled:
        """Compute up to `chunk` tokens of a row, fewer where a stop or the grid ends the chunk.

        The row stays until it is popped, also after its first token.
        """
        state, position = self._held[row].state, self._held[row].tokens
        end = self._end_of_chunk(row, position, chunk)
        logits = self._model(mx.array([row.tokens[position:end]]), cache=state)
        self._held[row] = Held(state, end)
        if end == row.prompt and row.max_tokens > 0:
            return self._first_token(row, state, logits[:, -1, :])
        mx.eval([cache.state for cache in state])
        mx.clear_cache()
        return Computed(row, end, state if end in row.stops or end == row.prompt else None)

    def _end_of_chunk(self, row: Row, position: int, chunk: int) -> int:
        end = min(position + chunk, row.prompt)
        if row.grid > 1:
            end = min((position // row.grid + 1) * row.grid, row.prompt)
        end = min([end, *(stop for stop in row.stops if stop > position)])
        if end == row.prompt and row.max_tokens > 0 and end - position > self._longest_last:
            return end - 1
        return end

    def _first_token(self, row: Row, state: list[Any], logits: mx.array) -> Sampled:
        drawn = draw(logits, row, state)
        finish = finish_of(row, drawn.token, self._stop_tokens)
        return Sampled(row, drawn.token, finish, state, row.prompt, drawn.likelihood)


@dataclass(frozen=True, slots=True)
class Drawn:
    token: int
    likelihood: Likelihood | None


def draw(logits: mx.array, row: Row, state: list[Any]) -> Drawn:
    """The next token after the whole history of a row, from its logits [1, vocabulary].

    Evaluates the row's state with it.
    """
    token = _sample(logits, row)
    scores = None if row.witness is None else Scores.of([row.witness], token)
    mx.eval(token, [] if scores is None else scores.arrays, [cache.state for cache in state])
    likelihood = None if scores is None else scores.read()[0]
    return Drawn(cast(int, token.item()), likelihood)


def _sample(logits: mx.array, row: Row) -> mx.array:
    if row.processors:
        history = mx.array(row.tokens)
        for process in row.processors:
            logits = process(history, logits)
    logprobs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
    return row.sampler(logprobs)


def finish_of(
    row: Row, token: int, stop_tokens: frozenset[int]
) -> Literal["stop", "length"] | None:
    """Take `token` as the row's next one; why the row is finished with it, if it is."""
    row.tokens.append(token)
    if token in stop_tokens:
        return "stop"
    return "length" if len(row.tokens) - row.prompt >= row.max_tokens else None
