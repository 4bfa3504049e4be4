"""The content of a span as a Chat body: messages of parts, or of numbered attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from llmx.core.names import Json
from llmx.core.trace.readers.found import members, text, value

INPUT, SYSTEM, TOOLS = (
    "gen_ai.input.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
)
OUTPUT = "gen_ai.output.messages"
_NUMBERED = re.compile(r"gen_ai\.prompt\.(\d{1,6})\.(role|content)")


def body_of(attributes: Mapping[str, Json], events: Sequence[dict[str, Json]]) -> bytes | None:
    """A Chat body of the span's prompt; None where no content was kept."""
    for kept in (attributes, *(members(e.get("attributes")) for e in events)):
        messages = list(_messages(kept))
        if messages:
            return msgspec.json.encode(_body(messages, kept))
    return None


def said_of(attributes: Mapping[str, Json]) -> str | None:
    """The text of the answer."""
    pieces = [
        text(part.get("content")) or ""
        for message in _objects(attributes.get(OUTPUT))
        for part in _objects(message.get("parts"))
        if part.get("type") == "text"
    ]
    return "".join(pieces) or None


def _body(messages: list[Json], kept: Mapping[str, Json]) -> dict[str, Json]:
    tools = [_tool(tool) for tool in _objects(kept.get(TOOLS))]
    system = _plain(kept.get(SYSTEM))
    leading: list[Json] = [{"role": "system", "content": system}] if system else []
    body: dict[str, Json] = {"tools": tools} if tools else {}
    return body | {"messages": leading + messages}


def _messages(kept: Mapping[str, Json]) -> Iterator[Json]:
    for message in _objects(kept.get(INPUT)):
        yield from _chat(message)
    if INPUT not in kept:
        yield from _numbered(kept)


def _chat(message: dict[str, Json]) -> Iterator[Json]:
    """A message of parts as Chat has it: what it says, its calls, and results by themselves."""
    role = text(message.get("role")) or "user"
    parts = message.get("parts")
    if not isinstance(parts, list):
        yield {"role": role, "content": message.get("content")}
        return
    said, calls = [], []
    for part in _objects(parts):
        match part.get("type"):
            case "text":
                said.append({"type": "text", "text": text(part.get("content")) or ""})
            case "tool_call":
                calls.append({"id": part.get("id"), "type": "function", "function": _call(part)})
            case "tool_call_response":
                result = part.get("response", part.get("result"))
                shown = result if isinstance(result, str) else _json(result)
                yield {"role": "tool", "tool_call_id": part.get("id"), "content": shown}
            case _:
                said.append(part)
    if said or calls:
        made: dict[str, Json] = {"role": role, "content": said or None}
        yield made | ({"tool_calls": calls} if calls else {})


def _call(part: dict[str, Json]) -> Json:
    arguments = part.get("arguments")
    shown = arguments if isinstance(arguments, str) else _json(arguments)
    return {"name": text(part.get("name")) or "", "arguments": shown}


def _tool(tool: dict[str, Json]) -> Json:
    if "function" in tool:
        return tool
    return {"type": "function", "function": {k: v for k, v in tool.items() if k != "type"}}


def _numbered(kept: Mapping[str, Json]) -> Iterator[Json]:
    found: dict[int, dict[str, Json]] = {}
    for name, said in kept.items():
        place = _NUMBERED.fullmatch(name)
        if place is not None:
            found.setdefault(int(place[1]), {})[place[2]] = said
    for _, message in sorted(found.items()):
        yield {"role": text(message.get("role")) or "user", "content": message.get("content")}


def _plain(instructions: Json) -> str:
    parts = _loaded(instructions)
    if isinstance(parts, str):
        return parts
    return "".join(text(part.get("content")) or "" for part in _objects(parts))


def _objects(found: Json) -> list[dict[str, Json]]:
    """The objects of an array, which may be kept as the text of one."""
    loaded = _loaded(found)
    return [one for one in loaded if isinstance(one, dict)] if isinstance(loaded, list) else []


def _loaded(found: Json) -> Json:
    if not isinstance(found, str):
        return found
    loaded = value(found.encode("utf-8", "surrogatepass"))
    return found if loaded is None else loaded


def _json(found: Json) -> str:
    return msgspec.json.encode(found).decode("utf-8", "replace")
