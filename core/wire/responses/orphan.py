"""The end of a response that nobody computes any more."""

from __future__ import annotations

from dataclasses import replace

from llmx.core.types import Usage
from llmx.core.wire.responses.record import Record, Rhythm
from llmx.core.wire.responses.response import State
from llmx.core.wire.responses.usage import usage_body

WHY = "The server that computed this response ended before it was complete."


def abandoned(record: Record, why: str = WHY) -> Record:
    """The same response as failed. What it had said is not known: its output is empty, and its
    stream is told as if it had failed in the place where it was last stored."""
    state = State(
        "failed",
        usage=usage_body(Usage(0, 0, 0, 0), None),
        error={"code": "server_error", "message": why},
        extra=record.state.extra,
    )
    return replace(record, state=state, rhythm=Rhythm(started=record.rhythm.started))
