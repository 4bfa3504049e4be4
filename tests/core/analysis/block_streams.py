"""Small block streams drawn by hypothesis, and caches that are slow and plainly right."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

from llmx.core.analysis.blocks import BlockStream, stream_of
from llmx.core.trace.mooncake import BlockRequest

BLOCK = 8  # tokens


@st.composite
def streams(draw: st.DrawFn, requests: int = 12, depth: int = 5, branches: int = 2) -> BlockStream:
    """Prompts of up to `depth` blocks that part at few places, most with a partial tail."""
    ids = st.integers(0, branches - 1)
    prompts = draw(st.lists(st.lists(ids, max_size=depth), max_size=requests))
    found: list[BlockRequest] = []
    for prompt in prompts:
        tail = draw(st.integers(1, BLOCK)) if prompt else 0
        tokens = max(0, len(prompt) - 1) * BLOCK + tail
        found.append(BlockRequest(tuple(prompt), float(len(found)), tokens, 1))
    return stream_of(found, block_tokens=BLOCK)


def lru_by_hand(stream: BlockStream, size: int, first: int = 0) -> tuple[int, int]:
    """Hit blocks and tokens of an LRU list, block by block; a request touches its tail first."""
    cache: dict[int, None] = {}  # the least recent first
    blocks = tokens = 0
    for number, chain in enumerate(stream.chains):
        prompt = chain[: stream.prompt_blocks[number]]
        if number >= first:
            for depth, block in enumerate(prompt):
                if block in cache:
                    blocks += 1
                    tokens += stream.tokens_of(number, depth + 1)
                    tokens -= stream.tokens_of(number, depth)
        for block in reversed(chain):
            cache.pop(block, None)
            cache[block] = None
            if len(cache) > size:
                del cache[next(iter(cache))]
    return blocks, tokens


def best_of_all(stream: BlockStream, size: int) -> int:
    """Hit blocks of the best sequence of decisions there is: every subset is tried."""
    reached: dict[frozenset[int], int] = {frozenset(): 0}  # what is kept: the most hits so far
    for number, chain in enumerate(stream.chains):
        prompt = chain[: stream.prompt_blocks[number]]
        after: dict[frozenset[int], int] = {}
        for cache, hits in reached.items():
            usable = 0  # a block counts where all before it are there
            while usable < len(prompt) and prompt[usable] in cache:
                usable += 1
            for kept in _subsets(cache | frozenset(chain), size):
                after[kept] = max(after.get(kept, 0), hits + usable)
        reached = after
    return max(reached.values())


def _subsets(blocks: frozenset[int], size: int) -> Iterator[frozenset[int]]:
    found = [frozenset[int]()]
    for block in blocks:
        found += [kept | {block} for kept in found if len(kept) < size]
    yield from found
