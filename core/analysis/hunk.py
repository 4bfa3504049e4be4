"""The part of two texts that differs: the lines around the first different byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from llmx.core.analysis.lineage import common_suffix

REACH = 400  # bytes kept on each side of a change inside one very long line
LONGEST = 16_384  # bytes of a change that are looked at
LINES = 300  # a change of more lines is taken as one
ABOVE = 6_000  # bytes before the change in which its heading may stand

_LINE_END = re.compile(rb"\n|\\n")  # inside JSON a line ends with an escape


@dataclass(frozen=True, slots=True)
class Hunk:
    """The first run of lines that differ, as text. One side may be empty: lines were put in."""

    ours: str
    theirs: str
    above: str  # the equal text before it, at most `ABOVE` bytes
    below: str  # the equal text behind it, at most `ABOVE` bytes; empty where more lines differ
    inside: str = ""  # what one side has more, where it stands inside a line of the other

    @property
    def is_insertion(self) -> bool:
        return not self.theirs.strip()

    @property
    def is_removal(self) -> bool:
        return not self.ours.strip()


def hunk_of(ours: bytes, theirs: bytes, offset: int) -> Hunk:
    """`offset`: the number of leading bytes that are equal."""
    alike = common_suffix(ours[offset:], theirs[offset:])
    start = max(_line_start(ours, offset), offset - REACH)
    behind = min(_line_end(ours, len(ours) - alike) - (len(ours) - alike), REACH, alike)
    mine = ours[start : len(ours) - alike + behind]
    other = theirs[start : len(theirs) - alike + behind]
    above = ours[max(0, start - ABOVE) : start].decode("utf-8", "replace")
    rest = ours[len(ours) - alike + behind :][:ABOVE].decode("utf-8", "replace")
    first, second, is_whole = _first_lines(mine[:LONGEST], other[:LONGEST])
    more = (ours, theirs) if len(ours) > len(theirs) else (theirs, ours)
    inside = more[0][offset : len(more[0]) - alike] if len(more[1]) - alike == offset else b""
    text = inside[:LONGEST].decode("utf-8", "replace")
    return Hunk(first, second, above, rest if is_whole else "", text)


def _line_start(data: bytes, at: int) -> int:
    ends = [match.end() for match in _LINE_END.finditer(data, max(0, at - REACH), at)]
    return ends[-1] if ends else (0 if at <= REACH else at - REACH)


def _line_end(data: bytes, at: int) -> int:
    match = _LINE_END.search(data, at)
    return len(data) if match is None else match.start()


def _first_lines(ours: bytes, theirs: bytes) -> tuple[str, str, bool]:
    """The first run of lines that differ, of each; whether it is the only one."""
    mine, other = _lines(ours), _lines(theirs)
    if max(len(mine), len(other)) > LINES:
        return "\n".join(mine), "\n".join(other), True
    different = [
        code for code in SequenceMatcher(None, other, mine, False).get_opcodes()
        if code[0] != "equal"
    ]  # fmt: skip
    if not different:  # only line ends differ
        return "\n".join(mine), "\n".join(other), True
    _, b1, b2, a1, a2 = different[0]
    return "\n".join(mine[a1:a2]), "\n".join(other[b1:b2]), len(different) == 1


def _lines(data: bytes) -> list[str]:
    return [part.decode("utf-8", "replace") for part in _LINE_END.split(data)]
