"""Reads `.claude-trace/log-*.jsonl`: one line per exchange, written when the answer had ended.

    {"request": {"timestamp", "method", "url", "headers", "body"},
     "response": {"timestamp", "status_code", "headers", "body"|"body_raw"} | null, "logged_at"}

The response's time is that of its headers, not of the first token, so that one stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from llmx.core.trace.readers.answers import Answer, read_answer
from llmx.core.trace.readers.bodies import asked, verbatim
from llmx.core.trace.readers.documents import Document
from llmx.core.trace.readers.exchange import record_of
from llmx.core.trace.readers.found import Found, Head, Passed, count, moment, value
from llmx.core.trace.record import Source


class _Request(msgspec.Struct):
    timestamp: msgspec.Raw = msgspec.Raw()
    method: msgspec.Raw = msgspec.Raw()
    url: msgspec.Raw = msgspec.Raw()
    headers: msgspec.Raw = msgspec.Raw()
    body: msgspec.Raw = msgspec.Raw()


class _Response(msgspec.Struct):
    status_code: msgspec.Raw = msgspec.Raw()
    body: msgspec.Raw = msgspec.Raw()
    body_raw: msgspec.Raw = msgspec.Raw()


class _Line(msgspec.Struct):
    request: _Request
    response: _Response | None = None
    logged_at: msgspec.Raw = msgspec.Raw()


class ClaudeTraceReader:
    source: Source = "claude-trace"

    def claims(self, head: Head) -> bool:
        return "request" in head and ("response" in head or "logged_at" in head)

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        line = msgspec.json.decode(document.data, type=_Line)
        request, response = line.request, line.response
        about = asked(
            value(request.method), value(request.url), value(request.headers), request.body
        )
        if about is None:
            yield Passed("claude-trace: not a request for an answer")
            return
        status, answer = None, Answer()
        if response is not None:
            status = count(value(response.status_code))
            content = verbatim(response.body_raw) or verbatim(response.body)
            answer = read_answer(about.api, content, status)
        yield record_of(
            self.source,
            document,
            about,
            t0=moment(value(request.timestamp)),
            t_last=moment(value(line.logged_at)) if response is not None else None,
            status=status,
            answer=answer,
            marks=() if response is not None else ("no_response",),
        )

    def end(self) -> Iterator[Found]:
        yield from ()
