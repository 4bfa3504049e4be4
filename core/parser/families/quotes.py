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
        self._line: list[str] = []  # the last line, as far as it has been read
        self._span = ""  # the backticks that began a code span of this line, or ""
        self._fence = ""  # that is open, or ""

    def add(self, text: str) -> None:
        self._unread.append(text)

    def is_quoted(self) -> bool:
        """Whether the end of the text so far stands in a quotation."""
        *lines, rest = "".join(self._unread).split("\n")
        self._unread = []
        for line in lines:
            self._read_line("".join([*self._line, line]))
            self._line, self._span = [], ""
        self._line.append(rest)
        for ticks in _TICKS.findall(rest):
            self._span = "" if ticks == self._span else self._span or ticks
        end = rest if len(rest) > 1 else "".join(self._line[-2:])
        return bool(
            self._fence
            or self._span
            or _QUOTED_LINE.match("".join(self._line[:4]))
            or _OPENING_QUOTE.search(end[-2:])
        )

    def _read_line(self, line: str) -> None:
        found = _FENCE.match(line)
        if found is None:
            return
        fence, rest = found.groups()
        if not self._fence:
            if "`" not in rest:  # else it is a code span
                self._fence = fence
        elif fence.startswith(self._fence) and not rest.strip():
            self._fence = ""
