"""Two answers to one prompt, compared by log probabilities first and by text second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from llmx.core.client.odds import TokenOdds

EXACT = 1e-4  # in single precision noise stays below 1e-5, and one wrong token is above 1e-3
NOISES = 10  # times the noise that was seen
STEPS = 6  # of the grain: logits of few bits jump by whole steps
VAGUE = 1.0  # a limit that hides what it is to find
GROSS = 1.0  # no rounding does that to the likeliest tokens of each prompt
GRAINS = tuple(2.0**-power for power in range(2, 9))  # steps of logits in half precision
UNLIKELY = -15.0  # log probability: less is noise of its own


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two answers are apart, as far as they are of the same words."""

    largest: float  # difference of log probabilities, at least; 0.0: none could be compared
    compared: int  # pairs of log probabilities
    parted_at: int | None  # the token from which on the words differ; None: nowhere
    gap: float | None  # there, between the two likeliest tokens: how near a tie it was; None: the
    # likeliest one is the same in both, whatever was drawn


def apart(one: Sequence[TokenOdds], other: Sequence[TokenOdds]) -> Apart:
    """Where the words part, that place still counts: what came before it is the same."""
    largest, compared = 0.0, 0
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        differences = [*_differences(a.top, b.top)]
        largest = max(largest, *differences, 0.0)
        compared += len(differences)
        if a.token != b.token:
            is_same = _likeliest(a) == _likeliest(b)
            return Apart(largest, compared, at, None if is_same else _gap(a))
    return Apart(largest, compared, None, None)


def _differences(one: Mapping[str, float], other: Mapping[str, float]) -> Iterator[float]:
    """A token that is not among the likeliest of the other place is there at most as likely as the
    least of them: the least that the two can differ by, where that is anything."""
    for token in one.keys() & other.keys():
        if min(one[token], other[token]) > UNLIKELY:
            yield abs(one[token] - other[token])
    for a, b in ((one, other), (other, one)):
        least = max(min(b.values(), default=0.0), UNLIKELY)
        yield from (a[token] - least for token in a.keys() - b.keys() if a[token] > least)


def _likeliest(odds: TokenOdds) -> str:
    """`mlx_lm.server` names another one of the likeliest as drawn at times."""
    return max(odds.top, key=lambda token: odds.top[token], default=odds.token)


def _gap(odds: TokenOdds) -> float | None:
    first, second, *_ = (*sorted(odds.top.values(), reverse=True), math.nan, math.nan)
    return first - second if math.isfinite(second) else None


def noise_of(cold: Sequence[Sequence[TokenOdds]]) -> float | None:
    """The largest difference between answers that were all computed anew; None: fewer than two."""
    pairs = list(combinations(cold, 2))
    return max(apart(one, other).largest for one, other in pairs) if pairs else None


def grain_of(answers: Iterable[Sequence[TokenOdds]]) -> float | None:
    """The step in which the logits come, where they come in steps: differences within one place
    are differences of logits. None: they are finer, or too few to tell."""
    differences = [
        abs(one - other)
        for odds in answers
        for place in odds
        for one, other in combinations(place.top.values(), 2)
        if min(one, other) > UNLIKELY
    ]
    if len(differences) < 8 or max(differences) == 0.0:
        return None
    for grain in GRAINS:
        if all(abs(d / grain - round(d / grain)) < 1e-3 for d in differences):
            return grain
    return None


def tolerance(noise: float | None, grain: float | None) -> float:
    """How far a warm answer may be from a cold one. None: the noise could not be measured."""
    return max(EXACT if grain is None else STEPS * grain, NOISES * (noise or 0.0))
