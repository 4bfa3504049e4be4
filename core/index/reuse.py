"""How likely something comes back, learned from what came back. Knows ages and kinds, no items.

Time is a count of requests. For each kind and each octave of age this counts how long things stood
there unused and how many of them were used again; the quotient is a rate. What was evicted counts
as long as it could be seen, so evicting early does not look like never being wanted.
"""

from __future__ import annotations

import math
from enum import IntEnum
from itertools import pairwise

_OCTAVES = 24  # of age: up to 8 million requests, more counts as the last one
_EDGES = [0, *(1 << octave for octave in range(_OCTAVES))]  # octave i: ages _EDGES[i] to [i + 1]
_MIDDLES = [(low + high) / 2 for low, high in pairwise(_EDGES)]

# Where nothing is known the rate falls as 1/age: then the oldest is worth least, which is LRU.
_FIRST_CHANCE = 0.1  # to come back in an octave
_FIRST_EVENTS = 10.0  # reuses that it takes to move an octave's rate half-way to what is seen
_KIND_EVENTS = 2.0  # the same for a kind as a whole: kinds are few, and differ much


class Kind(IntEnum):
    """What is known of a leaf beside its age."""

    TAIL = 0  # the request that came back went another way above it
    BARREN = 1  # new, under a parent whose children do not come back: titles, scans
    NEW = 2
    REUSED = 3


def octave(age: int) -> int:
    """The octave in which something of this age stands."""
    return min(age.bit_length(), _OCTAVES - 1)


def youngest(octave: int) -> int:
    """The least age of an octave."""
    return _EDGES[octave]


class Seen:
    """What was seen: time spent unused, and reuses, by kind and octave."""

    def __init__(self) -> None:
        self._waited = [[0.0] * _OCTAVES for _ in Kind]
        self._reuses = [[0.0] * _OCTAVES for _ in Kind]

    def copy(self) -> Seen:
        twin = Seen()
        twin._waited = [list(row) for row in self._waited]
        twin._reuses = [list(row) for row in self._reuses]
        return twin

    def add(self, kind: Kind, since: int, age: int, *, is_reused: bool, times: int = 1) -> None:
        """It was watched from age `since` on, and was used again (or went) at `age`.

        `times`: as many were seen to do the same.
        """
        row, place = self._waited[kind], octave(since)
        while place < _OCTAVES and _EDGES[place] < age:
            row[place] += times * (min(age, _EDGES[place + 1]) - max(since, _EDGES[place]))
            place += 1
        if is_reused:
            self._reuses[kind][octave(max(0, age - 1))] += times

    def worth(self) -> list[list[float]]:
        """By kind and octave: the best reuses per time that keeping it a while may bring.

        The best over all whiles, so what is young and will be wanted in an hour is worth its
        chance then, spread over the hour.
        """
        common = self._common_rates()
        return [_best(self._rates(kind, common)) for kind in Kind]

    def _common_rates(self) -> list[float]:
        weights = [
            sum(row[place] for row in self._waited) + _FIRST_EVENTS * _MIDDLES[place]
            for place in range(_OCTAVES)
        ]
        rates = [
            (sum(row[place] for row in self._reuses) + _FIRST_EVENTS * _FIRST_CHANCE)
            / weights[place]
            for place in range(_OCTAVES)
        ]
        return _falling_from_its_peak(rates, weights)

    def _rates(self, kind: Kind, common: list[float]) -> list[float]:
        """The kind's own rates, as far as there is evidence; else the common ones, scaled."""
        waited, reuses = self._waited[kind], self._reuses[kind]
        expected = sum(time * rate for time, rate in zip(waited, common, strict=True))
        scale = (sum(reuses) + _KIND_EVENTS) / (expected + _KIND_EVENTS)
        weights = [
            time + _FIRST_EVENTS / (rate * scale) for time, rate in zip(waited, common, strict=True)
        ]
        rates = [
            (count + _FIRST_EVENTS) / weight for count, weight in zip(reuses, weights, strict=True)
        ]
        return _falling_from_its_peak(rates, weights)


def _falling_from_its_peak(rates: list[float], weights: list[float]) -> list[float]:
    """The same, where a rise after the peak is taken for noise: neighbours are pooled until it
    falls."""
    peak = rates.index(max(rates))
    pools: list[tuple[float, float, int]] = []  # rate, weight, octaves
    for rate, weight in zip(rates[peak:], weights[peak:], strict=True):
        pool = (rate, weight, 1)
        while pools and pools[-1][0] < pool[0]:
            before = pools.pop()
            both = before[1] + pool[1]
            mean = (before[0] * before[1] + pool[0] * pool[1]) / both
            pool = (mean, both, before[2] + pool[2])
        pools.append(pool)
    return rates[:peak] + [rate for rate, _, octaves in pools for _ in range(octaves)]


def _best(rates: list[float]) -> list[float]:
    """For each octave: the most reuses per time, over all ends of the time from there on."""
    chances = [
        -math.expm1(-rate * (_EDGES[place + 1] - _EDGES[place])) for place, rate in enumerate(rates)
    ]
    found: list[float] = []
    for first in range(_OCTAVES):
        best, reuses, time, left = 0.0, 0.0, 0.0, 1.0
        for place in range(first, _OCTAVES):
            share = left * chances[place]
            reuses += share
            time += share / rates[place]  # the mean time in an octave with a constant rate
            left -= share
            best = max(best, reuses / time)
            if left < 1e-3:
                break
        found.append(best)
    return found
