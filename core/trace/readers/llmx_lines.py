"""Reads our own lines: what `llmx serve` writes, decoded in one step."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from llmx.core.trace.lines import LineDecoder
from llmx.core.trace.readers.documents import Document, Fault
from llmx.core.trace.readers.found import Found, Head, Malformed
from llmx.core.trace.record import VERSION, Origin, Place, Source, TraceRecord

BEGIN = b'{"v":'  # as the writer writes it


class LlmxReader:
    source: Source = "llmx"

    def __init__(self, *, is_held: bool = False) -> None:
        """`is_held`: bodies are held, see `lines`."""
        self._decoder = msgspec.json.Decoder(TraceRecord)
        self._decode = LineDecoder().decode if is_held else self._decoder.decode

    def claims(self, head: Head) -> bool:
        return {"id", "api", "req"} <= head.keys()

    def line(self, document: Document) -> TraceRecord | None:
        """The record, without a look at anything else; None where it is none of this version."""
        try:
            record = self._decode(document.data)
        except Malformed:
            return None
        if record.v != VERSION:
            return None
        msgspec.structs.force_setattr(record, "origin", _origin(document))
        return record

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        record = self._decoder.decode(document.data)
        if record.v != VERSION:
            why = f"format version {record.v}, wanted {VERSION}"
            yield Fault(document.file, document.line, why)
            return
        msgspec.structs.force_setattr(record, "origin", _origin(document))
        yield record

    def end(self) -> Iterator[Found]:
        yield from ()


def _origin(document: Document) -> Origin:
    if document.offset is None:
        return Origin(source="llmx")
    nbytes = len(document.data) - document.data.endswith(b"\n")
    return Origin(
        source="llmx",
        place=Place(
            file=str(document.file), line=document.line, offset=document.offset, nbytes=nbytes
        ),
    )
