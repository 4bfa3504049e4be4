"""What an answer of the Messages API is made of, and the whole of one as one object."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import assert_never

import msgspec
from pydantic_core import from_json

from llmx.core.types import (
    CacheReport,
    ChoiceFinished,
    Event,
    Finished,
    Json,
    Prefilled,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCalled,
    ToolCallStarted,
    Usage,
)
from llmx.core.wire.api import Head, failure_of
from llmx.core.wire.diagnosis import Diagnosis
from llmx.core.wire.errors import ApiError
from llmx.core.wire.messages_signature import signature
from llmx.core.wire.told import cache_body


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What the body asks of its answer's form."""

    hides_thinking: bool = False  # its blocks carry the text in their signature only
    with_diagnosis: bool = False
    diagnosis: Diagnosis | None = None  # None: there was nothing to compare with
    is_warming: bool = False  # nothing was to be generated


def message_body(head: Head, form: AnswerForm, usage: Json) -> dict[str, Json]:
    """A message that says nothing yet."""
    body: dict[str, Json] = {
        "id": head.id,
        "type": "message",
        "role": "assistant",
        "model": head.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    if form.with_diagnosis:
        body["diagnostics"] = diagnostics_body(form.diagnosis)
    return body


def diagnostics_body(found: Diagnosis | None) -> Json:
    """As this API names it; null: nothing differs, or there was nothing to compare with."""
    if found is None:
        return None
    match found.verdict:
        case "same":
            return None
        case "unknown":
            reason: dict[str, Json] = {"type": "previous_message_not_found"}
        case "changed" if found.kind == "parameters":
            reason = {"type": "unavailable"}
        case "changed":
            reason = {
                "type": f"{found.kind}_changed",
                "cache_missed_input_tokens": found.missed_tokens,
            }
    return {"cache_miss_reason": reason}


def stop_reason(finished: Finished, calls: int, form: AnswerForm) -> str:
    """As this API names the end of an answer with so many calls."""
    match finished.reason:
        case "stop" if form.is_warming:
            return "max_tokens"
        case "stop" if finished.stop is not None:
            return "stop_sequence"
        case "stop":
            return "tool_use" if calls else "end_turn"
        case "length":
            return "max_tokens"
        case "context":
            return "model_context_window_exceeded"
        case "cancelled" | "error":
            raise AssertionError("a failure has no stop reason")


def usage_body(usage: Usage, report: CacheReport | None) -> Json:
    """The first three sum to the prompt. `llmx` is our own: the whole account."""
    own = {} if report is None else {"llmx": cache_body(report, usage)}
    return {
        "input_tokens": usage.uncached_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "cache_creation_input_tokens": usage.written_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.written_tokens,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens},
        "service_tier": "standard",
        **own,
    }


# ── one object ────────────────────────────────────────────────────────────────────────────────


class MessagesAnswer:
    """Puts the answer of a request without `stream` together."""

    def __init__(self, head: Head, form: AnswerForm) -> None:
        self._head = head
        self._form = form
        self._content: list[Json] = []
        self._kind: type[TextDelta | ReasoningDelta] | None = None  # of the open block
        self._texts: list[str] = []  # of the open block
        self._calls = 0
        self._report: CacheReport | None = None

    def add(self, event: Event) -> bytes | ApiError | None:
        """None until the end, then the body, or the error that has come in its place."""
        match event:
            case Started():
                self._report = event.cache
            case Prefilled() | ToolCallDelta() | ChoiceFinished():
                pass
            case TextDelta() | ReasoningDelta():
                self._say(type(event), event.text)
            case ToolCallStarted():
                self._close()
            case ToolCalled():
                self._calls += 1
                self._content.append(_tool_use(event))
            case Finished():
                return failure_of(event) or self._body(event)
            case _:
                assert_never(event)
        return None

    def _say(self, kind: type[TextDelta | ReasoningDelta], text: str) -> None:
        if kind is not self._kind:
            self._close()
            self._kind = kind
        self._texts.append(text)

    def _close(self) -> None:
        kind, text = self._kind, "".join(self._texts)
        self._kind, self._texts = None, []
        if kind is ReasoningDelta:
            self._content.append(self._thinking(text))
        elif text:
            self._content.append({"type": "text", "text": text})

    def _thinking(self, text: str) -> Json:
        if self._form.hides_thinking:
            return {"type": "thinking", "thinking": "", "signature": signature(text)}
        return {"type": "thinking", "thinking": text, "signature": signature()}

    def _body(self, finished: Finished) -> bytes:
        self._close()
        body = message_body(self._head, self._form, usage_body(finished.usage, self._report))
        body["content"] = self._content
        body["stop_reason"] = stop_reason(finished, self._calls, self._form)
        body["stop_sequence"] = finished.stop
        return msgspec.json.encode(body)


def _tool_use(call: ToolCalled) -> Json:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call.arguments)}


def _input(arguments: str) -> Json:
    """The object as the model wrote it. What ended on the way is read as far as it goes, as this
    API's own clients read it from a stream."""
    if not arguments.strip():
        return {}
    try:
        if isinstance(from_json(arguments, allow_inf_nan=False), dict):
            return msgspec.Raw(arguments.encode())
    except ValueError:
        pass
    try:
        partial = from_json(arguments, allow_inf_nan=False, allow_partial=True)
    except ValueError:
        return {}
    if not isinstance(partial, dict):
        return {}
    return msgspec.Raw(json.dumps(partial, ensure_ascii=False).encode("utf-8", "replace"))
