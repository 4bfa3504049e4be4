"""Two traces, before and after a change: what became better or worse, and how sure that is.

The interval of a difference is a bootstrap over conversations, not over requests: those of one
conversation hit and miss together. Where both traces hold the same conversations (the same sessions
or first messages) they are drawn in pairs, so that what differs between them drops out.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import Any, Literal

from llmx.core.analysis.conversations import Conversation, conversations
from llmx.core.analysis.report import Report

LEVEL = 0.95  # of the intervals
RESAMPLES = 1_000
LEAST = 3  # conversations on each side: below that an interval would tell of nothing
SMALL = 0.005  # a difference of shares within this is none: tokens of templates move that much

Tag = Literal["server-reported", "measured", "estimated"]
Unit = Literal["share", "seconds", "tokens per request"]
Verdict = Literal["better", "worse", "no difference shown", "unknown"]

# Of Student's t at 0.975 by degrees of freedom; from 10 on 1.96 + 2.4 / df is within 0.03 of it.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure before and after; `low` to `high` holds the difference with probability `LEVEL`."""

    name: str
    unit: Unit
    before: float | None
    after: float | None
    low: float | None
    high: float | None
    more_is_better: bool
    small: float = 0.0  # differences up to this are none
    tag: Tag = "server-reported"

    @property
    def difference(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def verdict(self) -> Verdict:
        if self.low is None or self.high is None:
            return "unknown"
        if self.low > self.small:
            return "better" if self.more_is_better else "worse"
        if self.high < -self.small:
            return "worse" if self.more_is_better else "better"
        return "no difference shown"


@dataclass(frozen=True, slots=True)
class Comparison:
    before: Report
    after: Report
    conversations: tuple[int, int]
    is_paired: bool
    figures: tuple[Difference, ...]  # the first one decides
    causes: tuple[Difference, ...]  # lost tokens per request, by side and cause

    @property
    def verdict(self) -> Verdict:
        """Of the share of prompt tokens that came from the cache."""
        return self.figures[0].verdict

    def to_json(self) -> dict[str, Any]:
        return {
            "v": 1,
            "verdict": self.verdict,
            "requests": [len(self.before.rows), len(self.after.rows)],
            "conversations": list(self.conversations),
            "paired": self.is_paired,
            "level": LEVEL,
            "figures": [_json(one) for one in self.figures],
            "lost_by_cause": [_json(one) for one in self.causes],
        }


def _json(one: Difference) -> dict[str, Any]:
    return {
        "name": one.name,
        "unit": one.unit,
        "before": one.before,
        "after": one.after,
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "verdict": one.verdict,
        "tag": one.tag if one.difference is not None else "unknown",
    }


def compare(before: Report, after: Report, *, seed: int = 0) -> Comparison:
    """The same reports and seed give the same intervals."""
    first, second = (_tallies(conversations(report.rows)) for report in (before, after))
    is_paired = first.keys() == second.keys()
    if is_paired:
        second = {key: second[key] for key in first}  # both in one order: drawn by place
    sample = _Sample(list(first.values()), list(second.values()), is_paired, seed)
    hit_share = _ratio(lambda one: one.cached, lambda one: one.prompt)
    achieved = _ratio(lambda one: one.achieved, lambda one: one.ideal)
    computed = _ratio(lambda one: one.prompt - one.cached, lambda one: one.judged)
    told: Tag = "server-reported"
    figures = (
        sample.difference(
            "hit share", "share", hit_share, tag=told, more_is_better=True, small=SMALL
        ),
        sample.difference(
            "cached / possible",
            "share",
            achieved,
            tag="estimated",
            more_is_better=True,
            small=SMALL,
        ),
        sample.difference("tokens computed", "tokens per request", computed, tag=told),
        sample.difference("ttft p50", "seconds", _ttft(0.5), tag="measured"),
        sample.difference("ttft p90", "seconds", _ttft(0.9), tag="measured"),
    )
    names = sorted({name for one in (*first.values(), *second.values()) for name in one.lost})
    causes = [
        sample.difference(name, "tokens per request", _lost(name), tag="estimated")
        for name in names
    ]
    causes.sort(key=lambda one: (-abs(one.difference or 0.0), one.name))
    counts = (len(first), len(second))
    return Comparison(before, after, counts, is_paired, figures, tuple(causes))


# ── what a conversation adds ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Tally:
    """Sums over the requests of one conversation."""

    judged: int  # requests that count in shares
    prompt: int
    cached: int
    ideal: int  # of the requests for which it is known,
    achieved: int  # and what these had cached
    lost: Counter[str]
    times: tuple[float, ...]  # to the first token


class _Side:
    """The conversations of one trace; a draw is how often each of them is counted."""

    def __init__(self, tallies: Sequence[_Tally]) -> None:
        self.tallies = tallies
        times = ((time, at) for at, one in enumerate(tallies) for time in one.times)
        self.times = sorted(times)  # with the place of their conversation

    def total(self, draw: Sequence[int], of: Callable[[_Tally], int]) -> int:
        return sum(of(one) * n for one, n in zip(self.tallies, draw, strict=True) if n)


def _tallies(some: Iterable[Conversation]) -> dict[str, _Tally]:
    return {one.key: _tally(one) for one in some}


def _tally(conversation: Conversation) -> _Tally:
    known = [row for row in conversation.rows if row.is_judged]
    placed = [row for row in known if row.ideal is not None]
    lost: Counter[str] = Counter()
    for row in known:
        for one in row.lost:
            lost[f"{one.side}: {one.cause}"] += one.tokens or 0
    return _Tally(
        judged=len(known),
        prompt=sum(row.prompt or 0 for row in known),
        cached=sum(row.cached or 0 for row in known),
        ideal=sum(row.ideal or 0 for row in placed),
        achieved=sum(row.actual or 0 for row in placed),
        lost=lost,
        times=tuple(row.ttft_s for row in conversation.rows if row.ttft_s is not None),
    )


Figure = Callable[[_Side, Sequence[int]], float | None]


def _ratio(above: Callable[[_Tally], int], below: Callable[[_Tally], int]) -> Figure:
    """Unknown where nothing is below."""

    def of(side: _Side, draw: Sequence[int]) -> float | None:
        total = side.total(draw, below)
        return side.total(draw, above) / total if total else None

    return of


def _lost(name: str) -> Figure:
    return _ratio(lambda one: one.lost[name], lambda one: one.judged)


def _ttft(share: float) -> Figure:
    """The smallest time that at least `share` of the requests do not exceed."""

    def of(side: _Side, draw: Sequence[int]) -> float | None:
        counts = [draw[at] for _, at in side.times]
        wanted = share * sum(counts)
        for (time, _), seen in zip(side.times, accumulate(counts), strict=True):
            if seen and seen >= wanted:
                return time
        return None

    return of


# ── intervals ─────────────────────────────────────────────────────────────────────────────────


class _Sample:
    """Draws conversations with replacement; every figure sees the same draws."""

    def __init__(
        self, before: Sequence[_Tally], after: Sequence[_Tally], is_paired: bool, seed: int
    ) -> None:
        self._before, self._after = _Side(before), _Side(after)
        self._tail = _tail(min(len(before), len(after)))
        self._draws: list[tuple[list[int], list[int]]] = []
        if min(len(before), len(after)) >= LEAST:
            draw = random.Random(seed)
            for _ in range(RESAMPLES):
                one = _counts(draw, len(before))
                self._draws.append((one, one if is_paired else _counts(draw, len(after))))

    def difference(
        self,
        name: str,
        unit: Unit,
        figure: Figure,
        *,
        tag: Tag,
        more_is_better: bool = False,
        small: float = 0.0,
    ) -> Difference:
        before, after = (
            figure(side, [1] * len(side.tallies)) for side in (self._before, self._after)
        )
        is_known = before is not None and after is not None
        low, high = self._interval(figure) if is_known else (None, None)
        return Difference(name, unit, before, after, low, high, more_is_better, small, tag)

    def _interval(self, figure: Figure) -> tuple[float | None, float | None]:
        found: list[float] = []
        for ours, theirs in self._draws:
            before, after = figure(self._before, ours), figure(self._after, theirs)
            if before is not None and after is not None:
                found.append(after - before)
        if not found:
            return None, None
        found.sort()
        at = round(self._tail * (len(found) - 1))
        return found[at], found[len(found) - 1 - at]


def _counts(draw: random.Random, size: int) -> list[int]:
    """How often each of `size` was drawn in `size` draws."""
    counts = [0] * size
    for at in draw.choices(range(size), k=size):
        counts[at] += 1
    return counts


def _tail(size: int) -> float:
    """The share of resamples that is left out at each end.

    Less than (1 - LEVEL) / 2 where there are few conversations: a resample of n varies less than
    the truth, by sqrt((n - 1) / n), and the normal law promises too much (the expanded percentile
    interval; for 3 conversations nothing is left out).
    """
    if size < LEAST:
        return 0.0
    df = size - 1
    t = _T[df - 1] if df <= len(_T) else 1.96 + 2.4 / df
    return NormalDist().cdf(-t * math.sqrt(size / df))
