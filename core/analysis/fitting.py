"""Lines through measured times that a few odd ones do not bend: the estimator of Theil and Sen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul
from statistics import median

APART = 0.1  # of the largest x: all points but a few lie nearer together, and show no slope
POINTS = 200  # more are thinned evenly: all pairs of them are looked at
ROWS = 1_000  # of a plane: more are thinned evenly


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
    low, high = (known[round(share * (len(known) - 1))][0] for share in (0.1, 0.9))
    if high - low < APART * max(abs(low), abs(high)):
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


def fit_share(points: Iterable[tuple[float, float]], least: int = 8) -> Line | None:
    """The line through the origin with the median y / x: for points with nearly the same x."""
    known = [(x, y) for x, y in points if x > 0]
    if len(known) < least:
        return None
    slope = median(y / x for x, y in known)
    spread = 1.4826 * median(abs(y - slope * x) for x, y in known)
    return Line(slope, 0.0, len(known), spread)


@dataclass(frozen=True, slots=True)
class Plane:
    """`start + first * x + second * y`, with the standard errors of both slopes."""

    start: float
    first: float
    second: float
    first_error: float
    second_error: float


def fit_plane(rows: Sequence[tuple[float, float, float]], least: int = 12) -> Plane | None:
    """The plane through (x, y, z), by least squares that give way to outliers (weights of Huber).

    None for fewer than `least` rows, or where x and y do not vary apart from each other.
    """
    if len(rows) < least:
        return None
    step = -(-len(rows) // ROWS)
    rows = rows[::step]
    scale_x, scale_y = (max(abs(row[i]) for row in rows) or 1.0 for i in (0, 1))
    xs, ys = [x / scale_x for x, _, _ in rows], [y / scale_y for _, y, _ in rows]
    values = [z for _, _, z in rows]
    weights = [1.0] * len(rows)
    solved: tuple[list[float], list[list[float]]] | None = None
    spread = 0.0
    for _ in range(12):
        solved = _weighted(xs, ys, values, weights)
        if solved is None:
            return None
        start, first, second = solved[0]
        rests = [
            abs(z - (start + first * x + second * y))
            for x, y, z in zip(xs, ys, values, strict=True)
        ]
        spread = 1.4826 * median(rests)
        limit = 1.5 * spread
        weights = [1.0 if rest <= limit or not rest else limit / rest for rest in rests]
        if not spread:
            break
    assert solved is not None
    (start, first, second), inverse = solved
    errors = [spread * max(inverse[i][i], 0.0) ** 0.5 for i in (1, 2)]
    return Plane(start, first / scale_x, second / scale_y, errors[0] / scale_x, errors[1] / scale_y)


def _weighted(
    xs: Sequence[float], ys: Sequence[float], values: Sequence[float], weights: Sequence[float]
) -> tuple[list[float], list[list[float]]] | None:
    """Coefficients and the inverse of the normal matrix; None where it has none."""
    columns = ([1.0] * len(xs), xs, ys)
    weighted = [list(map(mul, weights, column)) for column in columns]
    size = len(columns)
    matrix = [
        [sum(map(mul, weighted[i], columns[j])) for j in range(size)]
        + [float(i == j) for j in range(size)]
        for i in range(size)
    ]
    total = max(abs(value) for row in matrix for value in row)
    for i in range(size):  # Gauss and Jordan
        pivot = max(range(i, size), key=lambda row: abs(matrix[row][i]))
        if abs(matrix[pivot][i]) < 1e-9 * total:
            return None
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        divisor = matrix[i][i]
        matrix[i] = [value / divisor for value in matrix[i]]
        for other in range(size):
            if other != i:
                factor = matrix[other][i]
                matrix[other] = [
                    a - factor * b for a, b in zip(matrix[other], matrix[i], strict=True)
                ]
    inverse = [row[size:] for row in matrix]
    right = [sum(map(mul, column, values)) for column in weighted]
    solved = [sum(a * b for a, b in zip(row, right, strict=True)) for row in inverse]
    return solved, inverse


def thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """At most `POINTS` of them, evenly, with the first and the last."""
    if len(points) <= POINTS:
        return points
    step = (len(points) - 1) / (POINTS - 1)
    return [points[round(index * step)] for index in range(POINTS)]
