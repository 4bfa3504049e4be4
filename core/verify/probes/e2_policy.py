"""Probe E2: does use keep a prompt, or only its age count. Needs the capacity of E1."""

from __future__ import annotations

from llmx.core.types import Json
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.e1_capacity import E1, is_kept, short

E2 = Subject("E2", "what it gives up first")
LEAST = 3  # entries


async def run(bench: Bench) -> Outcome:
    """Fill it, use the oldest again word for word (that stores nothing new), and overflow it."""
    found = bench.done.get(E1.id)
    entries = found.evidence.get("entries") if found is not None else None
    if not isinstance(entries, int):
        return E2.skipped("the capacity is not known, or larger than was tried (E1)")
    if entries < LEAST:
        return E2.skipped(f"with {entries} entries there is no choice")
    prefixes, suffix = [bench.nonce() for _ in range(entries)], bench.nonce()
    for prefix in prefixes:
        await short(bench, prefix, suffix)
    await short(bench, prefixes[0], suffix)
    await short(bench, bench.nonce())
    oldest = is_kept(bench, await short(bench, prefixes[0]))
    second = is_kept(bench, await short(bench, prefixes[1]))
    evidence: dict[str, Json] = {"used_is_kept": oldest, "unused_is_kept": second}
    match oldest, second:
        case True, False:
            return E2.passed("what was used last stays (LRU)", **evidence)
        case False, _:
            why = "what came first goes first, though it was just used (FIFO)"
            return E2.passed(why, **evidence)
        case _:
            return E2.unsure("neither was given up: it holds more than it seemed", **evidence)
