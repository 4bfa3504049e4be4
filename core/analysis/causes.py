"""Why two prompts part: the first class of `culprits` that the difference itself proves.

Only what differs is looked at, never the whole prompt: a prompt that tells the time is not broken
by it as long as it tells the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from llmx.core.analysis.clock import differs_in_time, only_tells_time
from llmx.core.analysis.culprits import Culprit, Place
from llmx.core.analysis.history import RUN, Edit, edit_of
from llmx.core.analysis.hunk import Hunk, hunk_of
from llmx.core.analysis.identifiers import BILLING, has_id, without_ids
from llmx.core.analysis.segments import Prompt, Segment
from llmx.core.analysis.surroundings import (
    is_reminder,
    is_workspace,
    says_reminder,
    says_summary,
    without_thinking,
)


def place_of(prompt: Prompt, at: int, other: Prompt | None = None) -> Place:
    """The part of the prompt that segment `at` belongs to; where it ends there, of the other's."""
    for each in (prompt, other):
        if each is not None and at < len(each.segments):
            kind = each.segments[at].kind
            if kind == "tool":
                return "tools"
            if kind == "system":
                return "system"
    if other is not None and at < min(len(other.segments), len(prompt.segments)):
        there = other.segments[at].kind
        return "tools" if there == "tool" else "system" if there == "system" else "messages"
    return "messages"


def cause_of(ours: Prompt, theirs: Prompt, at: int, offset: int) -> Culprit:
    """Of two prompts that are equal up to `offset` bytes of segment `at`, where both go on."""
    here, there = ours.segments[at], theirs.segments[at]
    if "tool" in (here.kind, there.kind):
        return _tool_cause(ours, theirs, at, offset)
    if here.kind == "system" or there.kind == "system":
        return _system_cause(here, there, offset)
    return _history_cause(ours, theirs, at, offset)


# ── texts ─────────────────────────────────────────────────────────────────────────────────────


def text_cause(hunk: Hunk) -> Culprit | None:
    """The classes that hold for a text anywhere: 1 to 4."""
    ours, theirs = hunk.ours, hunk.theirs
    if _is_billing(ours, theirs):
        return "billing_header"
    one_sided = hunk.is_insertion or hunk.is_removal
    if only_tells_time(ours if hunk.is_insertion else theirs if one_sided else hunk.inside):
        return "clock"
    if not one_sided and differs_in_time(ours, theirs):
        return "clock"
    if not one_sided and not _names_a_commit(hunk) and _differs_in_ids(ours, theirs):
        return "random_id"
    if not one_sided and differs_in_time(without_ids(ours), without_ids(theirs)):
        return "clock"  # and an id beside it
    return None


def _is_billing(ours: str, theirs: str) -> bool:
    if not (BILLING.search(ours) or BILLING.search(theirs)):
        return False
    return BILLING.sub("", ours).strip() == BILLING.sub("", theirs).strip()


def _differs_in_ids(ours: str, theirs: str) -> bool:
    return has_id(ours) and without_ids(ours) == without_ids(theirs)


def _names_a_commit(hunk: Hunk) -> bool:
    """An id of git's is the state of a workspace."""
    return is_workspace(hunk) and any(
        word in (hunk.ours + hunk.above[-200:]).lower()
        for word in ("commit", "head", "branch", "revision")
    )


def _system_cause(here: Segment, there: Segment, offset: int) -> Culprit:
    if here.kind != there.kind:  # one prompt has a system text more
        added = here if here.kind == "system" else there
        hunk = Hunk(added.data.decode("utf-8", "replace"), "", "", "")
        return _surrounding_cause(hunk) or "unknown"
    hunk = hunk_of(here.data, there.data, offset)
    return _surrounding_cause(hunk) or "unknown"


def _surrounding_cause(hunk: Hunk) -> Culprit | None:
    if (cause := text_cause(hunk)) is not None:
        return cause
    if is_workspace(hunk):
        return "workspace_state"
    return "injected_reminder" if is_reminder(hunk) else None


# ── tools ─────────────────────────────────────────────────────────────────────────────────────


def _tool_cause(ours: Prompt, theirs: Prompt, at: int, offset: int) -> Culprit:
    here, there = ours.segments[at], theirs.segments[at]
    mine, other = ([s for s in prompt.segments if s.kind == "tool"] for prompt in (ours, theirs))
    if here.header == there.header:
        hunk = hunk_of(here.data, there.data, offset)
        cause = text_cause(hunk)
        if cause is None and is_workspace(hunk) and not _is_schema(here, there):
            cause = "workspace_state"
        if cause is not None:
            return cause
        if Counter(mine) == Counter(other):
            return "tool_order"  # of one name
        if _value(here) == _value(there):
            return "json_form"
        if (here.kind, there.kind) == ("tool", "tool"):
            return "tool_schema"  # what else differs stands behind it, and breaks nothing more
    if Counter(tool.name for tool in mine) != Counter(tool.name for tool in other):
        return "tool_set"
    return "tool_order"


