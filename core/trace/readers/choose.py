"""Which reader reads a document: chosen by its keys, for one file may hold several formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from llmx.core.trace.readers.documents import Document, Fault, is_json, unglued
from llmx.core.trace.readers.found import (
    Found,
    Head,
    Malformed,
    Reader,
    Repeated,
    items,
    unique_id,
)
from llmx.core.trace.readers.llmx_lines import BEGIN, LlmxReader
from llmx.core.trace.record import Source, TraceRecord, TraceUsage

DEPTH = 3  # of arrays in arrays
APART_S = 600.0  # at most, between the times that two recorders say for one request
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class _Kept:
    """By what the records of two recorders are known as one."""

    source: Source | None
    usage: TraceUsage
    body: int | None  # a hash
    t0: float | None

    def is_of(self, other: _Kept) -> bool:
        """Servers exist that give every answer one id: the rest has to agree, too."""
        is_far = None not in (self.t0, other.t0) and abs((self.t0 or 0) - (other.t0 or 0)) > APART_S
        is_other_body = None not in (self.body, other.body) and self.body != other.body
        is_equal = self.source != other.source and self.usage == other.usage
        return is_equal and not is_far and not is_other_body


def _kept(record: TraceRecord) -> _Kept:
    body = record.req.body
    if body is not None:
        body = body.translate(None, b" \t\r\n")  # recorders print JSON in their own ways
    return _Kept(record.source, record.usage, None if body is None else hash(body), record.t0)


class Desk:
    """The readers of one pass. Never raises."""

    def __init__(self, *, is_held: bool = False) -> None:
        self._llmx = LlmxReader(is_held=is_held)
        self._foreign: tuple[Reader, ...] = ()  # until there is a document that is not ours
        self._kept: dict[str, list[_Kept]] = {}  # by ids that no two answers should share

    def own(self, document: Document) -> TraceRecord | None:
        """The quick way for a line as our writer writes it; None: go the other."""
        return self._llmx.line(document) if document.data.startswith(BEGIN) else None

    def read(self, document: Document, depth: int = DEPTH) -> Iterator[Found]:
        if document.data.startswith(b"[") and depth:
            elements = _elements(document)
            for element in elements:
                yield from self.read(element, depth - 1)
            if elements:
                return
        try:
            head: Head = msgspec.json.decode(document.data, type=dict[str, msgspec.Raw])
        except Malformed:
            yield from self._no_object(document, depth)
            return
        reader = next((reader for reader in self._readers() if reader.claims(head)), None)
        if reader is None:
            yield _fault(document, "another format's JSON object")
            return
        try:
            for found in reader.read(document, head):
                yield self._once(found)
        except Malformed as error:
            if not is_utf8(document.data):
                yield _fault(document, "not UTF-8")
                return
            kind = "record" if reader is self._llmx else f"{reader.source} record"
            yield _fault(document, f"a {kind} with a wrong value: {_bare(error)}")

    def end(self) -> Iterator[Found]:
        """What waited for later documents."""
        for reader in (self._llmx, *self._foreign):
            for found in reader.end():
                yield self._once(found)

    def _readers(self) -> Iterator[Reader]:
        yield self._llmx
        if not self._foreign:
            from llmx.core.trace.readers import foreign  # noqa: PLC0415 - 0.1 s for what is not ours

            self._foreign = foreign.readers()
        yield from self._foreign

    def _once(self, found: Found) -> Found:
        """Two recorders may have kept one answer: it counts once, by the first that was read. Logs
        of usage alone come at the end, so a whole exchange goes before them."""
        named = unique_id(found.id) if isinstance(found, TraceRecord) else None
        if named is None or not isinstance(found, TraceRecord):
            return found
        ours, others = _kept(found), self._kept.setdefault(named, [])
        if any(ours.is_of(other) for other in others):
            return Repeated()
        others.append(ours)
        return found

    def _no_object(self, document: Document, depth: int) -> Iterator[Found]:
        pieces = unglued(document) if depth else []
        for piece in pieces:
            yield from self.read(piece, 0)
        if not pieces:
            yield _fault(document, why_not(document.data))


def why_not(data: bytes) -> str:
    """Why it is no JSON object, in a few words without its content."""
    if data.startswith(UTF_16):
        return "UTF-16, wanted UTF-8"
    if not is_utf8(data):
        return "not UTF-8"
    if is_json(data):
        return "JSON, but no object"
    return "cut JSON" if data.startswith(b"{") and not data.rstrip().endswith(b"}") else "not JSON"


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _elements(document: Document) -> list[Document]:
    """The elements of an array of objects or arrays; none where it is another one."""
    found: list[Document] = []
    at = 0
    for raw in items(document.data):
        data = bytes(raw)
        if not found and not data.startswith((b"{", b"[")):
            return []
        at = document.data.find(data, at)
        offset = None if document.offset is None else document.offset + at
        found.append(Document(data, document.file, document.line, offset))
        at += len(data)
    return found


def _fault(document: Document, why: str) -> Fault:
    return Fault(document.file, document.line, why)


def _bare(error: Exception) -> str:
    """The message of an error that names places and types; others may name content."""
    return str(error) if isinstance(error, msgspec.ValidationError) else type(error).__name__
