"""Log probabilities as Chat Completions says them; what is wrong or absent is left out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from llmx.core.client.tolerant import Maybe, Tolerant


@dataclass(frozen=True, slots=True)
class TokenOdds:
    """One token that was drawn, and the likeliest ones in its place."""

    token: str
    logprob: float
    top: Mapping[str, float]  # token to log probability; of two of one text the likelier


class _Likely(Tolerant):
    token: Maybe[str] = None
    logprob: Maybe[float] = None


class _Drawn(_Likely):
    top_logprobs: Maybe[list[_Likely]] = None


class LogprobsBody(Tolerant):
    content: Maybe[list[_Drawn]] = None

    def odds(self) -> Iterator[TokenOdds]:
        for one in self.content or ():
            if _is_number(one.logprob) and one.token is not None:
                yield TokenOdds(one.token, one.logprob or 0.0, _top(one))


def _top(drawn: _Drawn) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in drawn.top_logprobs or ():
        if one.token is not None and one.logprob is not None and math.isfinite(one.logprob):
            found[one.token] = max(one.logprob, found.get(one.token, -math.inf))
    return found


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
