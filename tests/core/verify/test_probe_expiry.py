"""E3: what stays while nobody asks for it, by a clock that only pauses move."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Outcome
from llmx.core.verify.probes import e3_expiry
from llmx.core.verify.probes.catalogue import chosen
from llmx.core.verify.workload import Prompt
from tests.core.verify.benches import bench, said


def probe(lives_s: float | None, *, counts: bool = True) -> Outcome:
    """Of a cache that forgets a prefix so long after its last use."""
    used: dict[str, float] = {}
    now = 0.0

    def answer(prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        prefix = str(prompt.messages[0]["content"])
        is_known = prefix in used and (lives_s is None or now - used[prefix] < lives_s)
        used[prefix] = now
        return said(cached=900 * is_known if counts else None)

    async def pause(seconds: float) -> None:
        nonlocal now
        now += seconds

    there = bench(answer)
    there.pause = pause
    return asyncio.run(e3_expiry.run(there))


@pytest.mark.parametrize(
    ("lives_s", "kept_s", "lost_s"), [(None, 300.0, None), (60.0, 30.0, 300.0), (10.0, 0.0, 30.0)]
)
def test_how_long_it_stays_is_told(
    lives_s: float | None, kept_s: float, lost_s: float | None
) -> None:
    found = probe(lives_s).probe
    assert (found.status, found.evidence["kept_s"]) == ("pass", kept_s), found
    assert found.evidence.get("lost_s") == lost_s
    assert f"{lost_s or kept_s:g} s" in found.why


def test_where_nothing_is_kept_or_counted_there_is_nothing_to_tell() -> None:
    assert probe(0.0).probe.status == "skip"
    assert probe(None, counts=False).probe.status == "inconclusive"


def test_it_is_asked_in_the_audit_only() -> None:
    assert "E3" in chosen("audit")
    assert "E3" not in chosen("full")
