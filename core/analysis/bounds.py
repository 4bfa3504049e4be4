"""How much of a trace any cache could have hit, and how large it has to be: exact, no sampling.

Three bounds over a `BlockStream`: a cache without limit, LRU at every size (`mattson`), and OPT,
which no cache of a size can beat (`belady`). Shares are of the requests that are scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmx.core.analysis.belady import next_uses, opt, peak
from llmx.core.analysis.blocks import BlockStream, reuses
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.mattson import Hits, LRUCurve, lru_curve

Warmup = Literal["none", "requests", "blocks", "time"]
ENOUGH = (0.5, 0.9, 0.99)  # of the hits without limit: what `Bounds.enough` looks sizes up for
ROUND = (10, 15, 20, 30, 50, 70)  # tenths of a power of ten: the sizes of a curve by default
GIGABYTES = (1, 2, 4, 8, 16, 32, 64)  # and these, where the model's KV bytes are known


@dataclass(frozen=True, slots=True)
class SizePoint:
    """One size of a cache. `nbytes` is None where the model's KV bytes are not known."""

    blocks: int
    tokens: int
    nbytes: int | None
    lru: Hits
    opt: Hits


@dataclass(frozen=True, slots=True)
class Enough:
    """The smallest LRU cache with `share` of the hits of one without limit: "buy X, get Y"."""

    share: float
    blocks: int
    tokens: int
    nbytes: int | None
    hits: Hits


@dataclass(frozen=True, slots=True)
class Bounds:
    """All shares are of what was scored: see `warmup` and `first`."""

    requests: int  # of the whole stream
    block_tokens: int
    distinct: int  # blocks that a cache without limit holds in the end, answers included
    is_estimated: bool  # blocks were cut from bytes, or lengths were missing
    warmup: Warmup
    first: int  # the first request that is scored; those before it only fill the cache
    blocks: int  # scored block accesses
    tokens: int  # scored prompt tokens
    infinite: Hits
    whole: Hits  # without limit, of all requests, scored or not
    whole_tokens: int  # of all prompts
    curve: LRUCurve
    peak: int  # blocks with which OPT hits as much as without limit
    points: tuple[SizePoint, ...]  # small ones first
    enough: tuple[Enough, ...]  # one for each of `ENOUGH`; empty where nothing can be hit

    def block_share(self, hits: Hits) -> float:
        """Hit blocks of all scored ones, 0 to 1; a partial tail counts as a block."""
        return hits.blocks / self.blocks if self.blocks else 0.0

    def token_share(self, hits: Hits) -> float:
        """Hit tokens of all scored prompt tokens, 0 to 1."""
        return hits.tokens / self.tokens if self.tokens else 0.0


def bounds(
    stream: BlockStream,
    *,
    sizes: Sequence[int] | None = None,
    warmup: Warmup = "none",
    kv: KVBytes | None = None,
) -> Bounds:
    """The bounds of a stream that is in the order of time.

    `sizes` are those of `points`, in blocks; None: round ones over all that matters, and those of
    `GIGABYTES`.
    `warmup`: only the second half is scored, by requests, by their blocks, or by time.
    """
    first = first_scored(stream, warmup)
    found = list(reuses(stream))
    curve = lru_curve(stream, found, first)
    uses = next_uses(found)
    if sizes is None:
        sizes = spread_sizes(curve.largest)
        if sizes and kv is not None:
            sizes += [blocks_in(count * 10**9, kv, stream.block_tokens) for count in GIGABYTES]
    wanted = sorted({size for size in sizes if size > 0})
    points = (
        SizePoint(
            size,
            size * stream.block_tokens,
            _nbytes(kv, size * stream.block_tokens),
            curve.at(size),
            opt(stream, uses, size, first),
        )
        for size in wanted
    )
    return Bounds(
        requests=len(stream),
        block_tokens=stream.block_tokens,
        distinct=stream.distinct,
        is_estimated=stream.is_estimated,
        warmup=warmup,
        first=first,
        blocks=sum(stream.prompt_blocks[first:]),
        tokens=sum(stream.prompt_tokens[first:]),
        infinite=curve.infinite,
        whole=lru_curve(stream, found).infinite if first else curve.infinite,
        whole_tokens=stream.tokens,
        curve=curve,
        peak=peak(uses),
        points=tuple(points),
        enough=tuple(_enough(curve, share, stream.block_tokens, kv) for share in ENOUGH)
        if curve.infinite.tokens
        else (),
    )


def first_scored(stream: BlockStream, warmup: Warmup) -> int:
    """The number of the first request of the second half; 0 without warm-up.

    By blocks: the one in which the second half of all block accesses begins. By time: the first in
    the second half of the span; where a time is missing, by requests.
    """
    match warmup:
        case "none":
            return 0
        case "requests":
            return len(stream) // 2
        case "blocks":
            before, all_blocks = 0, stream.blocks
            for number, blocks in enumerate(stream.prompt_blocks):
                before += blocks
                if 2 * before > all_blocks:
                    return number
            return len(stream)
        case "time":
            times = [at for at in stream.at_s if at is not None]
            if len(times) < len(stream) or not times:
                return len(stream) // 2
            half = (min(times) + max(times)) / 2
            return next(number for number, at in enumerate(times) if at >= half)


def spread_sizes(largest: int) -> list[int]:
    """Round sizes from about a thousandth of `largest` on, and `largest` itself."""
    if not largest:
        return []
    unit = 10 ** (len(str(max(1, largest // 1000))) - 1)
    found = {largest}
    while unit <= largest:
        found.update(unit * tenths // 10 for tenths in ROUND if unit * tenths % 10 == 0)
        unit *= 10
    return sorted(size for size in found if size <= largest)


def blocks_in(nbytes: int, kv: KVBytes, block_tokens: int) -> int:
    """Blocks of shared prefixes that fit; 0 where a prefix costs nothing that grows."""
    return nbytes // (kv.token_bytes * block_tokens) if kv.token_bytes else 0


def _enough(curve: LRUCurve, share: float, block_tokens: int, kv: KVBytes | None) -> Enough:
    size = curve.smallest(share)
    tokens = size * block_tokens
    return Enough(share, size, tokens, _nbytes(kv, tokens), curve.at(size))


def _nbytes(kv: KVBytes | None, tokens: int) -> int | None:
    """Bytes of shared prefixes: what grows with tokens; windows and states come on top of it."""
    return tokens * kv.token_bytes if kv is not None and kv.token_bytes else None
