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


@pytest.mark.parametrize("name", ["B1", "B2"])
def test_counts_do(name: str) -> None:
    assert probe(name, cached=0).probe.status == "fail"
