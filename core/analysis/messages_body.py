"""A body of Anthropic Messages as the parts of its prompt, named and spelled as those of Chat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

_RENDERED = {"name": "name", "description": "description", "input_schema": "parameters"}


class _Block(msgspec.Struct):
    type: str
    text: str = ""
    thinking: str = ""
    name: str = ""
    input: Any = None
    content: Any = None


_System = str | list[_Block] | None


class _Message(msgspec.Struct):
    role: str
    content: str | list[msgspec.Raw]


def shown_system(raw: bytes) -> bytes:
    """The text of a `system` field. A first block that is an attribution line ends with a line end
    here, so that it can be told from the next. Raises `ValueError`, as all here do."""
    return _system(msgspec.json.decode(raw, type=_System)).encode("utf-8")


def shown_tool(raw: bytes) -> tuple[str, str, bytes]:
    """Its name, "", and what a template shows of it."""
    tool = msgspec.json.decode(raw, type=dict[str, Any])
    return str(tool.get("name", "")), "", _tool(tool)


def message_segments(raw: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Role, part and data of each piece: what it says and its results in their order, then what it
    calls. The part is "" for what it says, else "reasoning", "call" or "part"."""
    return _parts(msgspec.json.decode(raw, type=_Message))


def _system(system: _System) -> str:
    if system is None or isinstance(system, str):
        return system or ""
    first, *rest = [block.text for block in system if block.text] or [""]
    is_attribution = first.lower().startswith("x-anthropic-billing-header:") and rest
    return "".join([first, "\n" if is_attribution else "", *rest])


def _tool(tool: dict[str, Any]) -> bytes:
    """Its marks are no part of the prompt; one that is deferred is known by its own."""
    shown = {_RENDERED[key]: value for key, value in tool.items() if key in _RENDERED}
    if tool.get("defer_loading"):
        shown["defer_loading"] = True
    return msgspec.json.encode({"type": "function", "function": shown})


def _parts(message: _Message) -> Iterator[tuple[str, str, bytes]]:
    role = message.role
    if isinstance(message.content, str):
        yield (role, "", message.content.encode("utf-8"))
        return
    texts: list[str] = []
    calls: list[tuple[str, str, bytes]] = []
    is_silent = True
    for raw in message.content:
        block = msgspec.json.decode(raw, type=_Block)
        match block.type:
            case "text":
                texts.append(block.text)
                continue
            case "tool_use":
                arguments = msgspec.json.encode(block.input).decode("utf-8")
                call = {"name": block.name, "arguments": arguments}
                calls.append((role, "call", msgspec.json.encode(call)))
                continue
            case "thinking":
                part = (role, "reasoning", block.thinking.encode("utf-8"))
            case "tool_result":
                part = ("tool", "", _result(block.content))
            case _:
                value = msgspec.json.decode(raw)
                if isinstance(value, dict):
                    value.pop("cache_control", None)
                part = (role, "part", msgspec.json.encode(value))
        if any(texts):
            yield (role, "", "".join(texts).encode("utf-8"))
        texts, is_silent = [], False
        yield part
    if any(texts) or (is_silent and not calls):
        yield (role, "", "".join(texts).encode("utf-8"))
    yield from calls


def _result(content: Any) -> bytes:
    """The text, or the blocks as JSON where they are not text alone."""
    if content is None or isinstance(content, str):
        return (content or "").encode("utf-8")
    blocks = msgspec.convert(content, list[dict[str, Any]])
    if all(block.get("type") == "text" for block in blocks):
        return "".join(str(block.get("text", "")) for block in blocks).encode("utf-8")
    return msgspec.json.encode(blocks)
