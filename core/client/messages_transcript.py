"""The events of a Messages stream, or one whole message, to what was said and counted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from pydantic import ValidationError

from llmx.core.client.odds import TokenOdds
from llmx.core.client.tolerant import Maybe, Tolerant, count_of
from llmx.core.client.transcript import NoChunk, SaidCall, SaidError, error_message, short
from llmx.core.types import Json


class _Block(Tolerant):
    """A content block, or a delta of one: the same fields matter."""

    type: Maybe[str] = None
    text: Maybe[str] = None
    thinking: Maybe[str] = None
    name: Maybe[str] = None
    input: Json = None
    partial_json: Maybe[str] = None
    stop_reason: Maybe[str] = None


class _Message(Tolerant):
    id: Maybe[str] = None
    model: Maybe[str] = None
    content: Maybe[list[_Block]] = None
    stop_reason: Maybe[str] = None
    usage: Maybe[dict[str, Json]] = None
    diagnostics: Json = None


class _Event(_Message):
    type: Maybe[str] = None
    index: Maybe[int] = None
    message: Maybe[_Message] = None
    content_block: Maybe[_Block] = None
    delta: Maybe[_Block] = None
    error: Json = None


@dataclass(slots=True)
class MessagesTranscript:
    """Grows by events. `Heard` in the words of this API: its input tokens leave out the cached."""

    finish_reason: str | None = None
    model: str | None = None
    id: str | None = None
    diagnostics: Json = None
    is_over: bool = False
    _usage: dict[str, Json] = field(default_factory=dict)  # what later events say goes first
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _calls: dict[int, list[str]] = field(default_factory=dict)  # index -> [name, arguments]

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        return "".join(self._reasoning)

    @property
    def calls(self) -> tuple[SaidCall, ...]:
        return tuple(SaidCall(name, rest) for _, (name, rest) in sorted(self._calls.items()))

    @property
    def odds(self) -> tuple[TokenOdds, ...]:
        """This API says none."""
        return ()

    @property
    def counted(self) -> Json:
        return {"usage": dict(self._usage)} if self._usage else None

    @property
    def prompt_tokens(self) -> int | None:
        """The whole prompt: what was computed, what was read and what was written."""
        computed = self._count("input_tokens")
        if computed is None:
            return None
        return count_of(computed + (self.cached_tokens or 0) + (self.created_tokens or 0))

    @property
    def cached_tokens(self) -> int | None:
        return self._count("cache_read_input_tokens")

    @property
    def created_tokens(self) -> int | None:
        return self._count("cache_creation_input_tokens")

    @property
    def completion_tokens(self) -> int | None:
        return self._count("output_tokens")

    def add(self, data: str) -> bool:
        """Whether the event carries something that the model said. Raises `NoChunk`."""
        event = _parse(data)
        match event.type:
            case "message":
                self.is_over = True
                self._begin(event)
                said = False
                for index, block in enumerate(event.content or ()):
                    said = self._say(index, block) or said
                return said
            case "message_start":
                self._begin(event.message or _Message())
            case "content_block_start" if event.content_block is not None:
                return self._say(event.index or 0, event.content_block)
            case "content_block_delta" if event.delta is not None:
                return self._say(event.index or 0, event.delta)
            case "message_delta":
                self._begin(event)
                if event.delta is not None:
                    self.finish_reason = event.delta.stop_reason or self.finish_reason
            case "message_stop":
                self.is_over = True
            case _:
                pass  # a ping, the end of a block, whatever comes new
        return False

    def _begin(self, said: _Message) -> None:
        self.id = said.id or self.id
        self.model = said.model or self.model
        self.finish_reason = said.stop_reason or self.finish_reason
        self.diagnostics = said.diagnostics or self.diagnostics
        self._usage.update({k: v for k, v in (said.usage or {}).items() if v is not None})

    def _say(self, index: int, block: _Block) -> bool:
        self._text.append(block.text or "")
        self._reasoning.append(block.thinking or "")
        if block.type == "tool_use":
            whole = json.dumps(block.input) if block.input else ""
            self._calls[index] = [block.name or "", whole]
        elif block.partial_json and index in self._calls:
            self._calls[index][1] += block.partial_json
        return bool(block.text or block.thinking or block.partial_json or block.type == "tool_use")

    def _count(self, name: str) -> int | None:
        return count_of(self._usage.get(name))


def _parse(data: str) -> _Event:
    try:
        body = json.loads(data)
        event = _Event.model_validate(body)
    except (ValueError, RecursionError, ValidationError) as error:
        raise NoChunk(f"no event of a message: {short(data)!r}") from error
    if event.error is not None:
        raise SaidError(error_message(body))
    if event.type is None:
        raise NoChunk(f"no event of a message: {short(data)!r}")
    return event
