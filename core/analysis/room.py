"""How much room a cache needs for a trace: its bounds and what-ifs, for each model apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from llmx.core.analysis.blocks import BlockStream
from llmx.core.analysis.bounds import Bounds, Warmup, blocks_in, bounds
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.prompt_blocks import stream_of_rows, streams_of_records
from llmx.core.analysis.report import Row
from llmx.core.analysis.whatif import WhatIf, what_if
from llmx.core.sizes import parse_bytes


@dataclass(frozen=True, slots=True)
class Room:
    """Of one stream of blocks. `what_ifs` is empty where nobody asked for them."""

    name: str  # the model, or that the trace has block ids alone
    stream: BlockStream
    bounds: Bounds
    what_ifs: tuple[WhatIf, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheSize:
    """One of the two."""

    blocks: int | None = None
    nbytes: int | None = None


def parse_sizes(text: str) -> tuple[CacheSize, ...]:
    """`1000,8GB`: plain numbers are blocks. Raises ValueError."""
    words = [word.strip() for word in text.split(",")]
    return tuple(
        CacheSize(blocks=int(word)) if word.isdecimal() else CacheSize(nbytes=parse_bytes(word))
        for word in words
    )


def rooms(
    rows: Sequence[Row],
    *,
    kv: KVBytes | None = None,
    with_what_if: bool = False,
    sizes: Sequence[CacheSize] = (),
    warmup: Warmup = "none",
) -> tuple[Room, ...]:
    """Most requests first; what neither has bodies nor block ids is left out.

    `sizes`: of the curve, those in bytes only where `kv` is known; empty: spread over what matters.
    """
    found = [
        Room(
            name,
            stream,
            bounds(stream, sizes=_blocks(sizes, kv, stream), warmup=warmup, kv=kv),
            what_if(stream, kv=kv) if with_what_if else (),
        )
        for name, stream in streams(rows)
    ]
    return tuple(sorted(found, key=lambda room: -room.bounds.requests))


def _blocks(
    sizes: Sequence[CacheSize], kv: KVBytes | None, stream: BlockStream
) -> list[int] | None:
    if not sizes:
        return None
    found = [size.blocks for size in sizes if size.blocks is not None]
    if kv is not None:
        nbytes = [size.nbytes for size in sizes if size.nbytes is not None]
        found += [blocks_in(each, kv, stream.block_tokens) for each in nbytes]
    return found


def streams(rows: Iterable[Row]) -> Iterator[tuple[str, BlockStream]]:
    """Each with its name; in the order of time."""
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row.record.model or "unknown", []).append(row)
    for model, some in by_model.items():
        stream = stream_of_rows(some)
        if len(stream):
            yield model, stream
        yield from ((model, one) for one in streams_of_records(row.record for row in some))


def whole_stream(rows: Sequence[Row]) -> BlockStream | None:
    """All requests as one stream, for an export: models share no blocks. Of block ids in several
    sizes or scopes the one with most requests. None: there are neither prompts nor ids."""
    stream = stream_of_rows(rows)
    if len(stream):
        return stream
    return max(streams_of_records(row.record for row in rows), key=len, default=None)
