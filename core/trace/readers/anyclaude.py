"""Reads anyclaude's files: one pretty document per call of its logger.

    {"timestamp", "mode", "request": {"method", "url", "headers", "body"}, "response"?: {...}}

With `mode` "claude" every call is there twice: the request alone when it began, and again with the
response when that had ended. The two are one request: the first says when it began, the second when
it ended. Other modes keep the request alone, so their usage is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from llmx.core.trace.readers.answers import Answer, read_answer
from llmx.core.trace.readers.bodies import Asked, asked, verbatim
from llmx.core.trace.readers.documents import Document, Fault
from llmx.core.trace.readers.exchange import record_of
from llmx.core.trace.readers.found import (
    Found,
    Head,
    Malformed,
    Passed,
    Repeated,
    count,
    identity,
    moment,
    value,
)
from llmx.core.trace.record import Source, TraceRecord


class _Request(msgspec.Struct):
    method: msgspec.Raw = msgspec.Raw()
    url: msgspec.Raw = msgspec.Raw()
    headers: msgspec.Raw = msgspec.Raw()
    body: msgspec.Raw = msgspec.Raw()


class _Response(msgspec.Struct):
    statusCode: msgspec.Raw = msgspec.Raw()
    body: msgspec.Raw = msgspec.Raw()


class _Call(msgspec.Struct):
    request: _Request
    response: _Response | None = None
    timestamp: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A document that waits for the other one of its call: where it stands, or itself."""

    at: float | None  # when it was logged
    name: str  # of its content: two files with the same one are copies
    document: Document  # without its bytes where they can be had again
    nbytes: int


class AnyclaudeReader:
    """Keeps no more than the places of documents until the end, where they can be read again."""

    source: Source = "anyclaude"

    def __init__(self) -> None:
        self._requests: dict[str, list[_Kept]] = {}  # by what was asked
        self._answered: dict[str, list[_Kept]] = {}
        self._names: set[str] = set()

    def claims(self, head: Head) -> bool:
        return "request" in head and "timestamp" in head

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        call = msgspec.json.decode(document.data, type=_Call)
        about = _asked(call)
        if about is None:
            yield Passed("anyclaude: not a request for an answer")
            return
        name = identity(document.data.strip())
        if name in self._names:
            yield Repeated()
            return
        self._names.add(name)
        pile = self._requests if call.response is None else self._answered
        at, nbytes = moment(value(call.timestamp)), len(document.data)
        if document.offset is not None:
            document = Document(b"", document.file, document.line, document.offset)
        pile.setdefault(identity(about.api, about.body), []).append(
            _Kept(at, name, document, nbytes)
        )

    def end(self) -> Iterator[Found]:
        pairs = [pair for key in {**self._requests, **self._answered} for pair in self._pairs(key)]
        for first, last in sorted(pairs, key=lambda pair: _age(pair[0] or pair[1])):
            yield _told(first, last)

    def _pairs(self, key: str) -> Iterator[tuple[_Kept | None, _Kept | None]]:
        """Every answer with the latest request before it that has none yet."""
        waiting = sorted(self._requests.get(key, []), key=_age)
        for last in sorted(self._answered.get(key, []), key=_age):
            before = [one for one in waiting if _age(one) <= _age(last)] or waiting
            first = before[-1] if before else None
            if first is not None:
                waiting.remove(first)
            yield first, last
        for first in waiting:
            yield first, None


def _told(first: _Kept | None, last: _Kept | None) -> TraceRecord | Fault:
    kept = last or first
    assert kept is not None
    document = kept.document
    try:
        document = _whole(kept)
        call = msgspec.json.decode(document.data, type=_Call)
    except (OSError, *Malformed):
        return Fault(document.file, document.line, "changed while it was read")
    about = _asked(call)
    if about is None:
        return Fault(document.file, document.line, "changed while it was read")
    status, answer = None, Answer()
    if call.response is not None:
        status = count(value(call.response.statusCode))
        answer = read_answer(about.api, verbatim(call.response.body), status)
    return record_of(
        "anyclaude",
        document,
        about,
        t0=first.at if first is not None else kept.at,
        t_last=last.at if first is not None and last is not None else None,
        status=status,
        answer=answer,
        marks=() if call.response is not None else ("no_response",),
    )


def _asked(call: _Call) -> Asked | None:
    request = call.request
    return asked(value(request.method), value(request.url), value(request.headers), request.body)


def _age(kept: _Kept | None) -> tuple[float, str]:
    if kept is None or kept.at is None:
        return (float("inf"), "" if kept is None else kept.name)
    return (kept.at, kept.name)


def _whole(kept: _Kept) -> Document:
    """With its bytes. Raises `OSError`."""
    found = kept.document
    if found.offset is None:
        return found
    with found.file.open("rb") as stream:
        stream.seek(found.offset)
        return Document(stream.read(kept.nbytes), found.file, found.line, found.offset)
