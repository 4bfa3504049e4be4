"""Which breakpoints of a request count, and where in a message they lie."""

from __future__ import annotations

from typing import Any

import pytest

from llmx.core.types import Message
from llmx.core.wire.responses.breakpoints import marks_of, with_latest_marks

HERE = {"prompt_cache_breakpoint": {"mode": "explicit"}}


def part(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "input_text", "text": text, **more}


@pytest.mark.parametrize(
    ("parts", "marks"),
    [
        ([], ()),
        ([part("abc")], ()),
        ([part("abc", **HERE)], (3,)),
        ([part("abc", **HERE), part("de")], (3,)),
        ([part("abc"), part("de", **HERE), part("f", **HERE)], (5, 6)),
        ([part("abc", **HERE), part("", **HERE)], (3,)),  # nothing lies between them
        ([part("", **HERE), part("a")], ()),  # what comes before is another message's
    ],
)
def test_a_breakpoint_is_behind_its_part(parts: list[dict[str, Any]], marks: Any) -> None:
    assert marks_of(parts) == marks


@pytest.mark.parametrize(
    ("is_explicit", "kept"), [(True, [(), (3,), (5, 6, 7)]), (False, [(), (), (5, 6, 7)])]
)
def test_the_latest_breakpoints_are_written(is_explicit: bool, kept: Any) -> None:
    """Four, or three beside the one that is always there."""
    messages = [Message("user", "x" * 9, marks=marks) for marks in ((1,), (2, 3), (5, 6, 7))]
    latest = with_latest_marks(messages, is_explicit)
    assert [message.marks for message in latest] == kept
    assert latest == tuple(messages)  # a mark is no part of what is said
