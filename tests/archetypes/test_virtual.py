"""The verdicts over virtual servers: a small version of `benchmarks/verdicts.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from benchmarks.verdicts import ALL, TIMED, Outcome, outcomes, shares_of, table
from tests.archetypes.answering import ANSWERING
from tests.archetypes.virtual import LOADED, MODES, PAUSED, QUIET, Host, Mode

LIARS = (
    "over",
    "phantom",
    "always_claim",
    "double_count",
    "half_claims_all",
    "flaky",
    "flaky_70",
    "flaky_80",
    "evict1_claims_all",
    "slow_restore",
)
WRONG = tuple(mode for mode in ANSWERING if mode.verdict != "VERIFIED")  # in what they say
QUICK, WHOLE = 3, 100  # runs of each
UNSEEN = 5000  # seed: the rules were made with some below
LEAST_RIGHT = {QUIET: 0.99, LOADED: 0.65}
MOST_WRONG = {QUIET: 0.002, LOADED: 0.015}

hosts = pytest.mark.parametrize("host", [QUIET, LOADED], ids=lambda host: host.name)


def found_on(host: Host, seeds: range, modes: Sequence[Mode]) -> list[Outcome]:
    return asyncio.run(outcomes(host, seeds, modes))


def test_there_are_the_sixteen_modes_and_some_more() -> None:
    assert len(MODES) == 16
    assert len({mode.name for mode in ALL}) == len(ALL) >= 40
    assert {mode.name for mode in TIMED} > set(LIARS)


@hosts
def test_the_verdicts_are_right_or_it_says_that_it_does_not_know(host: Host) -> None:
    found = found_on(host, range(QUICK), TIMED)
    shares = shares_of(found)
    assert shares.right >= LEAST_RIGHT[host], table(found)
    assert shares.wrong <= MOST_WRONG[host], table(found)


@pytest.mark.parametrize(
    ("host", "modes"), [(QUIET, ANSWERING), (LOADED, WRONG[::3])], ids=["quiet", "loaded"]
)
def test_servers_that_answer_are_judged_by_a_whole_session(
    host: Host, modes: Sequence[Mode]
) -> None:
    """What is wrong in content is named; rounding, of half precision too, is none of it."""
    for one in found_on(host, range(1), modes):
        assert one.verdict.name == one.mode.verdict, one


@hosts
def test_who_claims_what_is_not_so_is_never_verified(host: Host) -> None:
    liars = [mode for mode in TIMED if mode.name in LIARS]
    for one in found_on(host, range(100, 104), liars):
        assert one.verdict.name != "VERIFIED", one


def test_pauses_make_it_undecided_and_nobody_a_liar() -> None:
    """Where any request may wait as long as a cold prompt takes, hits do as well."""
    honest = [mode for mode in TIMED if mode.name in ("honest", "block16", "evict1", "silent")]
    for one in found_on(PAUSED, range(QUICK), honest):
        assert one.verdict.name in (one.mode.verdict, "INCONCLUSIVE"), one


@pytest.mark.slow
@hosts
def test_the_whole_table_keeps_its_bounds(host: Host) -> None:
    """On seeds that the rules were not made with, as quoted in docs/verdicts.md."""
    found = found_on(host, range(UNSEEN, UNSEEN + WHOLE), ALL)
    shares = shares_of(found)
    assert shares.right >= LEAST_RIGHT[host], table(found)
    assert shares.wrong <= MOST_WRONG[host], table(found)
    lying = {*LIARS, *(mode.name for mode in WRONG)}
    verified = [one for one in found if one.verdict.name == "VERIFIED" and one.mode.name in lying]
    assert not verified, verified


def test_a_late_commit_is_noted() -> None:
    late = [mode for mode in ALL if mode.name == "late_commit"]
    for one in found_on(QUIET, range(5), late):
        assert one.verdict.notes == ("LATE_COMMIT",), one


def test_the_same_seed_gives_the_same_run() -> None:
    some = (*MODES[:4], ANSWERING[-1])
    assert found_on(LOADED, range(1), some) == found_on(LOADED, range(1), some)
