"""OPT: the most that any cache of a size can hit on a block stream (Belady, with closure).

It knows the future: what is used again latest goes first, of what is used at the same time the
deeper block, and what is never used again is not kept at all. A block's ancestors are never used
later than itself, so they are there where it is.

All blocks whose next use is request j belong to j's prompt and stand together in it, so one number
for each future request says what is kept: how many of its blocks. At j that number is its hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from llmx.core.analysis.blocks import BlockStream, Reuse
from llmx.core.analysis.mattson import Hits

Uses = list[list[tuple[int, int]]]


def next_uses(found: Sequence[Sequence[Reuse]]) -> Uses:
    """By request: (which later one uses blocks of it next, how many)."""
    uses: Uses = [[] for _ in found]
    for parts in found:
        for part in parts:
            uses[part.earlier].append((part.later, part.stop - part.start))
    return uses


def opt(stream: BlockStream, uses: Uses, size: int, first: int = 0) -> Hits:
    """What OPT hits with room for `size` blocks, from request `first` on.

    `uses`: the `next_uses` of the stream's reuses. About 20 ms for 300,000 block accesses.
    """
    kept = [0] * len(stream)  # blocks by the request that uses them next
    latest: list[int] = []  # a heap of those requests, negated; it may name some that have none
    total = blocks = tokens = 0
    for now, later_uses in enumerate(uses):
        hit = kept[now]
        total -= hit
        kept[now] = 0
        if hit and now >= first:
            blocks += hit
            tokens += stream.tokens_of(now, hit)
        for later, count in later_uses:
            if not kept[later]:
                heappush(latest, -later)
            kept[later] += count
            total += count
        while total > size:
            later = -latest[0]
            gone = min(kept[later], total - size)
            kept[later] -= gone
            total -= gone
            if not kept[later]:
                heappop(latest)
    return Hits(blocks, tokens)


def peak(uses: Uses) -> int:
    """The fewest blocks with which OPT hits all that can be hit."""
    kept = [0] * len(uses)
    total = most = 0
    for now, later_uses in enumerate(uses):
        total -= kept[now]
        for later, count in later_uses:
            kept[later] += count
            total += count
        most = max(most, total)
    return most