def _value(tool: Segment) -> bytes:
    """What the tool says, whatever the order of its keys."""
    return canonical(tool.data)


def _is_schema(here: Segment, there: Segment) -> bool:
    """Whether the parameters differ, not only the description."""
    try:
        first, second = (msgspec.json.decode(tool.data, type=_Tool) for tool in (here, there))
    except (ValueError, RecursionError, OverflowError):
        return True
    return first.function.parameters != second.function.parameters


class _Function(msgspec.Struct):
    parameters: object = None


class _Tool(msgspec.Struct):
    function: _Function


def canonical(data: bytes) -> bytes:
    """The JSON value in one spelling, its keys sorted; the bytes themselves where it is none."""
    try:
        return msgspec.json.encode(msgspec.json.decode(data), order="deterministic")
    except (ValueError, RecursionError, OverflowError):
        return data


# ── messages ──────────────────────────────────────────────────────────────────────────────────


def _history_cause(ours: Prompt, theirs: Prompt, at: int, offset: int) -> Culprit:
    edit = edit_of(ours.segments, theirs.segments, at)
    if edit.added and not edit.removed:
        return _added_cause(edit.added)
    if edit.removed and not edit.added:
        return _removed_cause(edit.removed, is_part=_is_part(theirs, at, len(edit.removed)))
    if not edit.is_joined and (cause := _trailing_cause(edit.removed)) is not None:
        return cause
    here, there = edit.added[0], edit.removed[0]
    if _lost_images(edit):
        return "image_form"
    if here.header == there.header and (one := _text_of_both(here, there, offset)) is not None:
        return one
    if edit.is_shorter and any(says_summary(_text(segment)) for segment in edit.added):
        return "compaction"
    if _is_window(edit):
        return "compaction"
    return _replaced_cause(here, there, offset)


def is_compacted(ours: Prompt, theirs: Prompt, at: int, offset: int) -> bool:
    """Whether the cause is `compaction`, of two histories that differ from segment `at` on. Texts
    are looked at only where it may be."""
    edit = edit_of(ours.segments, theirs.segments, at)
    may_be = (
        not edit.is_replacement
        or (edit.is_shorter and any(says_summary(_text(segment)) for segment in edit.added))
        or _is_window(edit)
    )
    return may_be and _history_cause(ours, theirs, at, offset) == "compaction"


def _text_of_both(here: Segment, there: Segment, offset: int) -> Culprit | None:
    """Classes 1 to 4, and reminders, of two texts that stand in the same place."""
    if here.part not in ("", "reasoning"):
        return None
    hunk = hunk_of(here.data, there.data, offset)
    if (cause := text_cause(hunk)) is not None:
        return cause
    if here.name == "assistant":
        return None
    if (hunk.is_insertion or hunk.is_removal) and is_reminder(hunk):
        return "injected_reminder"
    if here.name != "tool" and is_workspace(hunk):
        return "workspace_state"
    return None


def _replaced_cause(here: Segment, there: Segment, offset: int) -> Culprit:
    """One segment stands where another one stood."""
    if there.part == "reasoning" and here.part != "reasoning":
        return "thinking_stripped"
    if there.part == "reasoning":
        return "thinking_stripped" if _is_cut(here.data, there.data) else "assistant_altered"
    if here.part == there.part == "call" and here.name == there.name:
        return "tool_args_form" if same_call(here.data, there.data) else "assistant_altered"
    if here.header == there.header and _is_json(here) and _is_same_value(here, there):
        return "json_form"
    if _is_image(here) or _is_image(there) or _differs_in_images(here, there):
        return "image_form"
    if here.header != there.header:
        return "unknown"
    if here.name == "assistant":
        return answer_cause(here.data, there.data)
    hunk = hunk_of(here.data, there.data, offset)
    if here.name == "tool":
        is_inside = is_reminder(hunk) and not _is_cut(here.data, there.data)
        return "injected_reminder" if is_inside else "tool_result_edited"
    if here.name == "system" or is_reminder(hunk):
        return "injected_reminder"
    return "unknown"


def answer_cause(ours: bytes, theirs: bytes) -> Culprit:
    """An assistant's message that is another one than it was."""
    before, now = theirs.decode("utf-8", "replace"), ours.decode("utf-8", "replace")
    is_stripped = without_thinking(before).strip() == now.strip() != before.strip()
    return "thinking_stripped" if is_stripped else "assistant_altered"


