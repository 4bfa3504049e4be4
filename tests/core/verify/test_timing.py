"""Times to a state: what shows a saving, what shows that there is none, and what shows neither."""

from __future__ import annotations

import pytest

from llmx.core.verify.rules import Rules
from llmx.core.verify.timing import judge_times

RULES = Rules()


def state(hits: list[float], controls: list[float], tiny_s: float | None = 0.01) -> str:
    return judge_times(hits, controls, tiny_s, RULES).state


def test_two_hits_below_seven_tenths_of_the_fastest_control_are_faster() -> None:
    assert state([0.69, 0.1], [1.0, 9.0, 9.0]) == "faster"
    assert state([0.70, 0.1], [1.0, 9.0, 9.0]) == "unclear"
    assert state([0.70, 0.8], [1.0, 9.0, 9.0]) == "not faster"


def test_without_times_nothing_is_known() -> None:
    assert state([], []) == "unknown"
    assert state([0.1], [1.0, 1.0]) == "unknown"
    assert judge_times([], [], None, RULES).ratio is None


def test_short_times_need_the_rank_test_for_a_saving_too() -> None:
    assert state([0.01, 0.01], [0.1, 0.1, 0.1]) == "unclear"
    timing = judge_times([0.01] * 6, [0.1] * 6, 0.01, RULES)
    assert (timing.state, timing.p) == ("faster", pytest.approx(1 / 924))  # C(12, 6)


def test_one_stalled_hit_of_six_does_not_hide_a_saving() -> None:
    assert state([0.01] * 5 + [0.105], [0.1, 0.1, 0.1, 0.11, 0.11, 0.11]) == "faster"  # U = 3
    assert state([0.01] * 4 + [0.2] * 2, [0.1] * 6) == "unclear"  # U = 12


def test_a_difference_too_small_to_be_a_cache_is_no_saving() -> None:
    assert state([0.09] * 6, [0.1] * 6) == "unclear"  # certain, but 10 %
