"""A reader of server-sent events that takes what servers really send. Knows no HTTP, no JSON."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

DONE = "[DONE]"
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SseEvent:
    data: str  # the `data` lines, joined by "\n"
    event: str | None = None


class SseReader:
    """Bytes in, in any portions; events out as soon as they are complete.

    Comments, `id`, `retry` and unknown fields are passed over, lines end in LF, CR or CRLF, bytes
    that are no UTF-8 become replacement characters.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""  # begun, not ended
        self._is_after_cr = False  # an LF that follows belongs to that line end
        self._is_first_line = True
        self._data: list[str] = []
        self._event: str | None = None

    def feed(self, portion: bytes) -> list[SseEvent]:
        return self._take(self._decoder.decode(portion))

    def end(self) -> list[SseEvent]:
        """What is left when the body ends: servers forget the last blank line."""
        return self._take(self._decoder.decode(b"", final=True) + "\n\n")

    def _take(self, text: str) -> list[SseEvent]:
        if self._is_after_cr and text:
            text = text.removeprefix("\n")
            self._is_after_cr = False
        if text.endswith("\r"):
            self._is_after_cr = True
        first, *others = _LINE_END.split(text)
        self._line += first
        events: list[SseEvent] = []
        for following in others:
            events += self._line_ended(self._line)
            self._line = following
        return events

    def _line_ended(self, line: str) -> list[SseEvent]:
        if self._is_first_line:
            line = line.removeprefix("\ufeff")
            self._is_first_line = False
        if not line:
            return self._blank_line()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        return []

    def _blank_line(self) -> list[SseEvent]:
        data, event = self._data, self._event
        self._data, self._event = [], None
        return [SseEvent("\n".join(data), event)] if data else []
