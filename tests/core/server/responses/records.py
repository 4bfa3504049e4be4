"""Records of responses for tests of what keeps them, each in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llmx.core.wire.responses.items import Item
from llmx.core.wire.responses.record import Record, Rhythm
from llmx.core.wire.responses.response import State, Status, Subject

USAGE = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}


def said(text: str, number: int, role: str = "user") -> Item:
    kind = "output_text" if role == "assistant" else "input_text"
    part: dict[str, Any] = {"type": kind, "text": text}
    if role == "assistant":
        part |= {"annotations": [], "logprobs": []}
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": role,
        "status": "completed",
        "content": [part],
    }


def record(
    identity: str,
    *,
    status: Status = "completed",
    text: str = "Hello.",
    before: Record | None = None,
    **fields: Any,
) -> Record:
    """A response to one message, after those of `before`."""
    context = () if before is None else before.context
    at = len(context)
    is_over = status not in ("queued", "in_progress")
    output = (said(text, at + 1, "assistant"),) if is_over else ()
    state = State(status, output, USAGE if is_over else None)
    if status == "completed":
        state = replace(state, completed_at=1_700_000_001)
    subject = Subject(identity, 1_700_000_000, "scripted", {"store": True, "metadata": {"a": "b"}})
    rhythm = Rhythm(cuts=((len(text),),) if is_over else (), counts=((0,),) if is_over else ())
    return Record(
        subject=subject,
        state=state,
        items=(*context, said(f"Hi from {identity}", at)),
        inherited=at,
        rhythm=rhythm,
        **fields,
    )
