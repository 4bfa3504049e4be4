"""The chunks of a chat stream, or one whole answer, to what was said and counted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError

from llmx.core.client.odds import LogprobsBody, TokenOdds
from llmx.core.client.tolerant import Count, Maybe, Tolerant
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
    logprobs: Maybe[LogprobsBody] = None


class _Details(Tolerant):
    cached_tokens: Count = None
    cache_write_tokens: Count = None


class _Usage(Tolerant):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    prompt_tokens_details: Maybe[_Details] = None


class _Chunk(Tolerant):
    choices: list[_Choice] | None = None
    usage: Maybe[_Usage] = None
    timings: Json = None  # llama.cpp's own
    model: Maybe[str] = None
    id: Maybe[str] = None
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


class Heard(Protocol):
    """What has come of an answer so far, in the words of whichever API."""

    finish_reason: str | None
    model: str | None
    id: str | None
    diagnostics: Json
    is_over: bool  # this API's own end has come; nothing follows

    @property
    def text(self) -> str: ...
    @property
    def reasoning(self) -> str: ...
    @property
    def calls(self) -> tuple[SaidCall, ...]: ...
    @property
    def odds(self) -> tuple[TokenOdds, ...]: ...
    @property
    def counted(self) -> Json: ...
    @property
    def prompt_tokens(self) -> int | None: ...
    @property
    def cached_tokens(self) -> int | None: ...
    @property
    def created_tokens(self) -> int | None: ...
    @property
    def completion_tokens(self) -> int | None: ...

    def add(self, data: str) -> bool:
        """Whether the data carries something that the model said. Raises `NoChunk`."""
        ...


@dataclass(slots=True)
class Transcript:
    """Grows by chunks. `Heard` of Chat Completions."""

    finish_reason: str | None = None
    model: str | None = None
    id: str | None = None
    diagnostics: Json = None
    is_over: bool = False  # its end is no chunk
    created_tokens: int | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _calls: dict[int, list[str]] = field(default_factory=dict)  # index -> [name, arguments]
    _odds: list[TokenOdds] = field(default_factory=list)
    _counted: dict[str, Json] = field(default_factory=dict)

    @property
    def odds(self) -> tuple[TokenOdds, ...]:
        return tuple(self._odds)

    @property
    def counted(self) -> Json:
        """`usage` and `timings` as they came; None: neither did."""
        return dict(self._counted) or None

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
        chunk, body = _parse(data)
        self.model = chunk.model or self.model
        self.id = chunk.id or self.id
        self._counted |= {name: body[name] for name in ("usage", "timings") if body.get(name)}
        if chunk.usage is not None:
            self._count(chunk.usage)
        said = False
        for choice in chunk.choices or ():
            self.finish_reason = choice.finish_reason or self.finish_reason
            if choice.logprobs is not None:
                self._odds += choice.logprobs.odds()
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
        self.created_tokens = details.cache_write_tokens if details else None

    def _say(self, delta: _Delta) -> None:
        self._text.append(delta.content or "")
        self._reasoning.append(delta.thought)
        for position, call in enumerate(delta.tool_calls or ()):
            index = position if call.index is None else call.index
            known = self._calls.setdefault(index, ["", ""])
            if call.function is not None:
                known[0] += call.function.name or ""
                known[1] += call.function.arguments or ""


def _parse(data: str) -> tuple[_Chunk, dict[str, Json]]:
    """And the object that it was read from."""
    try:
        body = json.loads(data)
        chunk = _Chunk.model_validate(body)
    except (ValueError, RecursionError, ValidationError) as error:
        raise NoChunk(f"no chat completion: {short(data)!r}") from error
    if chunk.error is not None:
        raise SaidError(error_message(body))
    if chunk.choices is None and chunk.usage is None:
        raise NoChunk(f"no chat completion: {short(data)!r}")
    return chunk, body


def error_message(body: Any) -> str:
    """The message in an error body, of whichever of the usual shapes; else the body itself."""
    found = body
    if isinstance(found, dict):
        found = found.get("error", found.get("detail", found.get("message", found)))
    if isinstance(found, dict):
        found = found.get("message", found)
    return short(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"
