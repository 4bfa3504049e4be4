"""I1: a leak is what times bear out, on a server that shares at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Outcome
from llmx.core.verify.probes import i1_salt
from llmx.core.verify.probes.sharing import BLOCKS
from llmx.core.verify.workload import Prompt
from tests.core.verify.benches import bench, failed, said

Says = Callable[[bool, bool, int], Said]  # prefix known under this salt; known at all; number


def probe(says: Says, order: list[str] | None = None) -> Outcome:
    known: set[tuple[str, str]] = set()

    def answer(prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        salt = extra["cache_salt"]
        if not isinstance(salt, str):
            return failed(400)
        prefix = str(prompt.messages[0]["content"])
        is_same = (prefix, salt) in known
        is_any = any(prefix == one for one, _ in known)
        if order is not None:
            order.append("same" if is_same else "cross" if is_any else "new")
        known.add((prefix, salt))
        return says(is_same, is_any, len(known))

    return asyncio.run(i1_salt.run(bench(answer)))


def test_a_salt_that_is_ignored_is_a_leak() -> None:
    found = probe(lambda same, seen, _: said(ttft_s=0.1 if seen else 1.0))
    assert [one.fault for one in found.findings] == ["LEAK"], found


def test_a_salt_that_is_kept_passes() -> None:
    found = probe(lambda same, seen, _: said(ttft_s=0.1 if same else 1.0, cached=900 * same))
    assert found.probe.status == "pass", found


def test_counts_alone_are_no_leak() -> None:
    found = probe(lambda same, seen, _: said(ttft_s=1.0, cached=900 * seen))
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found
    found = probe(lambda same, seen, _: said(ttft_s=0.1 if same else 1.0, cached=900 * seen))
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found


def test_counts_and_times_together_are_one() -> None:
    """Two of six are as slow as prompts never seen, so that times alone are no proof."""

    def says(same: bool, seen: bool, number: int) -> Said:
        is_slow = seen and not same and number in (4, 8)
        return said(ttft_s=0.1 if seen and not is_slow else 1.0 + number / 100, cached=900 * seen)

    assert [one.fault for one in probe(says).findings] == ["LEAK"]

    def uncounted(same: bool, seen: bool, number: int) -> Said:
        return replace(says(same, seen, number), cached_tokens=None)

    found = probe(uncounted)
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found


def test_where_the_same_salt_does_not_share_nothing_is_told() -> None:
    found = probe(lambda same, seen, _: said(ttft_s=0.1 if seen and not same else 1.0))
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found


def test_the_order_within_a_block_changes() -> None:
    order: list[str] = []
    probe(lambda same, seen, _: said(), order)
    blocks = [tuple(order[at + 1 : at + 4]) for at in range(0, len(order), 4)]
    assert len(blocks) == BLOCKS
    assert len(set(blocks)) > 1
