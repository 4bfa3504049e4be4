"""An exact rank test: few samples, no assumption about how times are spread."""

from __future__ import annotations

import math
from collections.abc import Sequence


def p_faster(hits: Sequence[float], controls: Sequence[float]) -> float:
    """One-sided exact Mann-Whitney p for "hits are faster than controls".

    U counts the pairs in which the hit is not faster, so a tie counts against the claim. The
    smallest p that n against m can give is 1/C(n+m, n).
    """
    if not hits or not controls:
        raise ValueError(f"{len(hits)} hits and {len(controls)} controls give no p")
    u = sum(hit >= control for hit in hits for control in controls)
    ways = _ways(len(hits), len(controls))
    return sum(ways[: u + 1]) / math.comb(len(hits) + len(controls), len(hits))


def _ways(n: int, m: int) -> list[int]:
    """How many of the C(n+m, n) orders have U = 0, 1, ... n*m: a Gaussian binomial's coefficients,
    the product of (1 - q^(m+i)) / (1 - q^i) for i from 1 to n."""
    ways = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):
            ways[u] -= ways[u - m - i]
        for u in range(i, n * m + 1):
            ways[u] += ways[u - i]
    return ways
