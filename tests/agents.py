"""Conversations in the shape of an agent's, on two APIs. The texts are made by seed.

The shape is that of a coding agent on Messages: a system of three blocks, the first an attribution
line that depends on the first question; 24 tools of 64 KB; the first message a reminder and the
question, the second a system's list of 6 KB.
"""

from __future__ import annotations

import json
import random
from typing import Any

ATTRIBUTION = "x-anthropic-billing-header: cc_version=2.1.197.{}; cc_entrypoint=cli;"
MARKER = {"type": "ephemeral"}
_WORDS = tuple(
    word
    for line in (
        "the file path is read before it changes and a command runs in its folder until it ends",
        "use this tool when you need to find where something is written or what a program says",
        "never guess a name that was not given keep answers short say what was done and what not",
    )
    for word in line.split()
)


def prose(nbytes: int, seed: int) -> str:
    """So many characters of sentences."""
    rng = random.Random(seed)
    words: list[str] = []
    length = 0
    while length < nbytes:
        word = rng.choice(_WORDS) + ("." if rng.random() < 0.1 else "")
        words.append(word)
        length += len(word) + 1
    return " ".join(words)[:nbytes].rstrip()


def tools(count: int = 24, nbytes: int = 64_000) -> list[dict[str, Any]]:
    """As Messages declares them, about `nbytes` of JSON in all."""
    made: list[dict[str, Any]] = []
    for number in range(count):
        properties = {
            f"option_{each}": {"type": "string", "description": prose(60, number * 10 + each)}
            for each in range(4)
        }
        schema = {"type": "object", "properties": properties, "required": ["option_0"]}
        tool = {"name": f"Tool{number:02d}", "description": "", "input_schema": schema}
        tool["description"] = prose(nbytes // count - len(json.dumps(tool)) - 2, 1000 + number)
        made.append(tool)
    return made


def agent_body(question: str, attribution: str | None, *, share: float = 1.0) -> dict[str, Any]:
    """The first request of a conversation; `share` of its sizes, where a context is small."""
    blocks = [
        {"type": "text", "text": "You are an agent that works on code in a terminal."},
        {"type": "text", "text": prose(int(6_000 * share), 1), "cache_control": MARKER},
    ]
    if attribution is not None:
        blocks.insert(0, {"type": "text", "text": ATTRIBUTION.format(attribution)})
    return {
        "model": "any",
        "max_tokens": 8,
        "temperature": 0,
        "system": blocks,
        "tools": tools(nbytes=int(64_000 * share)),
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "<reminder>Notes of the project.</reminder>\n"},
                    {"type": "text", "text": question, "cache_control": MARKER},
                ],
            },
            {"role": "system", "content": prose(int(6_200 * share * 0.9), 2)},
        ],
    }


def on_chat(body: dict[str, Any]) -> dict[str, Any]:
    """The same conversation as a client of Chat sends it."""
    messages: list[dict[str, Any]] = []
    if body.get("system"):
        parts = [{"type": "text", "text": block["text"]} for block in body["system"]]
        messages.append({"role": "system", "content": parts})
    for message in body["messages"]:
        messages += _on_chat(message)
    made = {
        "model": body["model"],
        "max_tokens": body["max_tokens"],
        "temperature": body.get("temperature", 1),
        "messages": messages,
    }
    if body.get("tools"):
        made["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool["name"],
                    "description": tool["description"],
                    "parameters": tool["input_schema"],
                },
            }
            for tool in body["tools"]
        ]
    return made


def _on_chat(message: dict[str, Any]) -> list[dict[str, Any]]:
    role, content = message["role"], message["content"]
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    made: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": block["tool_use_id"], "content": block["content"]}
        for block in content
        if block["type"] == "tool_result"
    ]
    said = _text([block for block in content if block["type"] == "text"])
    calls = [
        {
            "id": block["id"],
            "type": "function",
            "function": {"name": block["name"], "arguments": json.dumps(block["input"])},
        }
        for block in content
        if block["type"] == "tool_use"
    ]
    if calls:
        made.append({"role": role, "content": said or None, "tool_calls": calls})
    elif said:
        made.append({"role": role, "content": said})
    return made


def _text(content: str | list[dict[str, Any]]) -> str:
    return content if isinstance(content, str) else "".join(block["text"] for block in content)
