"""Lines through measured times that a few odd ones do not bend: the estimator of Theil and Sen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

POINTS = 200  # more are thinned evenly: all pairs of them are looked at


@dataclass(frozen=True, slots=True)
class Line:
    """`at(x) = start + slope * x`, through `points` points."""

    slope: float
    start: float
    points: int
    spread: float  # median distance of the points from the line, as a standard deviation

    def at(self, x: float) -> float:
        return self.start + self.slope * x


def fit(points: Iterable[tuple[float, float]], least: int = 8) -> Line | None:
    """The line with the median slope of all pairs; None for fewer than `least` points, or where
    all have nearly the same x."""
    known = thinned(sorted(points))
    if len(known) < least or len({x for x, _ in known}) < 3:
        return None
    slopes = [
        (y2 - y1) / (x2 - x1)
        for i, (x1, y1) in enumerate(known)
        for x2, y2 in known[i + 1 :]
        if x2 > x1
    ]
    slope = median(slopes)
    start = median(y - slope * x for x, y in known)
    spread = 1.4826 * median(abs(y - start - slope * x) for x, y in known)
    return Line(slope, start, len(known), spread)


def thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """At most `POINTS` of them, evenly, with the first and the last."""
    if len(points) <= POINTS:
        return points
    step = (len(points) - 1) / (POINTS - 1)
    return [points[round(index * step)] for index in range(POINTS)]
