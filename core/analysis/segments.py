"""The body of a request as the ordered parts of its prompt: system, tools, then the messages.

Parts are compared as the server reads them, not as they were spelled: JSON escapes, spaces between
tokens and `"text"` against `[{"type": "text", "text": "text"}]` make no difference, the order of
keys in a tool does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from llmx.core.analysis.messages_body import read_messages
from llmx.core.prompt.hygiene import attribution_length
from llmx.core.trace.record import TraceRecord
from llmx.core.types import Message

SYSTEM_ROLES = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a prompt. Equal segments render alike at the same place."""

    kind: Literal["system", "tool", "message", "body"]
    name: str  # of the tool, or the message's role
    part: str  # of the message: "", "reasoning", "call", "image" ...
    data: bytes

    @property
    def header(self) -> tuple[str, str, str]:
        """What must be equal before the bytes are worth comparing."""
        return (self.kind, self.name, self.part)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The segments of one request; `places[i]` is the index of segment i's message or tool."""

    segments: tuple[Segment, ...]
    places: tuple[int, ...]
    nbytes: int

    def label(self, at: int) -> str:
        """`system`, `tool Read`, `message 3 (tool)`, `message 2 (assistant) call`, `the end`."""
        if at >= len(self.segments):
            return "the end"
        segment = self.segments[at]
        if segment.kind == "message":
            part = f" {segment.part}" if segment.part else ""
            return f"message {self.places[at]} ({segment.name}){part}"
        return f"tool {segment.name}".rstrip() if segment.kind == "tool" else segment.kind

    @property
    def last_message(self) -> int | None:
        """The index of the last message; None where there is none."""
        is_message = self.segments and self.segments[-1].kind == "message"
        return self.places[-1] if is_message else None


Parts = Iterator[tuple[Segment, int]]  # with the number of its tool or message


class _Call(msgspec.Struct):
    function: msgspec.Raw = msgspec.Raw(b"null")


class _Message(msgspec.Struct):
    role: str
    content: str | list[msgspec.Raw] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None
    name: str | None = None
    reasoning_content: str | None = None
    reasoning: Any = None  # another name of the same; some clients put an object there


class _Text(msgspec.Struct, tag_field="type", tag="text"):
    text: str


class _Function(msgspec.Struct):
    name: str


class _Tool(msgspec.Struct):
    function: _Function


class _Body(msgspec.Struct):
    messages: list[msgspec.Raw]
    tools: list[msgspec.Raw] | None = None


