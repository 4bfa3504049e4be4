"""The protocol's verdicts over virtual servers: a small version of `benchmarks/verdicts.py`."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.verdicts import ALL, outcomes, shares_of, table
from tests.archetypes.virtual import LOADED, MODES, QUIET, Host

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


def test_there_are_the_sixteen_modes_and_some_more() -> None:
    assert len(MODES) == 16
    assert len({mode.name for mode in ALL}) == len(ALL) >= 20


def test_on_a_quiet_host_the_verdicts_are_right() -> None:
    found = asyncio.run(outcomes(QUIET, range(5)))
    shares = shares_of(found)
    assert shares.right >= 0.99, table(found)
    assert shares.wrong <= 0.002, table(found)


def test_on_a_loaded_host_it_says_that_it_does_not_know_and_is_seldom_wrong() -> None:
    found = asyncio.run(outcomes(LOADED, range(5)))
    shares = shares_of(found)
    assert shares.right >= 0.65, table(found)
    assert shares.wrong <= 0.015, table(found)


@pytest.mark.parametrize("host", [QUIET, LOADED], ids=lambda host: host.name)
def test_liars_are_never_verified(host: Host) -> None:
    liars = [mode for mode in ALL if mode.name in LIARS]
    assert len(liars) == len(LIARS)
    for one in asyncio.run(outcomes(host, range(100, 110), liars)):
        assert one.verdict.name != "VERIFIED", one


def test_a_late_commit_is_noted() -> None:
    late = [mode for mode in ALL if mode.name == "late_commit"]
    for one in asyncio.run(outcomes(QUIET, range(5), late)):
        assert one.verdict.notes == ("LATE_COMMIT",), one


def test_the_same_seed_gives_the_same_run() -> None:
    again = [asyncio.run(outcomes(LOADED, range(2), MODES[:4])) for _ in range(2)]
    assert again[0] == again[1]
