"""Whether an answer came back in the history as it was given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile

import msgspec

from llmx.core.analysis.causes import answer_cause
from llmx.core.analysis.culprits import Culprit
from llmx.core.analysis.lineage import common_prefix
from llmx.core.analysis.segments import Segment


class Call(msgspec.Struct, frozen=True):
    """`arguments` as they were generated. Records leave out what is empty."""

    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What differs: segment `at` of the new ones, equal to `was` up to `offset` bytes."""

    at: int
    offset: int
    was: bytes
    cause: Culprit


def returned(
    new: Sequence[Segment],
    answer: bytes | None,
    calls: Sequence[Call],
    answers: Collection[bytes],
    is_object: bool,
) -> Returned | None:
    """None: as it was given, or as another answer to the same prompt (`answers`). `new`: the
    segments behind the prompt; `is_object`: arguments are sent as JSON and not as a text of it."""
    said = list(takewhile(lambda segment: segment.name == "assistant", new))
    texts = [at for at, segment in enumerate(said) if not segment.part and segment.data]
    text = b"".join(said[at].data for at in texts)
    if answer is not None and text and text != answer and text not in answers:
        first = said[texts[0]].data
        offset = min(common_prefix(text, answer), len(first))
        return Returned(texts[0], offset, answer, answer_cause(text, answer))
    places = [at for at, segment in enumerate(said) if segment.part == "call"]
    if len(places) != len(calls):
        return None
    for at, call in zip(places, calls, strict=True):
        found = _call(said[at], call, is_object)
        if found is not None:
            cause, was = found
            return Returned(at, common_prefix(said[at].data, was), was, cause)
    return None


def _call(segment: Segment, call: Call, is_object: bool) -> tuple[Culprit, bytes] | None:
    """The cause, and the segment as it was."""
    try:
        came = msgspec.json.decode(segment.data, type=Call)
        if came == call and not is_object:
            return None
        value = msgspec.json.decode(call.arguments)
        sent = msgspec.json.decode(came.arguments)
    except (ValueError, RecursionError, OverflowError):
        return None  # cut arguments are mended by many clients: nothing to compare
    generated = msgspec.json.encode(value).decode() if is_object else call.arguments
    if (came.name, came.arguments) == (call.name, generated):
        return None
    was = msgspec.json.encode({"name": call.name, "arguments": generated})
    is_same = came.name == call.name and sent == value
    return ("tool_args_form" if is_same else "assistant_altered"), was
