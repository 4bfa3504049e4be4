"""Probe E1: how many prefixes the cache holds, by bisection over how long ago one was seen."""

from __future__ import annotations

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench, Outcome, Subject

E1 = Subject("E1", "how many prompts it holds")
MOST = 32  # prefixes: more is more than a test should push out of somebody's cache
TOKENS = 256  # of each: a count of entries is found, not one of bytes
HIT = 0.5  # of a prompt


async def run(bench: Bench) -> Outcome:
    """`held` prefixes were still there when as many had been seen; `lost` is the least that
    was not."""
    tried: dict[str, Json] = {}
    held, lost, count = 0, 0, 1
    while count <= MOST and (not lost or lost - held > 1):
        oldest = await oldest_of(bench, count)
        is_hit = is_kept(bench, oldest)
        if is_hit is None:
            return E1.unsure(f"neither counts nor times tell: {oldest.error}", **tried)
        tried[str(count)] = is_hit
        held, lost = (count, lost) if is_hit else (held, count)
        count = (held + lost) // 2 if lost else 2 * count
    if held == 0:
        return E1.unsure("not even the last prompt was reused", **tried)
    if not lost:
        return E1.passed(f"at least {held} prompts of {TOKENS} tokens", entries=None, **tried)
    return E1.passed(f"{held} prompts of {TOKENS} tokens, not {lost}", entries=held, **tried)


async def oldest_of(bench: Bench, count: int) -> Said:
    """The first of `count` prefixes, asked again when all of them were seen."""
    prefixes = [bench.nonce() for _ in range(count)]
    for prefix in prefixes:
        await short(bench, prefix)
    return await short(bench, prefixes[0])


async def short(bench: Bench, prefix: str, suffix: str | None = None) -> Said:
    return await bench.ask(bench.prompt(prefix, suffix, TOKENS))


def is_kept(bench: Bench, said: Said) -> bool | None:
    return None if said.error is not None else bench.is_reused(said, HIT)
