"""How likely the drawn tokens were to the model itself. Runs on the MLX thread.

From the logits as the model gave them: before bias, penalties, grammar and temperature (vLLM's
`raw_logprobs`; OpenAI's do not change with `logit_bias` either). So they say what the model thinks
of an answer whatever was done to its sampling.

witness   a row's first processor     keeps the logits of the token that is drawn next
scores    once per step               one gather and one top-k for all rows that ask
read      when the token is told      one transfer each
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import mlx.core as mx

_LEAST = -9999.0  # JSON has no infinity; what OpenAI says of the impossible


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The natural logarithms of a drawn token's probability and of the likeliest in its place."""

    logprob: float
    top: tuple[tuple[int, float], ...] = ()  # ids and logprobs, the likeliest first


class Witness:
    """A processor that changes nothing and has to be the first of its row's."""

    def __init__(self, top: int) -> None:
        self.top = top  # how many of the likeliest are asked for
        self._logits: mx.array | None = None

    def __call__(self, history: mx.array, logits: mx.array) -> mx.array:
        self._logits = logits
        return logits

    def take(self) -> mx.array:
        """The logits [1, vocabulary] of the token that is drawn next; forgets them."""
        assert self._logits is not None, "the row's processors have not been called"
        logits, self._logits = self._logits, None
        return logits


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one drawn token of each of some rows, not evaluated yet."""

    tops: tuple[int, ...]
    drawn: mx.array  # [rows], float32
    ids: mx.array | None  # [rows, most of tops]; None where nobody asks for any
    values: mx.array | None  # the same shape, float32

    @classmethod
    def of(cls, witnesses: Sequence[Witness], tokens: mx.array) -> Scores:
        """`tokens` [rows] were drawn for the rows of `witnesses`, in their order."""
        taken = [witness.take() for witness in witnesses]
        logits = (taken[0] if len(taken) == 1 else mx.concatenate(taken)).astype(mx.float32)
        total = mx.logsumexp(logits, axis=-1, keepdims=True)
        drawn = mx.take_along_axis(logits, tokens[:, None].astype(mx.int32), axis=-1) - total
        tops = tuple(min(witness.top, logits.shape[-1]) for witness in witnesses)
        most = max(tops)
        if most == 0:
            return cls(tops, mx.maximum(drawn[:, 0], _LEAST), None, None)
        ids = mx.argpartition(-logits, kth=most - 1, axis=-1)[:, :most]
        values = mx.take_along_axis(logits, ids, axis=-1) - total
        order = mx.argsort(-values, axis=-1)
        return cls(
            tops,
            mx.maximum(drawn[:, 0], _LEAST),
            mx.take_along_axis(ids, order, axis=-1),
            mx.maximum(mx.take_along_axis(values, order, axis=-1), _LEAST),
        )

    @property
    def arrays(self) -> list[mx.array]:
        """To be evaluated together with what the step computes."""
        return [array for array in (self.drawn, self.ids, self.values) if array is not None]

    def read(self) -> list[Likelihood]:
        """One for each row; waits until they are computed."""
        drawn = cast(list[float], self.drawn.tolist())
        if self.ids is None or self.values is None:
            return [Likelihood(logprob) for logprob in drawn]
        ids = cast(list[list[int]], self.ids.tolist())
        values = cast(list[list[float]], self.values.tolist())
        return [
            Likelihood(logprob, tuple(zip(ids[row][:top], values[row][:top], strict=True)))
            for row, (logprob, top) in enumerate(zip(drawn, self.tops, strict=True))
        ]
