"""The chunks of a chat stream, or one whole answer, to what was said and counted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from llmx.core.client.tolerant import Maybe, Tolerant
from llmx.core.types import Json


class _Function(Tolerant):
    name: Maybe[str] = None
    arguments: Maybe[str] = None


class _Call(Tolerant):
    index: Maybe[int] = None
    function: Maybe[_Function] = None


class _Delta(Tolerant):
    """A delta of a stream or the message of a whole answer: the same fields matter."""

    content: Maybe[str] = None
    reasoning: Maybe[str] = None
    reasoning_content: Maybe[str] = None  # the same, as other servers call it
    tool_calls: Maybe[list[_Call]] = None

    @property
    def thought(self) -> str:
        return self.reasoning or self.reasoning_content or ""

    @property
    def is_empty(self) -> bool:
        return not (self.content or self.thought or self.tool_calls)


class _Choice(Tolerant):
    delta: Maybe[_Delta] = None
    message: Maybe[_Delta] = None
    finish_reason: Maybe[str] = None


class _Details(Tolerant):
    cached_tokens: Maybe[int] = None


class _Usage(Tolerant):
    prompt_tokens: Maybe[int] = None
    completion_tokens: Maybe[int] = None
    prompt_tokens_details: Maybe[_Details] = None


class _Chunk(Tolerant):
    choices: list[_Choice] | None = None
    usage: Maybe[_Usage] = None
    model: Maybe[str] = None
    error: Json = None


class NoChunk(ValueError):
    """The data is no chat chunk; the message is one line."""


class SaidError(NoChunk):
    """It is a chunk that says an error."""


@dataclass(frozen=True, slots=True)
class SaidCall:
    """A tool call without its id: ids differ in every answer."""

    name: str
    arguments: str


@dataclass(slots=True)
class Transcript:
    """Grows by chunks."""

    finish_reason: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
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

    def add(self, data: str) -> bool:
        """Whether the chunk carries something that the model said: text, reasoning or a call.

        Raises `NoChunk`.
        """
        chunk = _parse(data)
        self.model = chunk.model or self.model
        if chunk.usage is not None:
            self._count(chunk.usage)
        said = False
        for choice in chunk.choices or ():
            self.finish_reason = choice.finish_reason or self.finish_reason
            delta = choice.delta or choice.message
            if delta is not None and not delta.is_empty:
                said = True
                self._say(delta)
        return said

    def _count(self, usage: _Usage) -> None:
        self.prompt_tokens = usage.prompt_tokens
        self.completion_tokens = usage.completion_tokens
        details = usage.prompt_tokens_details
        self.cached_tokens = details.cached_tokens if details else None

    def _say(self, delta: _Delta) -> None:
        self._text.append(delta.content or "")
        self._reasoning.append(delta.thought)
        for position, call in enumerate(delta.tool_calls or ()):
            index = position if call.index is None else call.index
            known = self._calls.setdefault(index, ["", ""])
            if call.function is not None:
                known[0] += call.function.name or ""
                known[1] += call.function.arguments or ""


def _parse(data: str) -> _Chunk:
    try:
        body = json.loads(data)
        chunk = _Chunk.model_validate(body)
    except (ValueError, RecursionError, ValidationError) as error:
        raise NoChunk(f"no chat completion: {_short(data)!r}") from error
    if chunk.error is not None:
        raise SaidError(error_message(body))
    if chunk.choices is None and chunk.usage is None:
        raise NoChunk(f"no chat completion: {_short(data)!r}")
    return chunk


def error_message(body: Any) -> str:
    """The message in an error body, of whichever of the usual shapes; else the body itself."""
    found = body
    if isinstance(found, dict):
        found = found.get("error", found.get("detail", found.get("message", found)))
    if isinstance(found, dict):
        found = found.get("message", found)
    return _short(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"
