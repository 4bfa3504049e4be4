"""Log probabilities as Chat Completions and Responses say them; what is wrong is left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
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


class Drawn(_Likely):
    top_logprobs: Maybe[list[_Likely]] = None


class LogprobsBody(Tolerant):
    """Of a choice of Chat Completions. Responses has the list itself."""

    content: Maybe[list[Drawn]] = None

    def odds(self) -> Iterator[TokenOdds]:
        return odds_of(self.content or ())


def odds_of(drawn: Iterable[Drawn]) -> Iterator[TokenOdds]:
    for one in drawn:
        if one.token is not None and one.logprob is not None and math.isfinite(one.logprob):
            yield TokenOdds(one.token, one.logprob, _top(one))


def _top(drawn: Drawn) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in drawn.top_logprobs or ():
        if one.token is not None and one.logprob is not None and math.isfinite(one.logprob):
            found[one.token] = max(one.logprob, found.get(one.token, -math.inf))
    return found
