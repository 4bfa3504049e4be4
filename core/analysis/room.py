"""How much room a cache needs for a trace: its bounds and what-ifs, for each model apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from llmx.core.analysis.blocks import BlockStream
from llmx.core.analysis.bounds import Bounds, bounds
from llmx.core.analysis.kv_bytes import KVBytes
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


def rooms(
    rows: Sequence[Row], *, kv: KVBytes | None = None, with_what_if: bool = False
) -> tuple[Room, ...]:
    """Most requests first; what neither has bodies nor block ids is left out."""
    found = [
        Room(
            name,
            stream,
            bounds(stream, kv=kv),
            what_if(stream, kv=kv) if with_what_if else (),
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
