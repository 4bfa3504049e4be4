"""What a cache of a given size would have hit: a block trace through the server's own tree.

The tree (`Radix`) and the policy are the ones that serve; only the payloads are empty. A block is a
token to them, and stands for as many as the trace says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from llmx.core.analysis.blocks import BlockStream
from llmx.core.analysis.mattson import Hits
from llmx.core.index.policy import LRU, CostAware, Policy
from llmx.core.index.radix import Anchor, Node, Radix
from llmx.core.index.tokens import TOKEN_BYTES, pack, token_count
from llmx.core.trace.mooncake import BlockRequest

SIZES = 12  # by default, evenly spaced in the logarithm
SMALLEST = 0.01  # of the unique blocks


@dataclass(frozen=True, slots=True)
class Replay:
    """What one policy did at one size; all amounts in blocks."""

    size: int
    hits: int
    saved: float  # cost of the hits, in first blocks: deep ones cost more, see `block_cost`
    evictions: int  # of edges


@dataclass(frozen=True, slots=True)
class AtSize:
    """A policy beside LRU at one size."""

    policy: Replay
    lru: Replay

    @property
    def size(self) -> int:
        return self.policy.size

    @property
    def ratio(self) -> float:
        """Hits of the policy over those of LRU; 1 where neither hit, infinite where LRU did not."""
        if self.lru.hits:
            return self.policy.hits / self.lru.hits
        return float("inf") if self.policy.hits else 1.0


@dataclass(frozen=True, slots=True)
class Simulation:
    """A trace at several sizes; all amounts in blocks."""

    requests: int
    blocks: int  # of all prompts
    unique: int  # that a cache without limit would hold at the end
    sizes: tuple[AtSize, ...]  # small ones first

    @property
    def infinite_hits(self) -> int:
        """What a cache without limit would hit: no cache hits more."""
        return self.blocks - self.unique

    def share(self, hits: int) -> float:
        return hits / self.blocks if self.blocks else 0.0


@dataclass(frozen=True, slots=True)
class _Empty:
    """A payload without data: a byte a block."""

    nbytes: int

    def split(self, at: int) -> tuple[_Empty, _Empty]:
        return _Empty(at), _Empty(self.nbytes - at)

    def join(self, rest: _Empty) -> _Empty:
        return _Empty(self.nbytes + rest.nbytes)


BlockNode = Node[_Empty, Anchor]
MakePolicy = Callable[[], Policy[BlockNode]]

_ATTENTION_TOKENS = 16_384  # where attention costs as much as all else: 6 x hidden size, about 4B


def simulate(
    requests: Iterable[BlockRequest],
    *,
    block_tokens: int,
    sizes: Sequence[int] | None = None,
    policy: MakePolicy = CostAware,
) -> Simulation:
    """Replay `requests` at each of `sizes` (in blocks), once with the policy and once with LRU.

    Without `sizes`: `SIZES` of them from `SMALLEST` of the unique blocks to all.
    """
    keys = [pack(request.blocks) for request in requests]
    blocks = sum(token_count(key) for key in keys)
    unique = blocks - replay(keys, blocks, LRU(), block_tokens).hits
    found = tuple(
        AtSize(
            replay(keys, size, policy(), block_tokens),
            replay(keys, size, LRU(), block_tokens),
        )
        for size in (spread(unique) if sizes is None else sizes)
    )
    return Simulation(len(keys), blocks, unique, found)


def spread(unique: int, count: int = SIZES, smallest: float = SMALLEST) -> list[int]:
    """`count` sizes from `smallest` of `unique` to all of it, each the same factor larger."""
    steps = max(1, count - 1)
    return sorted({max(1, round(unique * smallest ** (1 - n / steps))) for n in range(count)})


def replay(
    keys: Iterable[bytes], size: int, policy: Policy[BlockNode], block_tokens: int
) -> Replay:
    """Look each key up, then store what of it is new, in a cache of `size` blocks."""
    cache = _Cache(size, policy)
    hits, saved = 0, 0.0
    for key in keys:
        found = cache.ask(key, key)
        hits += found
        saved += block_cost(found, block_tokens)
    return Replay(size, hits, saved, cache.evictions)


def own_hits(stream: BlockStream, size: int, policy: MakePolicy = CostAware) -> Hits:
    """What `llmx serve` would have hit with room for `size` blocks; answers are stored as well."""
    cache = _Cache(size, policy())
    blocks = tokens = 0
    for number, chain in enumerate(stream.chains):
        prompt = chain[: stream.prompt_blocks[number]]
        found = cache.ask(prompt.tobytes(), chain.tobytes())
        blocks += found
        tokens += stream.tokens_of(number, found)
    return Hits(blocks, tokens)


class _Cache:
    """The server's tree and policy around nothing.

    As the server does: the found path is held while room is made for the rest, and what does not
    fit beside it is not stored.
    """

    def __init__(self, size: int, policy: Policy[BlockNode]) -> None:
        self._radix: Radix[_Empty, Anchor] = Radix(policy, clock=lambda: 0.0)
        self._size = size
        self.evictions = 0

    def ask(self, prompt: bytes, stored: bytes) -> int:
        """Leading blocks of `prompt` that were there; `stored`, which begins with it, is after."""
        radix = self._radix
        found = radix.match(prompt)
        if found.path:
            radix.hit(found.path, found.tokens)
        there = found if len(stored) == len(prompt) else radix.match(stored)
        room = self._size - sum(node.nbytes for node in there.path)
        end = min(token_count(stored), there.tokens + room)
        if end > there.tokens:
            with radix.held(there.path):
                while radix.nbytes + end - there.tokens > self._size and radix.evict() is not None:
                    self.evictions += 1
                radix.insert(stored[: end * TOKEN_BYTES], _empty)
        return found.tokens


def _empty(start: int, stop: int) -> _Empty:
    return _Empty(stop - start)


def block_cost(blocks: int, block_tokens: int) -> float:
    """What computing that many leading blocks costs, in first blocks: deep ones cost more."""
    return blocks * (1 + blocks * block_tokens / (2 * _ATTENTION_TOKENS))
