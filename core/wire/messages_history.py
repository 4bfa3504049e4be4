"""The messages of a Messages body as `Message` values: the same that Chat gives for the same talk.

A message there may be several here: results of tools are blocks of a user message, and become
messages of their own, in the order in which they stand.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from llmx.core.errors import RequestError
from llmx.core.types import Message, ToolCall
from llmx.core.wire.body import field_error, unsupported
from llmx.core.wire.messages_body import (
    Block,
    MessageBody,
    OtherBlock,
    RedactedBlock,
    ReferenceBlock,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from llmx.core.wire.messages_signature import hidden_text


def system_of(system: str | Sequence[TextBlock] | None) -> tuple[Message, ...]:
    """None, or one message; of nothing but empty text none."""
    if isinstance(system, str):
        return (Message("system", system),) if system else ()
    message = _joined("system", [block.text for block in system or ()])
    return (message,) if message.content else ()


def _joined(role: Literal["system", "user"], texts: Sequence[str]) -> Message:
    """Empty parts leave nothing behind: one text in a list is the same as that text."""
    parts = [text for text in texts if text]
    return Message(role, "".join(parts), first_part=len(parts[0]) if len(parts) > 1 else None)


def history_of(bodies: Sequence[MessageBody], tools: Collection[str]) -> tuple[Message, ...]:
    """Raises `RequestError` that names the first block that is wrong or cannot be read here.

    `tools` are the names of those that a result may refer to. A call without a result is let
    through: an interrupted client sends such.
    """
    history = _History(tools)
    messages: list[Message] = []
    for index, body in enumerate(bodies):
        messages += history.messages(body, f"messages[{index}]")
    return tuple(messages)


@dataclass(slots=True)
class _History:
    tools: Collection[str]
    answered: dict[str, bool] = field(default_factory=dict)  # id of a call: has it a result

    def messages(self, body: MessageBody, place: str) -> Iterator[Message]:
        match body.role, body.content:
            case role, str() as text:
                yield Message(role, text)
            case "assistant", blocks:
                yield self._assistant(blocks, place)
            case role, blocks:
                yield from self._others(role, blocks, place)

    def _assistant(self, blocks: Sequence[Block], place: str) -> Message:
        texts: list[str] = []
        thoughts: list[str] = []
        calls: list[ToolCall] = []
        taken: set[str] = set()  # ids of these
        for number, block in enumerate(blocks):
            where = f"{place}.content[{number}]"
            match block:
                case TextBlock():
                    texts.append(block.text)
                case ThinkingBlock():
                    thoughts.append(block.thinking or hidden_text(block.signature))
                case RedactedBlock():
                    pass
                case ToolUseBlock():
                    if block.id in taken:
                        wanted = "must differ from those of the other calls"
                        raise field_error(f"{where}.id", wanted, block.id)
                    taken.add(block.id)
                    self.answered[block.id] = False
                    arguments = json.dumps(block.input, ensure_ascii=False)
                    calls.append(ToolCall(block.id, block.name, arguments))
                case ToolResultBlock():
                    raise field_error(f"{where}.type", "must be in a user's message", block.type)
                case OtherBlock():
                    raise _unread(where, block)
                case _:
                    assert_never(block)
        reasoning = "".join(thoughts) or None
        return Message("assistant", "".join(texts), tuple(calls), reasoning=reasoning)

    def _others(self, role: str, blocks: Sequence[Block], place: str) -> Iterator[Message]:
        """Of a user or the system: texts side by side are one message."""
        kind = "user" if role == "user" else "system"
        texts: list[str] = []
        is_silent = True  # no message yet
        for number, block in enumerate(blocks):
            where = f"{place}.content[{number}]"
            match block:
                case TextBlock():
                    texts.append(block.text)
                case ToolResultBlock() if kind == "user":
                    if any(texts):
                        yield _joined(kind, texts)
                    texts, is_silent = [], False
                    yield self._result(block, where)
                case ToolUseBlock() | ThinkingBlock() | RedactedBlock() | ToolResultBlock():
                    whose = "a user's" if isinstance(block, ToolResultBlock) else "an assistant's"
                    raise field_error(f"{where}.type", f"must be in {whose} message", block.type)
                case OtherBlock():
                    raise _unread(where, block)
                case _:
                    assert_never(block)
        if any(texts) or is_silent:
            yield _joined(kind, texts)

    def _result(self, block: ToolResultBlock, place: str) -> Message:
        path = f"{place}.tool_use_id"
        if block.tool_use_id not in self.answered:
            wanted = "must be the id of a tool_use block before it"
            raise field_error(path, wanted, block.tool_use_id)
        if self.answered[block.tool_use_id]:
            raise field_error(path, "must be of a call that has no result yet", block.tool_use_id)
        self.answered[block.tool_use_id] = True
        text, references = self._said(block, place)
        return Message(
            "tool",
            text,
            tool_call_id=block.tool_use_id,
            is_error=block.is_error is True,
            references=references,
        )

    def _said(self, block: ToolResultBlock, place: str) -> tuple[str, tuple[str, ...]]:
        if block.content is None or isinstance(block.content, str):
            return block.content or "", ()
        texts: list[str] = []
        references: list[str] = []
        for number, part in enumerate(block.content):
            where = f"{place}.content[{number}]"
            match part:
                case TextBlock():
                    texts.append(part.text)
                case ReferenceBlock():
                    if part.tool_name not in self.tools:
                        wanted = "must name one of `tools`"
                        raise field_error(f"{where}.tool_name", wanted, part.tool_name)
                    references.append(part.tool_name)
                case OtherBlock():
                    raise _unread(where, part)
                case _:
                    assert_never(part)
        return "".join(texts), tuple(references)


def _unread(place: str, block: OtherBlock) -> RequestError:
    kinds = "text, thinking, tool_use or tool_result"
    wanted = f"must be {kinds}: this server reads no images and no documents"
    return unsupported(f"{place}.type", wanted, block.type)
