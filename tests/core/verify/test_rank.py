"""The exact rank tests."""

from __future__ import annotations

import itertools
import math

import pytest

from llmx.core.errors import ConfigError
from llmx.core.verify.rank import cles, ks_faster, not_faster, p_faster, p_floor, plan_of


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
    ("n", "alpha", "u", "p"),
    [  # the largest U that is accepted
        (5, 0.01, 1, 0.00794),
        (6, 0.01, 3, 0.00758),
        (6, 0.01 / 3, 1, 0.00216),
        (8, 0.01, 9, 0.00738),
        (8, 0.01 / 3, 6, 0.00233),
        (8, 0.001, 4, 0.00093),
        (10, 0.01, 19, 0.00927),
        (10, 0.01 / 3, 14, 0.00260),
        (10, 0.001, 10, 0.00075),
        (16, 0.01, 66, 0.00947),
        (16, 0.01 / 3, 57, 0.00330),
        (16, 0.001, 48, 0.00097),
        (24, 0.01, 175, 0.00968),
        (24, 0.01 / 3, 157, 0.00316),
        (24, 0.001, 140, 0.00094),
    ],
)
def test_p_is_the_exact_one_of_the_tables(n: int, alpha: float, u: int, p: float) -> None:
    assert not_faster(*ranked(n, u)) == u
    assert p_faster(*ranked(n, u)) == pytest.approx(p, abs=0.00001)
    assert p_faster(*ranked(n, u)) <= alpha < p_faster(*ranked(n, u + 1))


@pytest.mark.parametrize(
    ("n", "floor"),
    [
        (3, 0.05),
        (4, 0.0143),
        (5, 0.00397),
        (6, 0.00108),
        (8, 7.77e-5),
        (10, 5.41e-6),
        (16, 1.66e-9),
        (24, 3.10e-14),
    ],
)
def test_full_separation_gives_the_floor_of_the_tables(n: int, floor: float) -> None:
    assert p_floor(n) == pytest.approx(floor, rel=0.005)
    assert p_faster(*ranked(n, 0)) == pytest.approx(p_floor(n))
    assert ks_faster(*ranked(n, 0)) == pytest.approx(p_floor(n))


def orders(n: int, m: int) -> list[tuple[list[float], list[float]]]:
    """Every order of n hits and m controls, all equally likely where hits are like controls."""
    found = []
    for places in itertools.combinations(range(n + m), n):
        hits = [float(place) for place in places]
        found.append((hits, [float(p) for p in range(n + m) if p not in places]))
    return found


def test_p_counts_the_orders_that_are_as_good_or_better() -> None:
    """Against every one of the 35 orders of 3 hits and 4 controls."""
    every = orders(3, 4)
    for hits, controls in every:
        u = not_faster(hits, controls)
        as_good = sum(not_faster(*other) <= u for other in every)
        assert p_faster(hits, controls) == pytest.approx(as_good / math.comb(7, 3))


@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 5), (5, 2)])
def test_kolmogorov_smirnov_counts_the_orders_that_climb_as_far(n: int, m: int) -> None:
    def climb(hits: list[float], controls: list[float]) -> float:
        times = [*hits, *controls]
        return max(sum(h <= t for h in hits) / n - sum(c <= t for c in controls) / m for t in times)

    every = orders(n, m)
    for hits, controls in every:
        far = climb(hits, controls)
        as_far = sum(climb(*other) >= far - 1e-9 for other in every)
        expected = 1.0 if far <= 0 else as_far / len(every)
        assert ks_faster(hits, controls) == pytest.approx(expected)


def test_a_tie_counts_against_the_claim() -> None:
    assert p_faster([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert ks_faster([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert cles([1.0, 1.0], [1.0, 1.0]) == 0.0
    assert p_faster([1.0, 1.0], [1.0, 2.0]) > p_faster([0.5, 0.5], [1.0, 2.0])
    assert ks_faster([1.0, 1.0], [1.0, 2.0]) > ks_faster([0.5, 0.5], [1.0, 2.0])


def test_the_effect_is_the_share_of_pairs_in_which_the_hit_is_faster() -> None:
    assert cles([1.0, 5.0], [2.0, 3.0]) == 0.5  # 1 < 2, 1 < 3; 5 is slower than both


def test_nothing_gives_no_p() -> None:
    for test in (p_faster, ks_faster):
        with pytest.raises(ValueError, match="0 hits and 1 controls"):
            test([], [1.0])


def test_a_test_that_could_never_pass_is_refused_with_both_figures() -> None:
    """A prototype asked for 0.001 at 6 against 6 and called two thirds of working servers dead."""
    with pytest.raises(ConfigError, match=r"6 hits .* is 0\.00108, and alpha is 0\.001 "):
        plan_of(0.001, [6])
    with pytest.raises(ConfigError, match=r"5 hits .* is 0\.00397, and alpha is 0\.00333 .* 3 "):
        plan_of(0.01, [5, 10, 16])
    assert plan_of(0.01, [5]).alpha_per_look == 0.01
    assert plan_of(0.01, [6, 10, 16, 24]).alpha_per_look == 0.0025


@pytest.mark.parametrize(
    ("alpha", "looks", "said"),
    [
        (0.0, [6], "alpha is a probability"),
        (1.5, [6], "alpha is a probability"),
        (0.01, [], "looks are counts that grow"),
        (0.01, [10, 6], "looks are counts that grow"),
        (0.01, [0, 6], "a look at 0 hits"),
    ],
)
def test_a_plan_that_is_none_is_refused(alpha: float, looks: list[int], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        plan_of(alpha, looks)
