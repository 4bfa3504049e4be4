"""The exact rank test."""

from __future__ import annotations

import itertools
import math

import pytest

from llmx.core.verify.rank import p_faster


def ranked(n: int, u: int) -> tuple[list[float], list[float]]:
    """n hits and n controls with exactly u pairs in which the hit is slower."""
    controls = [float(i) for i in range(n)]
    hits = [-1.0] * n
    whole, rest = divmod(u, n)
    hits[:whole] = [float(n)] * whole
    if rest:
        hits[whole] = rest - 0.5
    return hits, controls


@pytest.mark.parametrize(
    ("n", "u", "p"),
    [  # C(2n, n) orders
        (5, 1, 0.00794),
        (6, 0, 0.00108),
        (6, 1, 0.00216),
        (6, 3, 0.00758),
        (8, 9, 0.00738),
        (10, 14, 0.00260),
        (16, 66, 0.00947),
        (24, 175, 0.00968),
    ],
)
def test_p_is_the_exact_one_of_the_tables(n: int, u: int, p: float) -> None:
    assert p_faster(*ranked(n, u)) == pytest.approx(p, rel=0.005)


def test_p_counts_the_orders_that_are_as_good_or_better() -> None:
    """Against every one of the 35 orders of 3 hits and 4 controls, counted by hand."""
    orders = []
    for places in itertools.combinations(range(7), 3):
        hits = [float(place) for place in places]
        controls = [float(place) for place in range(7) if place not in places]
        orders.append((sum(h > c for h in hits for c in controls), hits, controls))
    for u, hits, controls in orders:
        as_good = sum(other <= u for other, _, _ in orders)
        assert p_faster(hits, controls) == pytest.approx(as_good / math.comb(7, 3))


def test_a_tie_counts_against_the_claim() -> None:
    assert p_faster([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert p_faster([1.0, 1.0], [1.0, 2.0]) > p_faster([0.5, 0.5], [1.0, 2.0])


def test_nothing_gives_no_p() -> None:
    with pytest.raises(ValueError, match="0 hits and 1 controls"):
        p_faster([], [1.0])
