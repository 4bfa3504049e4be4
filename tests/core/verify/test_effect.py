"""What a cold prompt costs by length, and how much of it hits save."""

from __future__ import annotations

from random import Random

import pytest

from llmx.core.verify.effect import Line, effect_of, line_of, place


def test_the_line_finds_overhead_and_slope() -> None:
    found = line_of([(16, 0.056), (256, 0.296), (512, 0.552), (1024, 1.064)])
    assert found is not None
    assert found.overhead_s == pytest.approx(0.040)
    assert found.s_per_token == pytest.approx(0.001)


def test_a_length_counts_by_its_fastest_and_one_stalled_length_does_not_turn_the_line() -> None:
    first_ones_compile = [(tokens, 0.04 + 0.001 * tokens + 5) for tokens in (16, 256, 512, 1024)]
    second_ones = [(tokens, 0.04 + 0.001 * tokens) for tokens in (16, 256, 512, 1024)]
    assert line_of([*first_ones_compile, *second_ones]) == line_of(second_ones)
    stalled = line_of([*second_ones[:2], (512, 1.4), second_ones[3]])
    assert stalled is not None
    assert stalled.s_per_token == pytest.approx(0.001, rel=0.25)
    assert stalled.overhead_s == pytest.approx(0.040, abs=0.005)


def test_an_overhead_is_never_negative_nor_beyond_what_was_seen() -> None:
    steep = line_of([(100, 0.01), (200, 0.20)])
    assert steep == Line(0.0, (0.20 - 0.01) / 100)
    found = line_of([(16, 0.5), (256, 0.3), (512, 0.6), (1024, 1.2)])  # a stalled short one
    assert found is not None
    assert found.overhead_s <= 0.3


@pytest.mark.parametrize(
    "points", [[], [(512, 1.0)], [(512, 1.0), (512, 1.1)], [(16, 0.5), (1024, 0.5)]]
)
def test_where_length_makes_no_difference_there_is_no_line(points: list[tuple[int, float]]) -> None:
    assert line_of(points) is None


def test_the_saved_part_is_of_what_is_beyond_the_overhead() -> None:
    found = effect_of([0.2] * 6, [1.1] * 6, overhead_s=0.1)
    assert found is not None
    assert found.saved == pytest.approx(0.9)  # 1 - (0.2 - 0.1) / (1.1 - 0.1)
    assert (found.low, found.high) == (found.saved, found.saved)
    assert (found.hit_s, found.cold_s) == (0.2, 1.1)


def test_two_stalled_samples_of_six_move_nothing_but_the_interval() -> None:
    hits, cold = [0.2, 0.2, 0.2, 0.2, 0.9, 0.9], [1.1] * 12
    found = effect_of(hits, cold, overhead_s=0.1)
    assert found is not None
    assert found.saved == pytest.approx(0.9)
    assert found.low == pytest.approx(0.2)
    assert found.high == pytest.approx(0.9)


def test_a_saving_lies_between_minus_one_and_one() -> None:
    slow, fast = effect_of([9.0], [1.0], 0.1), effect_of([0.05], [1.0], 0.1)
    assert slow is not None
    assert fast is not None
    assert (slow.saved, fast.saved) == (-1.0, 1.0)


def test_where_there_is_nothing_to_save_nothing_is_said() -> None:
    assert effect_of([0.1], [0.1], overhead_s=0.1) is None
    assert effect_of([], [1.0], overhead_s=0.1) is None
    assert effect_of([1.0], [], overhead_s=0.1) is None


@pytest.mark.parametrize(("n", "m", "seed"), [(6, 12, 1), (10, 20, 2), (16, 32, 3)])
def test_the_interval_is_the_bootstraps(n: int, m: int, seed: int) -> None:
    """Against one that is drawn: 4,000 resamples put the ends within a neighbouring outcome."""
    rng = Random(seed)
    hits = [0.5 * rng.lognormvariate(0, 0.2) for _ in range(n)]
    cold = [1.0 * rng.lognormvariate(0, 0.2) for _ in range(m)]
    drawn = sorted(
        1 - sorted(rng.choices(hits, k=n))[place(n)] / sorted(rng.choices(cold, k=m))[place(m)]
        for _ in range(4000)
    )
    found = effect_of(hits, cold, overhead_s=0.0)
    assert found is not None
    assert drawn[20] <= found.low <= drawn[70]  # 1 % is the 40th
    assert drawn[-70] <= found.high <= drawn[-20]
