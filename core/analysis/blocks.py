"""Requests as chains of blocks: what bounds, policies and exports are computed on.

Block ids are dense numbers from 0, and an id stands for a block *and all before it*: two chains are
equal up to some depth exactly where they have the same id there. A chain may go on beyond the
prompt: what a server also stores is the answer, and the next turn may begin with it.

    request 1   0 1 2 3|4      prompt of 4 blocks, an answer of one
    request 2   0 1 2 3 4 5|   continues it: 5 blocks are there, 1 is new
    request 3   0 1 6 7|       parts from both after two blocks

Knows no text: `prompt_blocks` makes a stream of recorded prompts.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from llmx.core.trace.mooncake import BlockRequest

_MOST_TOKENS = 1 << 40  # of one prompt: beyond any model, and sums of it fit into 64 bits


@dataclass(frozen=True, slots=True)
class BlockStream:
    """Requests in the order of time; all four sequences have one item for each."""

    block_tokens: int
    chains: tuple[array[int], ...]
    prompt_blocks: array[int]  # leading blocks of the chain that are the prompt
    prompt_tokens: array[int]  # of the last block only so many as the prompt has are counted
    output_tokens: array[int]  # 0 where not known
    at_s: tuple[float | None, ...]  # any clock, seconds
    distinct: int  # ids are 0 to distinct - 1
    is_estimated: bool  # blocks were cut from bytes or lengths were missing

    def __len__(self) -> int:
        return len(self.chains)

    @property
    def blocks(self) -> int:
        """Block accesses: those of all prompts."""
        return sum(self.prompt_blocks)

    @property
    def tokens(self) -> int:
        return sum(self.prompt_tokens)

    def tokens_of(self, request: int, blocks: int) -> int:
        """Prompt tokens in the first `blocks` blocks of a request: its tail may be partial."""
        return min(blocks * self.block_tokens, self.prompt_tokens[request])

    def head(self, requests: int) -> BlockStream:
        """The first `requests` requests alone."""
        chains = self.chains[:requests]
        return BlockStream(
            self.block_tokens,
            chains,
            self.prompt_blocks[:requests],
            self.prompt_tokens[:requests],
            self.output_tokens[:requests],
            self.at_s[:requests],
            1 + max((max(chain) for chain in chains if chain), default=-1),
            self.is_estimated,
        )

    def prompts_only(self) -> BlockStream:
        """The same without answers."""
        pairs = zip(self.chains, self.prompt_blocks, strict=True)
        return replace(self, chains=tuple(chain[:count] for chain, count in pairs))

    def whole(self) -> BlockStream:
        """Without partial tails, as servers see it that share whole blocks only. The tokens of a
        tail still count as prompt; where an answer follows it, the block is full and stays."""
        counts = array("q")
        chains: list[array[int]] = []
        for number, chain in enumerate(self.chains):
            tokens = self.prompt_tokens[number]
            count = min(self.prompt_blocks[number], tokens // self.block_tokens)
            counts.append(count)
            if len(chain) > self.prompt_blocks[number]:
                tokens += self.output_tokens[number]
                chains.append(chain[: max(count, tokens // self.block_tokens)])
            else:
                chains.append(chain[:count])
        return replace(self, chains=tuple(chains), prompt_blocks=counts)

    def coarser(self, times: int) -> BlockStream:
        """In blocks of so many of these each; what is left over at the end of a chain is cut off.

        An id stands for all before it, so the last block of each stands for the larger one.
        """
        known: dict[int, int] = {}
        chains = tuple(
            array("i", (known.setdefault(block, len(known)) for block in chain[times - 1 :: times]))
            for chain in self.chains
        )
        return replace(
            self,
            block_tokens=self.block_tokens * times,
            chains=chains,
            prompt_blocks=array("q", (count // times for count in self.prompt_blocks)),
            distinct=len(known),
        )


def stream_of(requests: Iterable[BlockRequest], *, block_tokens: int) -> BlockStream:
    """The stream of a trace that records block ids, in the order in which it comes.

    An id counts as the same block only behind the same blocks, whatever the trace means by it.
    """
    block_tokens = max(1, min(block_tokens, _MOST_TOKENS))
    known: dict[tuple[int, int], int] = {}
    chains: list[array[int]] = []
    prompt_tokens, output_tokens = array("q"), array("q")
    times: list[float | None] = []
    is_estimated = False
    for request in requests:
        chain, node = array("i"), -1
        for block in request.blocks:
            node = known.setdefault((node, block), len(known))
            chain.append(node)
        is_estimated |= not request.prompt_tokens
        chains.append(chain)
        tokens = request.prompt_tokens or len(chain) * block_tokens
        prompt_tokens.append(min(tokens, _MOST_TOKENS))
        output_tokens.append(min(request.completion_tokens, _MOST_TOKENS))
        times.append(request.at_s)
    return BlockStream(
        block_tokens,
        tuple(chains),
        array("q", map(len, chains)),
        prompt_tokens,
        output_tokens,
        tuple(times),
        len(known),
        is_estimated,
    )


def in_order(requests: Iterable[BlockRequest]) -> list[BlockRequest]:
    """By time; requests of the same time stay as they came."""
    return sorted(requests, key=lambda request: request.at_s)


def guessed_block_tokens(lengths: Iterable[tuple[int, int]]) -> int | None:
    """Tokens of a block, from the (prompt tokens, blocks) of every request; None: no size fits.

    A size fits where every prompt has just the blocks it needs, its tail partial or left out. Of
    several that fit it is a power of two before any other, and with partial tails before without.
    """
    pairs = [(tokens, blocks) for tokens, blocks in lengths if tokens > 0 and blocks > 0]
    if not pairs:
        return None
    ranges = (
        _common((-(-tokens // blocks), _below(tokens, blocks - 1)) for tokens, blocks in pairs),
        _common((tokens // (blocks + 1) + 1, tokens // blocks) for tokens, blocks in pairs),
    )
    for low, high in ranges:
        power = 1 << (low - 1).bit_length()  # the smallest one that is not below
        if low <= power <= high:
            return power
    return next((high for low, high in ranges if low <= high), None)


def fits_block_tokens(size: int, lengths: Iterable[tuple[int, int]]) -> bool:
    """Whether all prompts, as (tokens, blocks), have just the blocks of that size that they need,
    all with their partial tails or all without."""
    pairs = [(tokens, blocks) for tokens, blocks in lengths if tokens > 0 and blocks > 0]
    if size < 1:
        return False
    with_tails = all(-(-tokens // size) == blocks for tokens, blocks in pairs)
    return with_tails or all(tokens // size == blocks for tokens, blocks in pairs)


def _below(tokens: int, blocks: int) -> int:
    """The largest size with which `tokens` do not fit into `blocks` blocks."""
    return (tokens - 1) // blocks if blocks else 1 << 62


def _common(ranges: Iterable[tuple[int, int]]) -> tuple[int, int]:
    low, high = 1, 1 << 62
    for smallest, largest in ranges:
        low, high = max(low, smallest), min(high, largest)
    return low, high


# ── reuses ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Reuse:
    """Blocks [start, stop) of `later`'s prompt, last touched by `earlier`.

    As a request touches its whole chain, and its chain's ends earlier than its beginnings, the
    blocks that it has from one earlier request stand together. So a handful of these says of a
    request what hundreds of blocks would: all of the caches below are computed on them.
    """

    earlier: int
    later: int
    start: int
    stop: int


def reuses(stream: BlockStream) -> Iterator[Sequence[Reuse]]:
    """The reuses of each request, those of its first blocks first; empty where nothing is known.

    `earlier` falls from one to the next: who touched a block touched all before it.
    """
    last = array("i", [-1]) * stream.distinct
    for later, chain in enumerate(stream.chains):
        yield _reuses(chain[: stream.prompt_blocks[later]], last, later)
        for block in chain:
            last[block] = later


def _reuses(prompt: array[int], last: array[int], later: int) -> list[Reuse]:
    found: list[Reuse] = []
    start, earlier = 0, -1
    for depth, block in enumerate(prompt):
        before = last[block]
        if before == earlier and depth:
            continue
        if earlier >= 0:
            found.append(Reuse(earlier, later, start, depth))
        start, earlier = depth, before
        if before < 0:
            return found
    if earlier >= 0:
        found.append(Reuse(earlier, later, start, len(prompt)))
    return found
