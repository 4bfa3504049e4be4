"""Where and why a prompt stopped being equal to its nearest predecessor.

A cause is named only where the bytes prove it; otherwise it is `changed`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import msgspec

from llmx.core.analysis.lineage import Nearest, common_suffix
from llmx.core.analysis.trie import Prompt, Segment

Kind = Literal["first", "exact", "extended", "broken"]

AROUND = 40  # bytes shown on each side of the first different one
LINE = 400  # bytes of a line looked at on each side: a segment may have no line ends


@dataclass(frozen=True, slots=True)
class Break:
    """`at`, `offset`: the first different byte, in this prompt's segment `at`.

    kind: `first` no earlier prompt begins alike · `exact` the whole prompt stood in an earlier one
    · `extended` only the end is new: messages were added, or the last one differs · `broken` an
    earlier part differs. `cause` and `reusable` are for `broken` alone.
    """

    kind: Kind
    at: int
    offset: int
    shared: int  # bytes before the first different one
    ours: bytes = b""  # around it
    theirs: bytes = b""
    cause: str | None = None
    reusable: int = 0  # bytes behind the break that the predecessor had as well


FIRST = Break("first", 0, 0, 0)


def find_break(
    ours: Prompt, theirs: Prompt | None, nearest: Nearest | None, answers: set[bytes]
) -> Break:
    """`answers`: what servers answered to the prompt before the different segment."""
    if nearest is None or theirs is None:
        return FIRST
    at, offset = nearest.at, nearest.offset
    shared = ours.before(at) + offset
    if at >= ours.count:
        return Break("exact", at, 0, shared)
    ours_there = ours.segment(at)
    theirs_there = theirs.segment(at) if at < theirs.count else None
    around = (
        _around(ours_there.data, offset),
        _around(theirs_there.data, offset) if theirs_there else b"",
    )
    if _is_new_end(ours, at, theirs_there):
        return Break("extended", at, offset, shared, *around)
    cause = _cause(ours, theirs, nearest, answers)
    reusable = _reusable(ours, theirs, at, offset)
    return Break("broken", at, offset, shared, *around, cause, reusable)


def masked(data: bytes) -> str:
    """The shape of a text without its content: letters are x, digits are 9."""
    text = data.decode("utf-8", "replace")
    return "".join("9" if c.isdigit() else "x" if c.isalnum() else c for c in shown(text))


def content(data: bytes) -> str:
    """The text as it is, on one line, without what looks like a key or a password."""
    return shown(_SECRET.sub("[REDACTED]", data.decode("utf-8", "replace")))


def shown(text: str) -> str:
    """One line that can be printed: a dot stands for each control character."""
    return "".join(c if c.isprintable() else "\N{MIDDLE DOT}" for c in text)


def _is_new_end(ours: Prompt, at: int, theirs: Segment | None) -> bool:
    """Messages were added to the predecessor's, or the last one stands where it had another."""
    if ours.segment(at).kind != "message":
        return False
    is_last = ours.places[at] == ours.last_message
    return theirs is None or (is_last and theirs.kind == "message")


def _around(data: bytes, offset: int) -> bytes:
    return data[max(0, offset - AROUND) : offset + AROUND]


def _reusable(ours: Prompt, theirs: Prompt, at: int, offset: int) -> int:
    """Bytes that both prompts have behind the first difference, wherever they stand there."""
    total = 0
    if at < len(theirs.segments) and ours.segments[at].header == theirs.segments[at].header:
        total = common_suffix(ours.segments[at].data[offset:], theirs.segments[at].data[offset:])
    left = Counter(theirs.segments[at:])
    for segment in ours.segments[at:]:
        if left[segment] > 0:
            left[segment] -= 1
            total += len(segment.data)
    return total


# ── causes ────────────────────────────────────────────────────────────────────────────────────


def _cause(ours: Prompt, theirs: Prompt, nearest: Nearest, answers: set[bytes]) -> str:
    here = ours.segments[nearest.at]
    there = theirs.segments[nearest.at] if nearest.at < len(theirs.segments) else None
    if here.kind == "tool" or (there is not None and there.kind == "tool"):
        return _tool_cause(ours, theirs, here, there)
    if there is None or (here.kind, here.name) != (there.kind, there.name):
        return "changed"
    if here.part == there.part == "call":
        return "tool_args_form" if _same_call(here.data, there.data) else "changed"
    if here.part or there.part:
        return "changed"
    if (cause := _text_cause(here.data, there.data, nearest.offset)) is not None:
        return cause
    if here.name == "assistant" and there.data in answers and here.data not in answers:
        return "assistant_altered"
    return "tool_result_edited" if here.name == "tool" else "changed"