class Splitter:
    """Splits the bodies of one trace. A prompt's parts repeat from request to request: each is
    parsed and kept once."""

    def __init__(self) -> None:
        self._segments: dict[Segment, Segment] = {}
        self._messages: dict[bytes, tuple[Segment, ...]] = {}
        self._tools: dict[bytes, Segment] = {}

    def split(self, record: TraceRecord) -> Prompt | None:
        """The prompt of the record; None where its body was not recorded or cannot be decoded."""
        try:
            body = record.req.body
        except ValueError:  # base64 or a lone surrogate
            return None
        if body is None:
            return None
        cleaned = "attribution_line" in record.server.rules
        if record.api == "chat":
            return self.split_chat(body, cleaned=cleaned)
        if record.api == "messages":
            return self.split_messages(body, cleaned=cleaned)
        return self._whole(body)

    def split_chat(self, body: bytes, *, cleaned: bool = False) -> Prompt:
        """The segments of a Chat body; one segment `body` where it is none.

        `cleaned`: the server left the attribution lines of system messages out.
        """
        return self._joined(body, self._parts, cleaned)

    def split_messages(self, body: bytes, *, cleaned: bool = False) -> Prompt:
        """The same of a Messages body: equal segments where both APIs render alike."""
        return self._joined(body, self._messages_parts, cleaned)

    def _joined(self, body: bytes, parts: Callable[[bytes], Parts], cleaned: bool) -> Prompt:
        try:
            pairs = list(parts(body))
        except (ValueError, RecursionError, OverflowError):
            return self._whole(body)
        if cleaned:
            pairs = [(self._kept(_without_attribution(part)), place) for part, place in pairs]
        segments = tuple(segment for segment, _ in pairs)
        nbytes = sum(len(segment.data) for segment in segments)
        return Prompt(segments, tuple(place for _, place in pairs), nbytes)

    def _whole(self, body: bytes) -> Prompt:
        return Prompt((self._kept(Segment("body", "", "", body)),), (0,), len(body))

    def _messages_parts(self, raw: bytes) -> Parts:
        body = read_messages(raw)
        if body.system:
            yield self._kept(Segment("system", "", "", body.system)), 0
        for index, (name, tool) in enumerate(body.tools):
            yield self._kept(Segment("tool", name, "", tool)), index
        for index, parts in enumerate(body.messages):
            for part in parts:
                yield self._kept(Segment("message", part.role, part.kind, part.data)), index

    def _parts(self, raw: bytes) -> Parts:
        """Every segment with the index of its message or tool, in the order of the prompt."""
        body = msgspec.json.decode(raw, type=_Body)
        messages = [self._message(bytes(raw)) for raw in body.messages]
        leading = 0
        while leading < len(messages) and messages[leading][0].name in SYSTEM_ROLES:
            for segment in messages[leading]:
                yield self._kept(Segment("system", "", segment.part, segment.data)), leading
            leading += 1
        for index, tool in enumerate(body.tools or ()):
            yield self._tool(bytes(tool)), index
        for index in range(leading, len(messages)):
            for segment in messages[index]:
                yield segment, index

    def _message(self, raw: bytes) -> tuple[Segment, ...]:
        known = self._messages.get(raw)
        if known is None:
            known = tuple(map(self._kept, _message_segments(raw)))
            self._messages[raw] = known
        return known

    def _tool(self, raw: bytes) -> Segment:
        known = self._tools.get(raw)
        if known is None:
            try:
                name = msgspec.json.decode(raw, type=_Tool).function.name
            except msgspec.ValidationError:
                name = ""
            known = self._kept(Segment("tool", name, "", _respelled(raw)))
            self._tools[raw] = known
        return known

    def _kept(self, segment: Segment) -> Segment:
        return self._segments.setdefault(segment, segment)


def _without_attribution(segment: Segment) -> Segment:
    if not (segment.kind == "system" or (segment.kind, segment.name) == ("message", "system")):
        return segment
    text = segment.data.decode("utf-8", "replace")
    length = attribution_length(Message("system", text))
    return replace(segment, data=text[length:].encode("utf-8")) if length else segment


def _message_segments(raw: bytes) -> Iterator[Segment]:
    message = msgspec.json.decode(raw, type=_Message)
    role = "system" if message.role in SYSTEM_ROLES else message.role
    texts, others = _content(message.content)
    calls = message.tool_calls or ()
    thought = message.reasoning_content
    if thought is None and isinstance(message.reasoning, str):
        thought = message.reasoning
    if thought and role == "assistant":
        yield Segment("message", role, "reasoning", thought.encode("utf-8"))
    if texts or not (others or calls):
        yield Segment("message", role, "", texts)
    for kind, data in others:
        yield Segment("message", role, kind, data)
    for call in calls:
        yield Segment("message", role, "call", _respelled(bytes(call.function)))


def _content(content: str | list[msgspec.Raw] | None) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The joined text, and every part that is not text as (type, JSON)."""
    if content is None or isinstance(content, str):
        return (content or "").encode("utf-8"), []
    texts: list[str] = []
    others: list[tuple[str, bytes]] = []
    for part in content:
        try:
            texts.append(msgspec.json.decode(part, type=_Text).text)
        except msgspec.ValidationError:
            others.append(("part", _respelled(bytes(part))))
    return "".join(texts).encode("utf-8"), others


def _respelled(raw: bytes) -> bytes:
    """The same JSON value in one spelling, its keys in the order they came."""
    return msgspec.json.encode(msgspec.json.decode(raw))
