"""Events to what `POST /v1/chat/completions` answers: one object, or a stream of chunks.

The stream is a sentence of this grammar, each line one frame:

    opening  (text | keepalive)*  finish  [usage]  "[DONE]"      the whole answer
    opening  (text | keepalive)*  error                          the engine failed on the way
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, assert_never

import msgspec

from llmx.core.errors import NotReady
from llmx.core.types import (
    CacheReport,
    Event,
    Finished,
    Json,
    Prefilled,
    Started,
    TextDelta,
    Usage,
)
from llmx.core.wire.errors import ApiError, api_error, server_error
from llmx.core.wire.told import cache_body

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class ChatHead:
    """What every object and chunk of one answer repeats."""

    id: str
    model: str
    created: int  # wall clock, seconds
    fingerprint: str

    def fields(self, kind: Literal["chat.completion", "chat.completion.chunk"]) -> dict[str, Json]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }


def failure_of(finished: Finished) -> ApiError | None:
    """The error that the client is to see for this end; None: the answer is whole."""
    match finished.reason:
        case "stop" | "length":
            return None
        case "cancelled":  # not by this client: it would not be there to read it
            return api_error(NotReady("The server is shutting down; the answer is incomplete."))
        case "error":
            return server_error(finished.fault or "The engine failed.")
        case _:
            assert_never(finished.reason)


@dataclass(slots=True)
class ChatAnswer:
    """Puts the answer of a request without `stream` together."""

    head: ChatHead
    text: list[str] = field(default_factory=list)
    report: CacheReport | None = None

    def add(self, event: Event) -> bytes | ApiError | None:
        """None until the end, then the body, or the error that has come in its place."""
        match event:
            case Started():
                self.report = event.cache
                return None
            case Prefilled():
                return None
            case TextDelta():
                self.text.append(event.text)
                return None
            case Finished():
                return failure_of(event) or self._body(event)
            case _:
                assert_never(event)

    def _body(self, finished: Finished) -> bytes:
        message = {"role": "assistant", "content": "".join(self.text), "refusal": None}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": finished.reason,
        }
        fields = self.head.fields("chat.completion")
        return msgspec.json.encode(
            {**fields, "choices": [choice], "usage": usage_body(finished.usage, self.report)}
        )


@dataclass(slots=True)
class ChatStream:
    """Makes the frames of a streamed answer; each is to be written by itself."""

    head: ChatHead
    include_usage: bool
    report: CacheReport | None = None

    def opening(self) -> bytes:
        """The first frame; it names the role, once."""
        return self._chunk({"role": "assistant", "content": ""})

    def keepalive(self) -> bytes:
        """A chunk that adds nothing: comments do not reset the clocks of all clients."""
        return self._chunk({})

    def frames(self, event: Event) -> list[bytes]:
        match event:
            case Started():
                self.report = event.cache
                return []
            case Prefilled():
                return []
            case TextDelta():
                return [self._chunk({"content": event.text})]
            case Finished():
                return self._closing(event)
            case _:
                assert_never(event)

    def _closing(self, finished: Finished) -> list[bytes]:
        error = failure_of(finished)
        if error is not None:
            return [error_frame(error)]
        frames = [self._chunk({}, finish_reason=finished.reason)]
        if self.include_usage:
            frames.append(self._usage(finished.usage))
        return [*frames, DONE]

    def _chunk(self, delta: Json, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        body = {**self.head.fields("chat.completion.chunk"), "choices": [choice]}
        if self.include_usage:
            body["usage"] = None
        return _frame(body)

    def _usage(self, usage: Usage) -> bytes:
        body = self.head.fields("chat.completion.chunk")
        return _frame({**body, "choices": [], "usage": usage_body(usage, self.report)})


def error_frame(error: ApiError) -> bytes:
    """The last frame of a stream that cannot be completed; no `[DONE]` follows."""
    return _frame(error.body())


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
        **own,
    }


def _frame(body: Json) -> bytes:
    return b"data: " + msgspec.json.encode(body) + b"\n\n"
