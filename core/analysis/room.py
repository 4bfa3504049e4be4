"""How much room a cache needs for a trace: its bounds and what-ifs, for each model apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from llmx.core.analysis.blocks import BlockStream, reuses
from llmx.core.analysis.bounds import Bounds, Warmup, bounds
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.mattson import lru_curve
from llmx.core.analysis.prompt_blocks import stream_of_rows, streams_of_records
from llmx.core.analysis.report import Row
from llmx.core.analysis.whatif import WhatIf, what_if


@dataclass(frozen=True, slots=True)
class Room:
    """Of one stream of blocks. `what_ifs` is empty where nobody asked for them."""

    name: str  # the model, or that the trace has block ids alone
    stream: BlockStream
    bounds: Bounds
    what_ifs: tuple[WhatIf, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """`sizes`: of the curve, in blocks; None: those that matter. `kv`: bytes of a token."""

    kv: KVBytes | None = None
    sizes: tuple[int, ...] | None = None
    warmup: Warmup = "none"
    with_what_if: bool = False


@dataclass(frozen=True, slots=True)
class Possible:
    """What a cache without limits would have had of prompts that are known as blocks alone."""

    tokens: int
    prompt: int

    @property
    def share(self) -> float:
        return self.tokens / self.prompt if self.prompt else 0.0


def possible_of_blocks(rows: Iterable[Row]) -> Possible | None:
    """None where no request has block ids."""
    found = streams_of_records(row.record for row in rows)
    if not found:
        return None
    hits = (lru_curve(stream, list(reuses(stream))).infinite for stream in found)
    return Possible(sum(hit.tokens for hit in hits), sum(stream.tokens for stream in found))


def rooms(rows: Sequence[Row], wanted: Wanted) -> tuple[Room, ...]:
    """Most requests first; what neither has bodies nor block ids is left out."""
    found = [
        Room(
            name,
            stream,
            bounds(stream, sizes=wanted.sizes, warmup=wanted.warmup, kv=wanted.kv),
            what_if(stream, kv=wanted.kv) if wanted.with_what_if else (),
        )
        for name, stream in streams(rows)
    ]
    return tuple(sorted(found, key=lambda room: -room.bounds.requests))


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
