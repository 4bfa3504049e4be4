"""B1 and B2 where nothing is counted: one time each, which a stall can spoil, is no proof."""

from __future__ import annotations

import asyncio

import pytest

from llmx.core.verify.bench import Outcome
from llmx.core.verify.effect import Line
from llmx.core.verify.probes import b1_divergence, b2_turns
from tests.core.verify.benches import bench, said


def probe(name: str, *, cached: int | None) -> Outcome:
    """Of a server on which each request takes as long as a cold one."""
    there = bench(lambda prompt, extra: said(cached=cached), line=Line(0.0, 1e-3))
    run = b1_divergence.run if name == "B1" else b2_turns.run
    return asyncio.run(run(there))


@pytest.mark.parametrize("name", ["B1", "B2"])
def test_single_times_never_fail(name: str) -> None:
    assert probe(name, cached=None).probe.status == "inconclusive"


def by_times(*ttft_s: float) -> Outcome:
    """B1 where the prime and then each prompt that parts from it takes so long."""
    told = iter(ttft_s)
    there = bench(lambda prompt, extra: said(ttft_s=next(told)), line=Line(0.0, 1e-3))
    return asyncio.run(b1_divergence.run(there))


def test_what_times_tell_is_about_as_much_as_is_the_same() -> None:
    """Of 960, 730, 500 and 270 of 1,000 tokens, that are the same; no more than that is named."""
    found = by_times(1.0, 0.01, 0.27, 0.52, 0.76)
    assert found.probe.status == "pass", found
    assert "about 240 of 270, about 480 of 500, all of 730, all of 960" not in found.probe.why
    assert "about 240 of 270, about 480 of 500, about 730 of 730, all of 960" in found.probe.why
    assert "by their times" in found.probe.why


def test_times_that_say_more_than_is_the_same_tell_nothing() -> None:
    """They are capped at the whole prompt, which is no reuse of what was never sent."""
    found = by_times(1.0, 0.01, 0.01, 0.01, 0.01)
    assert found.probe.status == "inconclusive", found
    assert "more is saved than is the same, so that they do not tell" in found.probe.why


@pytest.mark.parametrize("name", ["B1", "B2"])
def test_counts_do(name: str) -> None:
    assert probe(name, cached=0).probe.status == "fail"


def by_counts(*cached: int) -> Outcome:
    """B1 where the prime and then each prompt that parts from it is said to be cached so far."""
    told = iter(cached)
    there = bench(lambda prompt, extra: said(cached=next(told)), line=Line(0.0, 1e-3))
    return asyncio.run(b1_divergence.run(there))


def test_only_a_reused_whole_is_said_to_be_one() -> None:
    """A server without any cache has nothing that "goes on from a whole prompt" either."""
    nothing, whole = by_counts(0, 0, 0, 0, 0), by_counts(0, 960, 0, 0, 0)
    assert (nothing.probe.status, whole.probe.status) == ("fail", "fail")
    assert nothing.probe.why.startswith(
        "nothing is reused of a prompt that begins like a known one"
    )
    assert "whole prompt" not in nothing.probe.why
    assert whole.probe.why.endswith("only what goes on from a whole prompt can hit")


def test_where_the_texts_part_is_told_as_an_estimate() -> None:
    found = by_counts(0, 961, 735, 498, 275)
    assert found.probe.status == "pass", found
    assert "275 of about 270, 498 of about 500" in found.probe.why
