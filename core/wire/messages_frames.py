"""Events to the stream of `POST /v1/messages`. It is a sentence of this grammar:

    message_start  (block | keepalive)*  [one]  message_delta  message_stop   the whole answer
    message_start  (block | keepalive)*  error                                the engine failed

    block      content_block_start  content_block_delta*  content_block_stop
    keepalive  a message_delta without a stop reason; inside a block, a delta that adds nothing
    one        a keepalive that counts one token of input, where the next one counts none

Blocks are numbered from 0 without gaps and one ends before the next begins.
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
    Json,
    Prefilled,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCalled,
    ToolCallStarted,
)
from llmx.core.wire.api import Head, failure_of
from llmx.core.wire.errors import ApiError
from llmx.core.wire.messages_answer import AnswerForm, message_body, stop_reason, usage_body
from llmx.core.wire.messages_signature import signature

Kind = Literal["text", "thinking", "tool_use"]

DELTAS: dict[Kind, tuple[str, str]] = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
}


@dataclass(slots=True)
class _Block:
    """The one that is open."""

    index: int
    kind: Kind
    hidden: list[str] = field(default_factory=list)  # thinking that is not shown


class MessagesStream:
    """Makes the frames of a streamed answer; each is to be written by itself."""

    def __init__(self, head: Head, form: AnswerForm, prompt_tokens: int) -> None:
        self._head = head
        self._form = form
        self._prompt_tokens = prompt_tokens
        self._open: _Block | None = None
        self._blocks = 0  # begun so far
        self._calls = 0
        self._report: CacheReport | None = None

    def opening(self) -> list[bytes]:
        """What of the prompt is cached is not known yet, so nothing is said of it."""
        usage = {"input_tokens": self._prompt_tokens, "output_tokens": 0}
        message = message_body(self._head, self._form, usage)
        return [_frame("message_start", {"message": message})]

    def keepalive(self) -> bytes:
        """Clients take a ping for silence. Outside of a block nothing is begun for it."""
        if self._open is not None:
            return self._delta(self._open, "")
        return _silent_delta({"output_tokens": 0})

    def frames(self, event: Event) -> list[bytes]:
        match event:
            case Started():
                self._report = event.cache
                return []
            case Prefilled() | ChoiceFinished():
                return []
            case TextDelta():
                return self._text("text", event.text)
            case ReasoningDelta():
                return self._text("thinking", event.text)
            case ToolCallStarted():
                self._calls += 1
                call = {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
                return [*self._close(), self._begin("tool_use", call)]
            case ToolCallDelta():
                assert self._open is not None, "a call goes on that has not begun"
                return [self._delta(self._open, event.arguments)]
            case ToolCalled():
                return self._close()
            case Finished():
                return self._closing(event)
            case _:
                assert_never(event)

    def failure(self, error: ApiError) -> bytes:
        """The last frame of a stream that cannot be completed."""
        body = error.as_anthropic(self._head.id).body()
        return _frame("error", body)

    def _text(self, kind: Literal["text", "thinking"], text: str) -> list[bytes]:
        if not text:
            return []
        frames: list[bytes] = []
        if self._open is None or self._open.kind != kind:
            frames += self._close()
            empty: dict[str, Json] = {"type": kind, kind: ""}
            if kind == "thinking":
                empty["signature"] = ""
            frames.append(self._begin(kind, empty))
        assert self._open is not None
        if kind == "thinking" and self._form.hides_thinking:
            self._open.hidden.append(text)
            return frames
        return [*frames, self._delta(self._open, text)]

    def _begin(self, kind: Kind, block: Json) -> bytes:
        self._open = _Block(self._blocks, kind)
        self._blocks += 1
        body = {"index": self._open.index, "content_block": block}
        return _frame("content_block_start", body)

    def _delta(self, block: _Block, text: str) -> bytes:
        kind, name = DELTAS[block.kind]
        body = {"index": block.index, "delta": {"type": kind, name: text}}
        return _frame("content_block_delta", body)

    def _close(self) -> list[bytes]:
        """The end of the open block, if there is one."""
        block, self._open = self._open, None
        if block is None:
            return []
        frames: list[bytes] = []
        if block.kind == "thinking":
            hidden = "".join(block.hidden) if self._form.hides_thinking else None
            delta = {"type": "signature_delta", "signature": signature(hidden)}
            frames.append(_frame("content_block_delta", {"index": block.index, "delta": delta}))
        return [*frames, _frame("content_block_stop", {"index": block.index})]

    def _closing(self, finished: Finished) -> list[bytes]:
        error = failure_of(finished)
        if error is not None:
            return [self.failure(error)]
        reason = stop_reason(finished, self._calls, self._form)
        delta = {"stop_reason": reason, "stop_sequence": finished.stop}
        usage = usage_body(finished.usage, self._report)
        frames = self._close()
        if not finished.usage.uncached_tokens:
            # Claude Code (2.1.197) takes a 0 for not given, keeps what `message_start` said, and
            # counts the whole prompt beside what was read and written. A 1 it takes. Nothing else
            # is said here: it adds up what each of these events says.
            frames.append(_silent_delta({"input_tokens": 1, "output_tokens": 0}))
        return [
            *frames,
            _frame("message_delta", {"delta": delta, "usage": usage}),
            _frame("message_stop", {}),
        ]


def _silent_delta(usage: Json) -> bytes:
    return _frame(
        "message_delta", {"delta": {"stop_reason": None, "stop_sequence": None}, "usage": usage}
    )


def _frame(event: str, body: dict[str, Json]) -> bytes:
    data = msgspec.json.encode({"type": event, **body})
    return b"event: " + event.encode("ascii") + b"\ndata: " + data + b"\n\n"
