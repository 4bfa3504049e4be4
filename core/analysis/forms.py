"""Differences between two bodies whose prompts say the same: how the client spelled them.

Whether such a difference breaks anything depends on the server: ours renders both alike. What a
recorder did not keep verbatim cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from llmx.core.analysis.culprits import Culprit, Place
from llmx.core.analysis.lineage import common_prefix

IDS = frozenset({"id", "tool_use_id", "tool_call_id", "call_id", "item_id"})


@dataclass(frozen=True, slots=True)
class Form:
    """`label` names the part; both spellings of it are equal up to `offset` bytes of its JSON.

    `is_usual`: markers that went on to the newest messages, as caching clients have them.
    """

    cause: Culprit
    place: Place
    label: str
    offset: int
    ours: bytes  # the JSON of this part
    theirs: bytes
    message: int | None = None  # its index among the messages
    is_usual: bool = False


class _Body(msgspec.Struct):
    system: msgspec.Raw = msgspec.Raw(b"")
    instructions: msgspec.Raw = msgspec.Raw(b"")
    tools: list[msgspec.Raw] | None = None
    messages: list[msgspec.Raw] | None = None
    input: msgspec.Raw = msgspec.Raw(b"")


@dataclass(frozen=True, slots=True)
class _Part:
    place: Place
    label: str
    raw: bytes
    message: int | None = None


def find_form(ours: bytes, theirs: bytes) -> Form | None:
    """The first part that both have and spell differently; a marker only where nothing else is.

    For bodies whose prompts are equal as far as the shorter one goes.
    """
    try:
        mine, other = list(_parts(ours)), list(_parts(theirs))
    except (ValueError, RecursionError):
        return None
    marker: Form | None = None
    known = {part.label: part for part in other}
    last = max((part.message for part in other if part.message is not None), default=0)
    for part in mine:
        before = known.get(part.label)
        if before is None or before.raw == part.raw:
            continue
        cause = _cause(part.raw, before.raw)
        if cause is None:
            continue
        offset = common_prefix(part.raw, before.raw)
        form = Form(cause, part.place, part.label, offset, part.raw, before.raw, part.message)
        if cause != "cache_control_moved":
            return form
        if marker is None or marker.is_usual:
            marker = _marker(form, last, mine)
    return marker


def _marker(form: Form, last: int, mine: Sequence[_Part]) -> Form:
    """A marker that left one of the last messages, while a newer one has it."""
    was_late = form.message is not None and form.message >= last - 3
    is_newer = any(
        part.message is not None and part.message > (form.message or 0) and _MARK in part.raw
        for part in mine
    )
    if was_late and is_newer and _MARK not in form.ours:
        return Form(
            form.cause, form.place, form.label, form.offset, form.ours, form.theirs,
            form.message, is_usual=True,
        )  # fmt: skip
    return form


_MARK = b'"cache_control"'


def _parts(body: bytes) -> Iterator[_Part]:
    decoded = msgspec.json.decode(body, type=_Body)
    for name, raw in (("system", decoded.system), ("instructions", decoded.instructions)):
        if bytes(raw):
            yield _Part("system", name, bytes(raw))
    for index, tool in enumerate(decoded.tools or ()):
        yield _Part("tools", f"tool {index}", bytes(tool))
    messages = decoded.messages
    if messages is None and bytes(decoded.input)[:1] == b"[":
        messages = msgspec.json.decode(decoded.input, type=list[msgspec.Raw])
    for index, message in enumerate(messages or ()):
        yield _Part("messages", f"message {index}", bytes(message), index)


def _cause(ours: bytes, theirs: bytes) -> Culprit | None:
    """None: the parts differ in something that no prompt shows, or that segments show."""
    try:
        mine, other = msgspec.json.decode(ours), msgspec.json.decode(theirs)
    except (ValueError, RecursionError, OverflowError):
        return None
    if mine == other:
        return "json_form"
    unmarked, other_unmarked = _without(mine, _MARKERS), _without(other, _MARKERS)
    if unmarked == other_unmarked:
        return "cache_control_moved"
    plain, other_plain = _plain(unmarked), _plain(other_unmarked)
    if plain == other_plain:
        return "content_form"
    if _without(plain, IDS) == _without(other_plain, IDS):
        return "random_id"
    return None


_MARKERS = frozenset({"cache_control", "prompt_cache_breakpoint"})


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, names) for key, each in value.items() if key not in names}
    return [_without(each, names) for each in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """With every content and system that is text alone as that text."""
    if isinstance(value, list):
        if value and all(_is_text(each) for each in value):
            return "".join(str(each.get("text", "")) for each in value)
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _is_text(value: Any) -> bool:
    kinds = ("text", "input_text", "output_text")
    return isinstance(value, dict) and value.get("type") in kinds and set(value) == {"type", "text"}
