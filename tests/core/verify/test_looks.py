"""Times to a state, and when it is enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmx.core.verify.looks import PLAN, PLAN_WITH_RETRY, Slow, look_at
from tests.core.verify.samples_made import Block, alternating, evidence, samples_of


def blocks_saving(*saved: float) -> list[Block]:
    return [Block(saved=part, is_control_first=i % 2 == 1) for i, part in enumerate(saved)]


def state(blocks: list[Block]) -> tuple[str, bool]:
    look = look_at(evidence(samples_of(blocks)), PLAN)
    return look.state, look.is_settled


def test_the_plans_split_one_percent_equally() -> None:
    assert PLAN.looks == (6, 10, 16)
    assert PLAN.alpha_per_look == pytest.approx(0.00333, abs=1e-5)
    assert PLAN_WITH_RETRY.looks == (6, 10, 16, 24)


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


def test_claims_are_believed_of_ten_hits_and_times_of_six() -> None:
    assert state(alternating(10)) == ("FASTER", True)
    assert state([replace(one, claimed=None) for one in alternating()]) == ("FASTER", True)


def test_hits_that_are_claimed_and_slow_are_counted_beside_stalls() -> None:
    look = look_at(evidence(samples_of(blocks_saving(*[0.95] * 9, 0.0))), PLAN)
    assert look.slow is not None
    assert (look.slow.n, look.slow.claimed, look.slow.stalled) == (1, 10, 0)
    assert (look.slow.is_explained, look.is_settled) == (False, False)
    assert look.slow.p() == pytest.approx(1 / 3)  # one of 30, of which ten are hits
    assert Slow(n=1, claimed=16, stalled=0, cold=32).is_explained
    assert not Slow(n=2, claimed=16, stalled=0, cold=32).is_explained
    assert Slow(n=2, claimed=16, stalled=4, cold=32).is_explained
    assert not Slow(n=3, claimed=16, stalled=16, cold=32).is_explained


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
    """Three of either kind that were not even stalled are enough where the claims say the same."""
    by_time_alone = blocks_saving(*[0.95, 0.0] * 5)
    assert state(by_time_alone) == ("SINGLE", True)
    assert state(by_time_alone[:6])[0] == "INCONCLUSIVE"
    told = [replace(one, claimed=int(1000 * one.saved)) for one in by_time_alone[:6]]
    assert state(told) == ("SINGLE", True)
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
