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
