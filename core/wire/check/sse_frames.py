"""Recorded bytes of a stream to its events, with the place of each. Knows no API.

Unlike `client.sse`, which takes what servers send, this one says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmx.core.wire.check.violation import Violation

FIELDS = ("data", "event", "id", "retry")


@dataclass(frozen=True, slots=True)
class SseFrame:
    offset: int  # of its first byte
    event: str | None
    data: str


def frames_of(raw: bytes) -> tuple[list[SseFrame], list[Violation]]:
    """Events in order, comments left out, and every breach of the form of the stream itself."""
    violations: list[Violation] = []
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        violations.append(
            Violation("sse_not_utf8", "compat", error.start, "not UTF-8", ("sse", "schema-js"))
        )
    at = raw.find(b"\r")
    if at >= 0:
        violations.append(Violation("sse_line_end", "strict", at, "a line ends in CR"))
    if raw and not raw.endswith(b"\n\n"):
        violations.append(
            Violation(
                "sse_unfinished", "compat", len(raw), "no blank line ends the last event", ("sse",)
            )
        )
    found: list[SseFrame] = []
    for offset, lines in _blocks(raw):
        frame = _frame(offset, lines, violations)
        if frame is not None:
            found.append(frame)
    return found, violations


_LINE_END = re.compile(rb"\r\n|\n|\r")


def _blocks(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines between two blank ones, and where the first of them begins."""
    lines: list[str] = []
    begin = offset = 0
    for line in _LINE_END.finditer(raw):
        text = raw[offset : line.start()].decode("utf-8", "replace")
        if not text:
            if lines:
                yield begin, lines
            lines = []
        else:
            begin = begin if lines else offset
            lines.append(text)
        offset = line.end()
    if rest := raw[offset:].decode("utf-8", "replace"):
        begin = begin if lines else offset
        lines.append(rest)
    if lines:
        yield begin, lines


def _frame(offset: int, lines: list[str], violations: list[Violation]) -> SseFrame | None:
    """None for a block of comments only."""
    event: str | None = None
    data: list[str] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not name and colon:
            continue
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
        elif name not in FIELDS:
            message = f"a line that is no field: {line[:40]!r}"
            violations.append(Violation("sse_field", "strict", offset, message))
    if data:
        return SseFrame(offset, event, "\n".join(data))
    if event is not None:
        message = f"event {event!r} has no data: readers pass over it"
        violations.append(Violation("sse_no_data", "compat", offset, message, ("sse",)))
    return None