def _tool_cause(ours: Prompt, theirs: Prompt, here: Segment, there: Segment | None) -> str:
    mine = [segment for segment in ours.segments if segment.kind == "tool"]
    other = [segment for segment in theirs.segments if segment.kind == "tool"]
    if Counter(mine) == Counter(other):
        return "tool_order"
    names, other_names = ([segment.name for segment in tools] for tools in (mine, other))
    if Counter(names) != Counter(other_names):
        return "tool_set"
    return "tool_schema" if there is not None and here.name == there.name else "tool_order"


def _same_call(ours: bytes, theirs: bytes) -> bool:
    """Both call the same function with the same values, written differently."""
    try:
        first, second = (msgspec.json.decode(data, type=_Called) for data in (ours, theirs))
        values = [msgspec.json.decode(call.arguments) for call in (first, second)]
    except (ValueError, RecursionError, OverflowError):
        return False
    return first.name == second.name and values[0] == values[1]


class _Called(msgspec.Struct):
    name: str
    arguments: str


_SECRET = re.compile(
    r"\b(?:sk|pk|rk)-[\w-]{8,}|\bgh[pousr]_\w{16,}|\bhf_\w{16,}|\bAKIA[0-9A-Z]{12,}"
    r"|\beyJ[\w-]{8,}(?:\.[\w-]+)*|(?<=bearer )\S+"
    r"|(?:(?<=password)|(?<=secret)|(?<=token)|(?<=api_key)|(?<=api-key)|(?<=apikey))"
    r"[\"']?\s?[:=]\s?[\"']?\S+",
    re.IGNORECASE,
)
_DAY = rb"(?:mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?"
_MONTH = (
    rb"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    rb"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_CLOCK = re.compile(
    rb"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rb"|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    rb"|\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\b\.?)?"
    rb"|\b1[4-9]\d{8}(?:\d{3}|\.\d+)?\b"
    rb"|\b" + _DAY + rb"\b,?"
    rb"|\b\d{1,2}(?:st|nd|rd|th)?\.?\s" + _MONTH + rb"\b\.?(?:,?\s\d{4})?"
    rb"|\b" + _MONTH + rb"\b\.?\s\d{1,2}(?:st|nd|rd|th)?\b(?:,?\s\d{4})?",
    re.IGNORECASE,
)
_RANDOM = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    rb"|\b(?=[a-z]*[0-9])[0-9a-f]{16,}\b"
    rb"|\b[0-7][0-9a-hjkmnp-tv-z]{25}\b"
    rb"|(?:session|request|trace|conversation|thread|message|run)[-_ ]?id"
    rb"[\"']?\s?[:=]\s?[\"']?[\w-]{6,}",
    re.IGNORECASE,
)
_BILLING = re.compile(rb"(?:x-anthropic-billing-header|cch=|cc_version=)[^\n]*", re.IGNORECASE)


def _text_cause(ours: bytes, theirs: bytes, offset: int) -> str | None:
    """The class whose spans alone make the two lines at `offset` different."""
    mine, other = _line(ours, offset), _line(theirs, offset)
    for cause, pattern in (("billing_header", _BILLING), ("clock", _CLOCK), ("random_id", _RANDOM)):
        first, second = pattern.sub(b"\0", mine), pattern.sub(b"\0", other)
        if min(len(mine), len(other)) > LINE:  # cut at different places: leave the ends out
            alike = min(len(first), len(second)) - LINE // 4
            first, second = first[:alike], second[:alike]
        if first == second and pattern.search(mine) is not None:
            return cause
    return None


def _line(data: bytes, offset: int) -> bytes:
    """The line that holds the byte at `offset`, at most LINE bytes on each side."""
    start = max(data.rfind(b"\n", 0, offset) + 1, offset - LINE)
    end = data.find(b"\n", offset)
    return data[start : min(end if end >= 0 else len(data), offset + LINE)]
