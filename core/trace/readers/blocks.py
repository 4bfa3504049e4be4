"""Reads traces of block ids alone: Mooncake, Qwen-Bailian and Weka. They tell what prompts share,
and nothing of what is in them.

    {"timestamp": ms, "input_length", "output_length", "hash_ids"}                      512 tokens
    {"chat_id", "parent_chat_id", "timestamp": s, "input_length", ..., "hash_ids"}       16 tokens
    {"id", "block_size", "requests": [{"t": s, "in", "out", "hash_ids"}, ...]}           64 tokens

The last block of a prompt may be partial, and Weka's may be left out. Two equal lines are two
requests, so a line is known by its number: ties in time keep the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from llmx.core.names import Json
from llmx.core.trace.readers.documents import Document
from llmx.core.trace.readers.found import Found, Head, count, identity, members, seconds, text
from llmx.core.trace.readers.found import origin as origin_of
from llmx.core.trace.record import Blocks, Mark, Source, TraceRecord, TraceRequest, TraceUsage

SIZES = (512, 16, 64, 128, 256, 32, 1024)  # of a block, in tokens; the usual ones first
MOONCAKE, BAILIAN, WEKA = 512, 16, 64
EPOCH_S = 1e8  # more are seconds since the epoch: no trace is three years long
NESTED = 8  # requests of sub-agents in those of agents


class _Line(msgspec.Struct):
    hash_ids: list[int]
    timestamp: Json = None
    t: Json = None
    input_length: Json = None
    output_length: Json = None
    id: Json = None
    chat_id: Json = None
    parent_chat_id: Json = None
    model: Json = None
    block_size: Json = None


class _Step(msgspec.Struct):
    hash_ids: list[int] = []
    t: Json = None
    model: Json = None
    ttft: Json = None
    api_time: Json = None
    requests: list[msgspec.Raw] = []


class _Agent(msgspec.Struct):
    requests: list[msgspec.Raw]
    id: Json = None
    block_size: Json = None
    hash_id_scope: Json = None


class MooncakeReader:
    """Blocks have 512 tokens, unless a prompt of several blocks tells another size."""

    source: Source = "mooncake"

    def __init__(self) -> None:
        self._sizes: dict[Path, int] = {}

    def claims(self, head: Head) -> bool:
        return "hash_ids" in head and "timestamp" in head and "chat_id" not in head

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        line = msgspec.json.decode(document.data, type=_Line)
        tokens = count(line.input_length)
        size = self._sizes.get(document.file)
        if size is None:
            size = count(line.block_size) or block_size(tokens, len(line.hash_ids)) or MOONCAKE
            if len(line.hash_ids) > 1:
                self._sizes[document.file] = size
        at = _number(line.timestamp)
        yield _record(
            self.source,
            document,
            line,
            number=f"{document.line:09d}",
            t0=None if at is None else at / (1000 if at < 1e15 else 1e9),
            size=size,
        )

    def end(self) -> Iterator[Found]:
        yield from ()


class BailianReader:
    source: Source = "bailian"

    def claims(self, head: Head) -> bool:
        return "hash_ids" in head and "chat_id" in head

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        line = msgspec.json.decode(document.data, type=_Line)
        parent = count(line.parent_chat_id)
        record = _record(
            self.source,
            document,
            line,
            number=f"chat-{count(line.chat_id)}",
            t0=_number(line.timestamp),
            size=count(line.block_size) or BAILIAN,
        )
        named = None if parent is None else f"chat-{parent}"
        yield msgspec.structs.replace(record, parent=named)

    def end(self) -> Iterator[Found]:
        yield from ()


class WekaReader:
    source: Source = "weka"

    def claims(self, head: Head) -> bool:
        return "requests" in head and ("block_size" in head or "hash_id_scope" in head)

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        agent = msgspec.json.decode(document.data, type=_Agent)
        scope = str(document.file)
        name = text(agent.id) or identity(document.data)
        if agent.hash_id_scope == "local":
            scope = f"{scope} {name}"
        size = count(agent.block_size) or WEKA
        steps = list(_steps(agent.requests, 0.0, NESTED))
        for number, (raw, step, begin) in enumerate(steps):
            said = members(msgspec.json.decode(raw))
            at, took, wait = _number(step.t), seconds(step.api_time), seconds(step.ttft)
            t0 = at if at is None or at >= begin else begin + at  # from its agent's begin
            yield TraceRecord(
                id=f"{name}-{number:06d}-{identity(bytes(raw))}",
                session=name,
                api="messages",
                model=text(step.model),
                t0=t0,
                t_first=t0 + wait if t0 is not None and wait is not None else None,
                t_last=t0 + took if t0 is not None and took is not None else None,
                req=TraceRequest(),
                usage=TraceUsage(prompt=count(said.get("in")), out=count(said.get("out"))),
                origin=msgspec.structs.replace(
                    origin_of(self.source, document, *_marks(t0)),
                    blocks=Blocks(ids=tuple(step.hash_ids), tokens=size, scope=scope),
                ),
            )

    def end(self) -> Iterator[Found]:
        yield from ()


def block_size(tokens: int | None, blocks: int) -> int | None:
    """The usual size for which a prompt of so many tokens has so many blocks, the last of them
    partial or, where no size fits so, left out."""
    if not tokens or not blocks:
        return None
    for size in SIZES:
        if -(-tokens // size) == blocks:
            return size
    return next((size for size in SIZES if tokens // size == blocks), None)


def _record(
    source: Source, document: Document, line: _Line, *, number: str, t0: float | None, size: int
) -> TraceRecord:
    return TraceRecord(
        id=f"{number}-{identity(document.data.strip())}",
        api="completions",
        model=text(line.model),
        t0=t0,
        req=TraceRequest(),
        usage=TraceUsage(prompt=count(line.input_length), out=count(line.output_length)),
        origin=msgspec.structs.replace(
            origin_of(source, document, *_marks(t0)),
            blocks=Blocks(ids=tuple(line.hash_ids), tokens=size, scope=str(document.file)),
        ),
    )


def _marks(t0: float | None) -> tuple[Mark, ...]:
    return ("relative_time",) if t0 is not None and t0 < EPOCH_S else ()


def _steps(
    requests: list[msgspec.Raw], begin: float, depth: int
) -> Iterator[tuple[msgspec.Raw, _Step, float]]:
    for raw in requests:
        step = msgspec.json.decode(raw, type=_Step)
        if step.requests and depth:
            yield from _steps(step.requests, begin + (_number(step.t) or 0.0), depth - 1)
        if step.hash_ids:
            yield raw, step, begin


def _number(found: Json) -> float | None:
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            return None
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and 0 <= found < 1e20 else None
