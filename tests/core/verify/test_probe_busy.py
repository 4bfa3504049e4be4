"""Errors on repeats: a busy server, a broken one, and a cache that breaks it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Outcome
from llmx.core.verify.case import Fault
from llmx.core.verify.probes import a2_accounting, a3_repeat, c3_together
from llmx.core.verify.verdicts import judge
from llmx.core.verify.workload import Prompt
from tests.core.verify.benches import bench, failed, said
from tests.core.verify.samples_made import Block, evidence, samples_of


def probe(name: str, status: int, *, after: int, seen_only: bool = True) -> Outcome:
    """Of a server that fails so, from this request on."""
    seen: list[str] = []

    def answer(prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        shown = str(prompt.messages)
        is_seen = shown in seen
        seen.append(shown)
        fails = len(seen) > after and (is_seen or not seen_only)
        return failed(status) if fails else said(cached=0)

    run = a2_accounting.run if name == "A2" else a3_repeat.run
    return asyncio.run(run(bench(answer)))


@pytest.mark.parametrize("name", ["A2", "A3"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_has_no_fault(name: str, status: int) -> None:
    found = probe(name, status, after=1)
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found


@pytest.mark.parametrize("name", ["A2", "A3"])
def test_repeats_that_fail_are_a_fault_only_where_an_unseen_prompt_works(name: str) -> None:
    found = probe(name, 500, after=1, seen_only=False)
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found
    fault: Fault = "CORRUPT"
    assert [one.fault for one in probe(name, 500, after=1).findings] == [fault]


def test_one_that_was_busy_is_asked_again() -> None:
    told = iter([failed(503), said("at last")])
    there = bench(lambda prompt, extra: next(told))
    assert asyncio.run(there.ask(there.prompt("x"))).text.strip() == "at last"


@pytest.mark.parametrize(("status", "fault"), [(429, False), (503, False), (500, True)])
def test_the_core_protocol_calls_no_busy_server_corrupt(status: int, fault: bool) -> None:
    found = judge(evidence(samples_of([Block(error=f"HTTP {status}: no")] * 3)))
    assert (found.name == "CORRUPT") is fault, found


def test_one_that_takes_fewer_at_once_is_not_broken() -> None:
    told = iter([failed(503), *[said("OK")] * 6, failed(429)])
    found = asyncio.run(c3_together.run(bench(lambda prompt, extra: next(told))))
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found
    told = iter([failed(503), *[said("OK")] * 6, failed(500)])
    found = asyncio.run(c3_together.run(bench(lambda prompt, extra: next(told))))
    assert found.probe.status == "fail", found
