"""Times to a state, and when it is enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmx.core.verify.looks import PLAN, look_at
from tests.core.verify.samples_made import Block, alternating, confirmed, evidence, samples_of


def blocks_saving(*saved: float) -> list[Block]:
    return [Block(saved=part, is_control_first=i % 2 == 1) for i, part in enumerate(saved)]


def state(blocks: list[Block]) -> tuple[str, bool]:
    look = look_at(evidence(samples_of(blocks)), PLAN)
    return look.state, look.is_settled


def test_the_plans_split_one_percent_equally() -> None:
    assert PLAN.looks == (6, 12, 18, 24)
    assert PLAN.alpha_per_look == pytest.approx(0.0025, abs=1e-5)


def test_six_clear_hits_are_enough() -> None:
    look = look_at(evidence(samples_of(alternating())), PLAN)
    assert (look.n, look.state, look.is_settled) == (
        6,
        "FASTER",
        False,
    )  # claims are believed later
    assert look.p == pytest.approx(1 / 18564)  # C(18, 6): six hits, six primes, six controls
    assert look.ks == pytest.approx(1 / 18564)
    assert look.cles == 1.0
    assert look.effect is not None
    assert look.effect.saved == pytest.approx(0.95, abs=0.001)


def test_claims_are_believed_of_36_hits_and_times_of_six() -> None:
    assert state(alternating(12)) == ("FASTER", False)
    look = look_at(evidence([*samples_of(alternating()), *confirmed()]), PLAN)
    assert (look.n, look.state, look.is_settled, look.has_to_confirm) == (36, "FASTER", True, False)
    assert state([replace(one, claimed=None) for one in alternating()]) == ("FASTER", True)


def test_slow_hits_ask_for_short_prompts_that_take_as_long_as_a_hit() -> None:
    look = look_at(evidence(samples_of(alternating())), PLAN)
    assert (look.has_to_confirm, look.is_suspicious) == (True, False)
    look = look_at(evidence(samples_of(blocks_saving(*[0.95] * 5, 0.0))), PLAN)
    assert (look.has_to_confirm, look.is_suspicious) == (True, True)
    assert look.short_of(1000) == 50  # 5 % of a prompt is what a hit has to compute
    look = look_at(evidence(samples_of(blocks_saving(*[0.3] * 6))), PLAN)
    assert not look.has_to_confirm  # it will not be VERIFIED, however many hits


def test_before_the_first_look_nothing_is_decided() -> None:
    assert state(alternating(5)) == ("INCONCLUSIVE", False)
    assert state([]) == ("INCONCLUSIVE", False)


@pytest.mark.parametrize(
    ("saved", "expected"),
    [(0.95, "FASTER"), (0.11, "FASTER"), (0.09, "NOT"), (0.0, "NOT"), (-0.5, "NOT")],
)
def test_a_saving_has_to_be_that_of_a_cache(saved: float, expected: str) -> None:
    """Far beyond chance is not enough: hits that save 9 % each time are faster for certain."""
    silent = [replace(one, claimed=None) for one in blocks_saving(*[saved] * 6)]
    assert state(silent) == (expected, True)


def test_too_little_to_be_sure_of_and_too_much_for_none_is_undecided() -> None:
    assert state(blocks_saving(0.05, 0.2, 0.2, 0.2, 0.2, 0.2))[0] == "FASTER"
    assert state(blocks_saving(0.0, 0.05, 0.2, 0.05, 0.2, 0.2))[0] == "INCONCLUSIVE"


def test_hits_that_are_fast_only_right_after_their_prime_are_of_a_single_entry() -> None:
    """Five of either kind: less can be stalls, or a cache that misses now and then."""
    pattern = blocks_saving(*[0.95, 0.0] * 5)
    assert state(pattern) == ("SINGLE", True)
    assert state(pattern[:8])[0] == "INCONCLUSIVE"
    assert state(blocks_saving(*[0.0, 0.95] * 5))[0] != "SINGLE"


def test_uneven_times_ask_for_more_blocks() -> None:
    uneven = blocks_saving(0.9, 0.0, 0.1, 0.9, 0.0, 0.1)
    assert state(uneven) == ("INCONCLUSIVE", False)


def test_two_stalled_hits_of_sixteen_do_not_hide_a_cache() -> None:
    assert state(blocks_saving(*[0.95] * 7, -1.0, *[0.95] * 7, -2.0))[0] == "FASTER"


def test_where_a_long_prompt_costs_nothing_there_is_no_state() -> None:
    samples = [replace(one, ttft_s=0.05) for one in samples_of(alternating())]
    look = look_at(evidence(samples), PLAN)
    assert (look.state, look.effect, look.is_settled) == ("INCONCLUSIVE", None, False)
