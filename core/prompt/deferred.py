"""The rule `deferred_tools`: a tool that comes into play later is described where it does.

        tools  system  user  assistant  tool                          assistant …
        A B                             "found C" + signature of C
        ▲ as long as the conversation lasts, whatever is found

A client marks such a tool (`defer_loading`), and a result refers to it by name (`tool_reference`).
Inserted into the list of tools it would shift all that follows; behind the words that bring it up
it shifts nothing, in any template.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from llmx.core.types import Json, Message

_DEFERRED = "defer_loading"
_OPENING = "More functions can be called from here on. Their signatures:\n<tools>\n"
_CLOSING = "\n</tools>"

Tool = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Introduced:
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]  # of the prompt's head, as a template wants them
    is_changed: bool  # some tool stands elsewhere than in the head, or nowhere yet


def introduce(messages: Sequence[Message], tools: Sequence[Tool], *, is_on: bool) -> Introduced:
    """Deferred tools leave the head and are described at the first message that refers to them.

    What was called without having been referred to is described before that call. Where all tools
    are deferred, nothing could ever bring one up: all stay in the head.
    """
    head = [tool for tool in tools if not tool.get(_DEFERRED)]
    if not is_on or not head or len(head) == len(tools):
        return Introduced(tuple(messages), tuple(map(_shown, tools)), False)
    late = {tool["function"]["name"]: _shown(tool) for tool in tools if tool.get(_DEFERRED)}
    told = list(messages)
    for index, message in enumerate(messages):
        _describe(told, index, _known(message.references, late), late)
        called = _known((call.name for call in message.tool_calls), late)
        place = _last_said(messages, index) if called else None
        if place is None:  # nobody spoke before: it belongs to the head
            head += [late.pop(name) for name in called]
        else:
            _describe(told, place, called, late)
    return Introduced(tuple(told), tuple(map(_shown, head)), True)


def with_description(message: Message, tools: Iterable[Tool]) -> Message:
    """The message, which says behind its own words what can be called from there on."""
    lines = [json.dumps(tool, ensure_ascii=False) for tool in tools]
    text = _OPENING + "\n".join(lines) + _CLOSING
    return replace(message, content=f"{message.content}\n\n{text}" if message.content else text)


def _known(names: Iterable[str], late: Mapping[str, Tool]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name in late]


def _describe(told: list[Message], index: int, names: Sequence[str], late: dict[str, Tool]) -> None:
    if names:
        told[index] = with_description(told[index], [late.pop(name) for name in names])


def _last_said(messages: Sequence[Message], before: int) -> int | None:
    """The last message before this one to which something can be added."""
    for index in range(before - 1, -1, -1):
        if messages[index].role in ("user", "tool"):
            return index
    return None


def _shown(tool: Tool) -> Tool:
    """What a template may see: a description of a function. Marks of the API are none of it."""
    function = tool["function"]
    if len(tool) == 2 and "strict" not in function:
        return tool
    shown = {key: value for key, value in function.items() if key != "strict"}
    return {"type": "function", "function": shown}
