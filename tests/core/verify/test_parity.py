"""Answers compared by log probabilities: noise, steps, damage, and where words part."""

from __future__ import annotations

import pytest

from llmx.core.client.odds import TokenOdds
from llmx.core.verify.parity import EXACT, apart, grain_of, noise_of, tolerance


def odds(token: str, **top: float) -> TokenOdds:
    return TokenOdds(token, top[token], top)


ONE = (odds("a", a=-0.5, b=-1.5), odds("b", a=-2.0, b=-0.25))


def moved(by: float) -> tuple[TokenOdds, ...]:
    return tuple(
        TokenOdds(one.token, one.logprob, {name: value + by for name, value in one.top.items()})
        for one in ONE
    )


def test_the_largest_difference_over_all_places_counts() -> None:
    found = apart(ONE, (ONE[0], odds("b", a=-2.0, b=-0.28)))
    assert (found.largest, found.compared) == (pytest.approx(0.03), 4)
    assert found.parted_at is None


def test_after_the_words_part_nothing_is_compared() -> None:
    found = apart(ONE, (odds("b", a=-0.6, b=-0.5), odds("z", z=-9.0)))
    assert (found.parted_at, found.compared) == (0, 2)
    assert found.largest == pytest.approx(1.0)  # b: -1.5 and -0.5
    assert found.gap == pytest.approx(1.0)  # -0.5 - -1.5: no tie


def test_words_part_only_where_another_one_is_the_likeliest() -> None:
    """`mlx_lm.server` names another one as drawn at times."""
    named = TokenOdds("b", -1.5, {"a": -0.5, "b": -1.5})
    found = apart([ONE[0]], [named])
    assert (found.largest, found.parted_at, found.gap) == (0.0, 0, None)


def test_a_token_that_is_missing_there_is_less_likely_than_all_that_are() -> None:
    found = apart([odds("a", a=-0.1, b=-3.0)], [odds("c", c=-0.2, b=-2.0)])
    assert found.largest == pytest.approx(2.8)  # c: -0.2 there, here -3.0 at most
    assert found.compared == 3  # b in both, a and c
    nothing = apart([odds("a", a=-0.1)], [odds("c", c=-0.1)])  # both may be as likely in both
    assert (nothing.largest, nothing.compared) == (0.0, 0)


def test_noise_is_what_cold_answers_differ_by_and_needs_two() -> None:
    assert noise_of([ONE]) is None
    assert noise_of([ONE, moved(1e-6), moved(3e-6)]) == pytest.approx(3e-6)


def test_the_limit_comes_from_the_noise_and_not_below_what_is_exact() -> None:
    assert tolerance(0.0, None) == EXACT
    assert tolerance(1e-3, None) == pytest.approx(1e-2)
    assert tolerance(None, None) == EXACT
    assert tolerance(0.0, 0.125) == pytest.approx(0.75)  # six steps


def test_logits_that_come_in_steps_are_told_from_fine_ones() -> None:
    steps = [odds("a", a=-0.1, b=-0.1 - 0.125 * i, c=-0.1 - 0.25 * i) for i in range(1, 6)]
    assert grain_of([steps]) == 0.125
    fine = [odds("a", a=-0.1, b=-0.1 - 0.1237 * i, c=-0.2713 * i) for i in range(1, 6)]
    assert grain_of([fine]) is None
    assert grain_of([ONE]) is None  # too few to tell
