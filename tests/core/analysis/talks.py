"""Conversations of a coding agent, as bodies of Chat and of Messages. Everything comes from a seed.

Nothing here is taken from the analysis under test: a changed text knows its own place and byte.
"""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Api = Literal["chat", "messages", "responses"]

_VERBS = "read write open move test build check parse format lint sort merge watch trace load".split()  # noqa: SIM905, E501  # fmt: skip
_NOUNS = "file parser table index cache buffer socket route token layer schema config worker".split()  # noqa: SIM905, E501  # fmt: skip
_ADJECTIVES = "slow quick empty broken nested remote stale wide narrow plain hidden open late".split()  # noqa: SIM905, E501  # fmt: skip


def prose(rng: random.Random, sentences: int) -> str:
    """Sentences that tell no time, name no id and no place."""
    return " ".join(
        f"{rng.choice(_VERBS).capitalize()} the {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} "
        f"before you {rng.choice(_VERBS)} any {rng.choice(_NOUNS)}."
        for _ in range(sentences)
    )


@dataclass
class Talk:
    """One request. `messages` are those of Messages, with thinking and calls as blocks."""

    system: str
    tools: list[Json]
    messages: list[Json]
    model: str = "local"
    more: Json = field(default_factory=dict)  # parameters of the body
    session: str = ""

    def copy(self) -> Talk:
        return copy.deepcopy(self)

    def body(self, api: Api) -> bytes:
        forms = {"messages": self._messages, "chat": self._chat, "responses": self._responses}
        made = forms[api]()
        return json.dumps(made, ensure_ascii=False).encode()

    def _messages(self) -> Json:
        head: Json = {"model": self.model, "max_tokens": 1000}
        if self.system:
            head["system"] = self.system
        if self.tools:
            head["tools"] = self.tools
        return head | self.more | {"messages": self.messages}

    def _responses(self) -> Json:
        items: list[Json] = []
        for message in self.messages:
            items += _as_items(message)
        head: Json = {"model": self.model, "input": items}
        if self.system:
            head["instructions"] = self.system
        if self.tools:
            head["tools"] = [
                {"type": "function", "strict": False}
                | {
                    ("parameters" if key == "input_schema" else key): value
                    for key, value in tool.items()
                    if key != "cache_control"
                }
                for tool in self.tools
            ]
        return head | self.more

    def _chat(self) -> Json:
        messages: list[Json] = []
        if self.system:
            messages.append({"role": "system", "content": self.system})
        for message in self.messages:
            messages += _on_chat(message)
        head: Json = {"model": self.model, "messages": messages}
        if self.tools:
            head["tools"] = [
                {
                    "type": "function",
                    "function": {
                        ("parameters" if key == "input_schema" else key): value
                        for key, value in tool.items()
                        if key != "cache_control"
                    },
                }
                for tool in self.tools
            ]
        return head | self.more


def _on_chat(message: Json) -> list[Json]:
    """Thinking, text and calls in one message; results as messages of their own."""
    if isinstance(message["content"], str):
        return [message]
    said: Json = {"role": message["role"]}
    results: list[Json] = []
    texts: list[Json] = []
    for block in message["content"]:
        match block["type"]:
            case "thinking":
                said["reasoning_content"] = block["thinking"]
            case "tool_use":
                call = {"name": block["name"], "arguments": dumped(block["input"])}
                said.setdefault("tool_calls", []).append(
                    {"id": block["id"], "type": "function", "function": call}
                )
            case "tool_result":
                results.append(
                    {
                        "role": "tool",
                        "tool_call_id": block["tool_use_id"],
                        "content": block["content"],
                    }
                )
            case "image":
                url = f"data:image/png;base64,{block['source']['data']}"
                texts.append({"type": "image_url", "image_url": {"url": url}})
            case _:
                texts.append(block)
    if texts:
        said["content"] = texts
    return results + ([said] if len(said) > 1 else [])


def _as_items(message: Json) -> list[Json]:
    """Thinking, text, calls and results as items of their own."""
    if isinstance(message["content"], str):
        return [{"type": "message", **message}]
    items: list[Json] = []
    said: list[Json] = []
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    for block in message["content"]:
        match block["type"]:
            case "thinking":
                summary = [{"type": "summary_text", "text": block["thinking"]}]
                items.append({"type": "reasoning", "summary": summary})
            case "tool_use":
                arguments = dumped(block["input"])
                call = {"name": block["name"], "call_id": block["id"], "arguments": arguments}
                items.append({"type": "function_call", **call})
            case "tool_result":
                output = {"call_id": block["tool_use_id"], "output": block["content"]}
                items.append({"type": "function_call_output", **output})
            case "image":
                url = f"data:image/png;base64,{block['source']['data']}"
                said.append({"type": "input_image", "image_url": url})
            case _:
                said.append({"type": kind, "text": block["text"]})
    if said:
        at = 1 if items and items[0]["type"] == "reasoning" else 0
        items.insert(at, {"type": "message", "role": message["role"], "content": said})
    return items


def dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def text_of(message: Json) -> str:
    return message["content"]


def made(seed: int, turns: int = 3) -> Talk:
    """A conversation: questions, answers with thinking and calls, results."""
    rng = random.Random(seed)
    names = rng.sample(["Read", "Grep", "Edit", "Bash", "Glob", "Fetch", "Write", "Plan"], 5)
    tools = [
        {
            "name": name,
            "description": f"{name} does one thing. {prose(rng, 3)}",
            "input_schema": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": prose(rng, 1)},
                    "limit": {"type": "integer", "description": prose(rng, 1)},
                },
                "required": ["path"],
            },
        }
        for name in names
    ]
    system = f"You are agent number {seed} of the house.\n\n# Rules\n{prose(rng, 12)}\n"
    talk = Talk(system, tools, [{"role": "user", "content": prose(rng, 2)}], session=f"s{seed}")
    for turn in range(turns):
        grow(talk, rng, turn)
    return talk


def grow(talk: Talk, rng: random.Random, turn: int) -> None:
    """One step on: an answer with a call, its result, an answer, another question."""
    identity = f"toolu_{turn:02d}"
    call = {
        "type": "tool_use",
        "id": identity,
        "name": talk.tools[turn % len(talk.tools)]["name"] if talk.tools else "Read",
        "input": {"path": f"{rng.choice(_NOUNS)}/{rng.choice(_VERBS)}", "limit": turn + 1},
    }
    thought = {"type": "thinking", "thinking": prose(rng, 2), "signature": "c2ln"}
    said = {"type": "text", "text": prose(rng, 2)}
    result = {"type": "tool_result", "tool_use_id": identity, "content": prose(rng, 6)}
    talk.messages += [
        {"role": "assistant", "content": [thought, said, call]},
        {"role": "user", "content": [result]},
        {"role": "assistant", "content": prose(rng, 2)},
        {"role": "user", "content": prose(rng, 2)},
    ]


def next_of(talk: Talk, rng: random.Random, turn: int = 7) -> Talk:
    later = talk.copy()
    grow(later, rng, turn)
    return later


def parting_byte(before: str | bytes, after: str | bytes) -> int:
    """Bytes that are equal at the beginning."""
    one, other = (t.encode() if isinstance(t, str) else t for t in (before, after))
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
