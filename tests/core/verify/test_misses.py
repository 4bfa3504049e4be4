"""Hits that were none, and what can be said of those that were not seen to miss."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest

from llmx.core.verify.evidence import Sample
from llmx.core.verify.looks import PLAN, look_at
from llmx.core.verify.misses import SURELY, Delayed, Misses, at_least, at_most
from tests.core.verify.samples_made import alternating, confirmed, evidence, samples_of


def misses_in(samples: list[Sample]) -> Misses:
    found = look_at(evidence([*samples_of(alternating()), *samples]), PLAN).misses
    assert found is not None
    return found


def test_36_hits_exclude_that_one_in_five_misses_and_30_do_not() -> None:
    assert 0.8**36 < SURELY < 0.8**30
    assert misses_in(confirmed(6)).is_excluded
    short_of_it = misses_in(confirmed(6)[:-8])
    assert (short_of_it.hits, short_of_it.seen, short_of_it.is_excluded) == (30, 0, False)


def test_each_miss_wants_more_hits() -> None:
    one = misses_in(confirmed(6, slow=1))
    assert (one.hits, one.slow, one.is_excluded) == (36, 1, False)
    assert at_most(1, 36, 0.2) == pytest.approx(0.8**36 + 36 * 0.2 * 0.8**35)
    assert misses_in(confirmed(12, slow=2)).is_excluded  # two of 66
    assert not misses_in(confirmed(12, slow=3)).is_excluded


def test_a_miss_that_is_told_counts_as_one_that_shows() -> None:
    samples = confirmed(6)
    hit = next(at for at, one in enumerate(samples) if one.role == "hit")
    samples[hit] = replace(samples[hit], cached_tokens=0)
    found = misses_in(samples)
    assert (found.told, found.slow, found.seen, found.is_excluded) == (1, 0, 1, False)


def test_slow_hits_are_a_lie_where_short_prompts_are_never_delayed() -> None:
    """The exact p: all six marked ones among the hits, of 36 hits and 6 or 18 others."""
    found = misses_in(confirmed(6, slow=6))
    assert (found.slow, found.cold, found.short) == (6, Delayed(0, 18), Delayed(0, 6))
    p = comb(36, 6) / comb(54, 6)
    assert found.cold.p(found.slow, found.claimed) == pytest.approx(p)
    assert found.is_lie(0.08) == (p <= 0.08)
    assert not found.is_lie(PLAN.alpha_per_look)
    more = replace(found, short=Delayed(0, 60))
    assert more.short.p(more.slow, more.claimed) == pytest.approx(comb(36, 6) / comb(96, 6))
    assert more.is_lie(PLAN.alpha_per_look)


def test_a_machine_that_delays_short_prompts_as_often_explains_slow_hits() -> None:
    found = misses_in(confirmed(6, slow=6, delayed=3))
    assert found.short == Delayed(3, 6)
    assert not found.is_lie(PLAN.alpha_per_look)
    assert not found.is_excluded  # nor is it certain that it was the machine


def test_short_prompts_that_are_slow_as_often_make_slow_hits_no_misses() -> None:
    """10 of 96 hits slow would be too many, were not 12 of 90 short prompts slow as well."""
    found = replace(misses_in(confirmed(6)), hits=96, claimed=96, slow=13)
    assert not replace(found, short=Delayed(0, 90)).is_excluded
    assert not replace(found, short=Delayed(12, 90)).is_excluded
    assert replace(found, slow=10, short=Delayed(12, 90)).is_excluded
    assert not replace(found, slow=10, short=Delayed(0, 90)).is_excluded


def test_the_least_part_that_is_delayed_leaves_little_to_luck() -> None:
    some = Delayed(12, 90)
    assert at_least(12, 90, some.least) == pytest.approx(0.05, abs=1e-4)
    assert 0.07 < some.least < 12 / 90
    assert Delayed(0, 90).least == Delayed(0, 0).least == 0.0


def test_without_short_prompts_nothing_follows_from_them() -> None:
    assert Delayed(0, 0).p(6, 36) == 1.0


def test_a_server_that_says_itself_that_it_misses_is_a_part() -> None:
    found = misses_in(confirmed(6))
    assert not replace(found, told=4).is_partly  # one in nine may be bad luck
    assert replace(found, told=9).is_partly


def test_claims_of_a_part_are_not_asked_for_misses() -> None:
    assert look_at(evidence(samples_of(alternating(claimed=480))), PLAN).misses is None
    assert look_at(evidence(samples_of(alternating(claimed=None))), PLAN).misses is None


@pytest.mark.parametrize("k", range(5))
def test_the_two_sides_of_a_binomial_are_all(k: int) -> None:
    assert at_most(k, 5, 0.3) + at_least(k + 1, 5, 0.3) == pytest.approx(1)
