"""Reads HAR, what browsers and proxies write: a document with all exchanges, or one per line.

Bodies may be in base64, packed, or left out. The times of a HAR are those of the HTTP exchange: its
first byte is the server's headers, so the first token stays unknown.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator

import msgspec

from llmx.core.names import Json
from llmx.core.trace.readers.answers import Answer, read_answer
from llmx.core.trace.readers.bodies import asked, header_names
from llmx.core.trace.readers.documents import Document, Fault
from llmx.core.trace.readers.exchange import record_of
from llmx.core.trace.readers.found import (
    Found,
    Head,
    Passed,
    count,
    moment,
    seconds,
    text,
    value,
)
from llmx.core.trace.readers.packed import CannotUnpack, unpacked
from llmx.core.trace.record import Mark, Source


class _Content(msgspec.Struct):
    """The body of an answer; `postData` of a request has the same fields."""

    text: msgspec.Raw = msgspec.Raw()
    encoding: Json = None


class _Request(msgspec.Struct):
    method: Json = None
    url: Json = None
    headers: Json = None
    postData: _Content | None = None


class _Response(msgspec.Struct):
    status: Json = None
    headers: Json = None
    content: _Content | None = None


class _Entry(msgspec.Struct):
    request: _Request
    response: _Response | None = None
    startedDateTime: Json = None
    time: Json = None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


class HarReader:
    source: Source = "har"

    def claims(self, head: Head) -> bool:
        return "log" in head or {"startedDateTime", "request"} <= head.keys()

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        if "log" not in head:
            yield from _read(document, document.data)
            return
        for raw in msgspec.json.decode(document.data, type=_Har).log.entries:
            try:
                yield from _read(document, raw)
            except msgspec.ValidationError as error:
                yield Fault(
                    document.file, document.line, f"a HAR entry with a wrong value: {error}"
                )

    def end(self) -> Iterator[Found]:
        yield from ()


def _read(document: Document, raw: msgspec.Raw | bytes) -> Iterator[Found]:
    entry = msgspec.json.decode(raw, type=_Entry)
    request, response = entry.request, entry.response
    try:
        body = _content(request.postData, request.headers)
    except CannotUnpack as error:
        yield Fault(document.file, document.line, f"har: {error}")
        body = None
    about = asked(request.method, request.url, request.headers, body)
    if about is None:
        yield Passed("har: not a request for an answer")
        return
    status = count(response.status) if response is not None else None
    status = status or None  # 0: the client left before the answer began
    content, answer = None, Answer()
    if response is not None:
        try:
            content = _content(response.content, response.headers)
            answer = read_answer(about.api, content, status)
        except CannotUnpack as error:
            yield Fault(document.file, document.line, f"har: {error}")
    marks: tuple[Mark, ...] = () if content is not None else ("no_response",)
    t0, took = moment(entry.startedDateTime), seconds(entry.time)
    yield record_of(
        "har",
        document,
        about,
        t0=t0,
        t_last=t0 + took / 1000 if t0 is not None and took is not None else None,
        status=status,
        answer=answer,
        marks=marks,
        is_escaped=True,
    )


def _content(content: _Content | None, headers: Json) -> bytes | None:
    """The bytes of a body; None where there are none. Raises `CannotUnpack`."""
    kept = text(value(content.text)) if content is not None else None
    if content is None or kept is None:
        return None
    if content.encoding != "base64":
        return kept.encode("utf-8", "surrogatepass")
    try:
        packed = b64decode(kept)
    except (ValueError, binascii.Error) as error:
        raise CannotUnpack("a damaged base64 body") from error
    return unpacked(packed, header_names(headers).get("content-encoding", ""))
