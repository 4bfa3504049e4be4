"""`prompt_cache_breakpoint`: a part of a message behind which the prompt is kept, to the token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from llmx.core.types import Json, Message
from llmx.core.wire.body import Body

FIELD = "prompt_cache_breakpoint"
# Of the breakpoints of one request, so many of the latest are written. Without `explicit` a fourth
# checkpoint is where the prompt ends.
MOST_EXPLICIT, MOST_BESIDE = 4, 3


class BreakpointBody(Body):
    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


def marks_of(parts: Sequence[Mapping[str, Json]]) -> tuple[int, ...]:
    """Where breakpoints lie in the joined texts of a message, in characters, ascending."""
    marks: list[int] = []
    end = 0
    for part in parts:
        end += len(part.get("text", ""))
        if FIELD in part and end > 0 and (not marks or marks[-1] < end):
            marks.append(end)
    return tuple(marks)


def with_latest_marks(messages: Sequence[Message], is_explicit: bool) -> tuple[Message, ...]:
    """The messages, without the marks of which there are too many."""
    left = MOST_EXPLICIT if is_explicit else MOST_BESIDE
    found: list[Message] = []
    for message in reversed(messages):
        if message.marks:
            kept = message.marks[-left:] if left else ()
            left -= len(kept)
            message = replace(message, marks=kept)
        found.append(message)
    return tuple(reversed(found))
