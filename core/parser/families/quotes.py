"""Whether a place in a text stands in a quotation: what is shown there is an example, no call."""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})(.*)")
_TICKS = re.compile(r"`+")
_QUOTED_LINE = re.compile(r"[ \t]{0,3}>")
_OPENING_QUOTE = re.compile(r"(?:^|[\s(\[{])[\"'\u201c\u2018\u00ab\u201e]$")


class Quotes:
    """Follows the Markdown of a text: code fences, code spans, quoted lines, opening quotes.

    Adding a piece costs nothing; the text is read, each character once, when the place matters.
    """

    def __init__(self) -> None:
        self._unread: list[str] = []
        self._line = ""  # the last line, as far as it has come
        self._fence = ""  # that is open, or ""

    def add(self, text: str) -> None:
        self._unread.append(text)

    def is_quoted(self) -> bool:
        """Whether the end of the text so far stands in a quotation."""
        *lines, self._line = (self._line + "".join(self._unread)).split("\n")
        self._unread = []
        for line in lines:
            self._read(line)
        line = self._line
        return bool(
            self._fence
            or _has_open_span(line)
            or _QUOTED_LINE.match(line)
            or _OPENING_QUOTE.search(line)
        )

    def _read(self, line: str) -> None:
        found = _FENCE.match(line)
        if found is None:
            return
        fence, rest = found.groups()
        if not self._fence:
            if "`" not in rest:  # else it is a code span
                self._fence = fence
        elif fence.startswith(self._fence) and not rest.strip():
            self._fence = ""


def _has_open_span(line: str) -> bool:
    """Whether a run of backticks still waits for one of its length."""
    opened = ""
    for ticks in _TICKS.findall(line):
        opened = "" if ticks == opened else opened or ticks
    return bool(opened)