def _is_cut(ours: bytes, theirs: bytes) -> bool:
    return len(ours) < len(theirs)


def _added_cause(added: Sequence[Segment]) -> Culprit:
    """Segments stand in the history that were not there."""
    texts = [_text(segment) for segment in added]
    for text in texts:
        if (cause := text_cause(Hunk(text, "", "", ""))) is not None:
            return cause
    if all(
        segment.name == "system" or says_reminder(text)
        for segment, text in zip(added, texts, strict=True)
    ):
        return "injected_reminder"
    return "unknown"


def _trailing_cause(removed: Sequence[Segment]) -> Culprit | None:
    """What the predecessor ended with, where that were words of its client: they are said once, and
    the next request leaves them out."""
    if len(removed) > RUN or not all(s.name in ("user", "system") for s in removed):
        return None
    texts = [_text(segment) for segment in removed]
    if all(map(only_tells_time, texts)):
        return "clock"
    told = zip(removed, texts, strict=True)
    return (
        "injected_reminder"
        if all(s.name == "system" or says_reminder(text) for s, text in told)
        else None
    )


def _is_part(theirs: Prompt, at: int, count: int) -> bool:
    """Whether more of the same message is left."""
    place = theirs.places[at]
    if any(theirs.places[i] != place for i in range(at, at + count)):
        return False
    beside = [i for i in (at - 1, at + count) if 0 <= i < theirs.count]
    return any(theirs.places[i] == place and theirs.segment(i).kind == "message" for i in beside)


def _removed_cause(removed: Sequence[Segment], *, is_part: bool) -> Culprit:
    """Segments are gone from the history; `is_part`: of a message that is there."""
    if all(segment.part == "reasoning" for segment in removed):
        return "thinking_stripped"
    if all(segment.name == "system" or says_reminder(_text(segment)) for segment in removed):
        return "injected_reminder"
    if all(map(_is_image, removed)):
        return "image_form"
    if all(segment.name == "tool" for segment in removed):
        return "tool_result_edited"
    if is_part:
        return "assistant_altered" if removed[0].name == "assistant" else "unknown"
    return "compaction"


def _is_window(edit: Edit) -> bool:
    """Several messages stood where fewer stand, and what follows is the same again."""
    return edit.is_shorter and edit.is_joined and len(edit.removed) >= len(edit.added) + 2


def _is_image(segment: Segment) -> bool:
    if segment.part not in ("part", "image"):
        return False
    head = segment.data[:200]
    return b'"image' in head or b'"input_image"' in head


def _lost_images(edit: Edit) -> bool:
    """Pictures went, and at most words in their place came."""
    images = sum(map(_is_image, edit.removed))
    if not edit.is_joined or not images or any(map(_is_image, edit.added)):
        return False
    texts = [segment for segment in edit.removed if not _is_image(segment)]
    return len(texts) == len(edit.added) and all(
        ours.header == theirs.header and ours.data.startswith(theirs.data)
        for ours, theirs in zip(edit.added, texts, strict=True)
    )


def _differs_in_images(here: Segment, there: Segment) -> bool:
    """Results of a tool that say the same but for their pictures."""
    if here.header != there.header or b'"image' not in here.data + there.data:
        return False
    mine, other = (_without_images(segment.data) for segment in (here, there))
    return mine is not None and mine == other


def _without_images(data: bytes) -> list[object] | None:
    """The blocks of a result; None where it is a text."""
    try:
        blocks = msgspec.json.decode(data, type=list[dict[str, object]])
    except (ValueError, RecursionError, OverflowError):
        return None
    return [block for block in blocks if "image" not in str(block.get("type", ""))]


def _is_json(segment: Segment) -> bool:
    """Whether it is shown as JSON: a part that is no text, or blocks of a result."""
    is_part = segment.part not in ("", "reasoning")
    return is_part or (segment.name == "tool" and segment.data[:1] in (b"[", b"{"))


def _is_same_value(here: Segment, there: Segment) -> bool:
    return canonical(here.data) == canonical(there.data)


def _text(segment: Segment) -> str:
    return segment.data.decode("utf-8", "replace")


class _Called(msgspec.Struct):
    name: str
    arguments: str


def same_call(ours: bytes, theirs: bytes) -> bool:
    """Both call the same function with the same values, written differently."""
    try:
        first, second = (msgspec.json.decode(data, type=_Called) for data in (ours, theirs))
        values = [msgspec.json.decode(call.arguments) for call in (first, second)]
    except (ValueError, RecursionError, OverflowError):
        return False
    return first.name == second.name and values[0] == values[1]
