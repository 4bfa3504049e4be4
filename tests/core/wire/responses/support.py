"""Responses made without an engine or a server, and the published types to hold them against."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from llmx.core.types import Event, Finished, FinishReason, Timings, Usage
from llmx.core.wire.responses.answer import Answer, Form
from llmx.core.wire.responses.events import DONE, StreamEvent
from llmx.core.wire.responses.record import Record
from llmx.core.wire.responses.response import Subject

EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)

ECHO: dict[str, Any] = {
    "background": False,
    "frequency_penalty": 0.0,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": msgspec.Raw(b"[]"),
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
}
SUBJECT = Subject("resp_1", 1_700_000_000, "scripted", ECHO)
USAGE = Usage(prompt_tokens=7, cached_tokens=3, written_tokens=4, completion_tokens=5)


def answer(form: Form | None = None) -> Answer:
    """Item ids count up."""
    numbers = itertools.count(1)
    return Answer(
        SUBJECT, form or Form(), lambda: 1_700_000_009, lambda kind: f"{kind}_{next(numbers)}"
    )


def told(events: Sequence[Event], form: Form | None = None) -> tuple[list[StreamEvent], Answer]:
    """A whole stream; `events` end with a `Finished`."""
    made = answer(form)
    stream = [*made.opening(), *(one for event in events for one in made.take(event))]
    return stream, made


def finished(reason: FinishReason = "stop", fault: str | None = None) -> Finished:
    return Finished(reason, USAGE, Timings(), fault=fault)


def record_of_answer(made: Answer, *, background: bool = False) -> Record:
    return Record(SUBJECT, made.state, (), rhythm=made.rhythm, background=background)


def raw(events: Iterable[StreamEvent]) -> bytes:
    return b"".join(event.frame() for event in events) + DONE


def bodies(events: Iterable[StreamEvent]) -> list[dict[str, Any]]:
    """As a client reads them."""
    return [json.loads(event.text()) for event in events]


def of_type(events: Iterable[StreamEvent], kind: str) -> list[dict[str, Any]]:
    return [body for body in bodies(events) if body["type"] == kind]


def types(events: Iterable[StreamEvent]) -> list[str]:
    return [event.type.removeprefix("response.") for event in events]


def validated(events: Iterable[StreamEvent]) -> None:
    """Each frame is one of the published types."""
    for body in bodies(events):
        EVENTS.validate_python(body)


Make = Callable[[], list[dict[str, Any]]]
