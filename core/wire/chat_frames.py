"""Events to what `POST /v1/chat/completions` answers: one object, or a stream of chunks.

The stream is a sentence of this grammar, each line one frame:

    opening  (delta | keepalive)*  finish+  [usage]  "[DONE]"     the whole answer
    opening  (delta | keepalive)*  error                         the engine failed on the way
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, assert_never

import msgspec

from llmx.core.types import (
    CacheReport,
    ChoiceFinished,
    Event,
    Finished,
    FinishReason,
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
from llmx.core.wire.errors import ApiError
from llmx.core.wire.told import cache_body

DONE = b"data: [DONE]\n\n"


Kind = Literal["chat.completion", "chat.completion.chunk"]


def finish_reason(reason: FinishReason, calls: int) -> str:
    """As this API names the end of an answer with so many calls."""
    match reason:
        case "stop":
            return "tool_calls" if calls else "stop"
        case "length" | "context":
            return "length"
        case "cancelled" | "error":
            raise AssertionError("a failure has no finish reason")


@dataclass(slots=True)
class _Choice:
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    reason: str | None = None


@dataclass(slots=True)
class ChatAnswer:
    """Puts the answer of a request without `stream` together."""

    head: Head
    choices: dict[int, _Choice] = field(default_factory=dict)
    report: CacheReport | None = None

    def add(self, event: Event) -> bytes | ApiError | None:
        """None until the end, then the body, or the error that has come in its place."""
        match event:
            case Started():
                self.report = event.cache
            case Prefilled() | ToolCallStarted() | ToolCallDelta():
                pass
            case TextDelta():
                self._choice(event.choice).text.append(event.text)
            case ReasoningDelta():
                self._choice(event.choice).reasoning.append(event.text)
            case ToolCalled():
                function = {"name": event.name, "arguments": event.arguments}
                call = {"id": event.id, "type": "function", "function": function}
                self._choice(event.choice).calls.append(call)
            case ChoiceFinished():
                choice = self._choice(event.choice)
                choice.reason = finish_reason(event.reason, len(choice.calls))
            case Finished():
                return failure_of(event) or self._body(event)
            case _:
                assert_never(event)
        return None

    def _choice(self, index: int) -> _Choice:
        return self.choices.setdefault(index, _Choice())

    def _body(self, finished: Finished) -> bytes:
        first = self._choice(0)
        first.reason = first.reason or finish_reason(finished.reason, len(first.calls))
        choices = [_choice_body(index, choice) for index, choice in sorted(self.choices.items())]
        return msgspec.json.encode(
            {
                **_head(self.head, "chat.completion"),
                "choices": choices,
                "usage": usage_body(finished.usage, self.report),
            }
        )


def _choice_body(index: int, choice: _Choice) -> Json:
    text = "".join(choice.text)
    message: dict[str, Json] = {"role": "assistant", "content": text, "refusal": None}
    if choice.reasoning:
        message["reasoning_content"] = "".join(choice.reasoning)
    if choice.calls:
        message["content"] = text or None
        message["tool_calls"] = choice.calls
    return {"index": index, "message": message, "logprobs": None, "finish_reason": choice.reason}


@dataclass(slots=True)
class ChatStream:
    """Makes the frames of a streamed answer; each is to be written by itself."""

    head: Head
    include_usage: bool
    report: CacheReport | None = None
    calls: dict[int, int] = field(default_factory=dict)  # by choice

    def opening(self) -> list[bytes]:
        """The first frame; it names the role, once."""
        return [self._chunk({"role": "assistant", "content": ""})]

    def keepalive(self) -> bytes:
        """A chunk that adds nothing: comments do not reset the clocks of all clients."""
        return self._chunk({})

    def frames(self, event: Event) -> list[bytes]:
        match event:
            case Started():
                self.report = event.cache
                return []
            case Prefilled() | ToolCalled():
                return []
            case TextDelta():
                return [self._chunk({"content": event.text}, event.choice)]
            case ReasoningDelta():
                return [self._chunk({"reasoning_content": event.text}, event.choice)]
            case ToolCallStarted():
                self.calls[event.choice] = event.index + 1
                function = {"name": event.name, "arguments": ""}
                call = {
                    "index": event.index,
                    "id": event.id,
                    "type": "function",
                    "function": function,
                }
                return [self._chunk({"tool_calls": [call]}, event.choice)]
            case ToolCallDelta():
                call = {"index": event.index, "function": {"arguments": event.arguments}}
                return [self._chunk({"tool_calls": [call]}, event.choice)]
            case ChoiceFinished():
                return [self._end_of(event.choice, event.reason)]
            case Finished():
                return self._closing(event)
            case _:
                assert_never(event)

    def failure(self, error: ApiError) -> bytes:
        """The last frame of a stream that cannot be completed; no `[DONE]` follows."""
        return _frame(error.body())

    def _closing(self, finished: Finished) -> list[bytes]:
        error = failure_of(finished)
        if error is not None:
            return [self.failure(error)]
        frames = [self._end_of(0, finished.reason)]
        if self.include_usage:
            frames.append(self._usage(finished.usage))
        return [*frames, DONE]

    def _end_of(self, choice: int, reason: FinishReason) -> bytes:
        return self._chunk({}, choice, finish_reason(reason, self.calls.get(choice, 0)))

    def _chunk(self, delta: Json, choice: int = 0, finish_reason: str | None = None) -> bytes:
        body = {
            "index": choice,
            "delta": delta,
            "logprobs": None,
            "finish_reason": finish_reason,
        }
        chunk = {**_head(self.head, "chat.completion.chunk"), "choices": [body]}
        if self.include_usage:
            chunk["usage"] = None
        return _frame(chunk)

    def _usage(self, usage: Usage) -> bytes:
        body = _head(self.head, "chat.completion.chunk")
        return _frame({**body, "choices": [], "usage": usage_body(usage, self.report)})


def _head(head: Head, kind: Kind) -> dict[str, Json]:
    return {
        "id": head.id,
        "object": kind,
        "created": head.created,
        "model": head.model,
        "system_fingerprint": f"llmx-{head.version}",
    }


def usage_body(usage: Usage, report: CacheReport | None) -> Json:
    """Tokens; `prompt_tokens` counts the cached ones in. `llmx` is our own: the whole account."""
    own = {} if report is None else {"llmx": cache_body(report, usage)}
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.written_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        **own,
    }


def _frame(body: Json) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
