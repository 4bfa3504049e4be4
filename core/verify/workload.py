"""What is asked: an agent's system prompt and tools, made unseen by a nonce, and a question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from llmx.core.types import Json
from llmx.fixtures import agent_system, agent_tools

QUESTIONS = ("Who are you?", "Tell me a joke", "What is 2+2?")
BYTES_PER_TOKEN = 4  # an estimate, for English prose and JSON


@dataclass(frozen=True, slots=True)
class Prompt:
    messages: tuple[Mapping[str, Json], ...]
    tools: tuple[Mapping[str, Json], ...]

    def without_tools(self) -> Prompt:
        return replace(self, tools=())

    def as_one_turn(self) -> Prompt:
        """All texts in a user's message, in their order, without tools."""
        text = "\n\n".join(str(one["content"]) for one in self.messages)
        return Prompt(({"role": "user", "content": text},), ())


@dataclass(frozen=True, slots=True)
class Workload:
    system: str
    tools: tuple[Mapping[str, Json], ...]  # in OpenAI's function form

    @property
    def nbytes(self) -> int:
        """Of the part that all questions of one nonce share, without the template's own text."""
        tools = json.dumps(self.tools, ensure_ascii=False)
        return len(self.system.encode()) + len(tools.encode())

    @property
    def estimated_tokens(self) -> int:
        return self.nbytes // BYTES_PER_TOKEN

    def prompt(self, nonce: str, question: str) -> Prompt:
        """The nonce comes first in the prompt, whether a template puts system text or tools first.

        Nonces of one length give prompts of one length in bytes.
        """
        system = {"role": "system", "content": f"{nonce}\n{self.system}"}
        user = {"role": "user", "content": question}
        return Prompt(
            (system, user), (*(_marked(tool, nonce) for tool in self.tools[:1]), *self.tools[1:])
        )


def _marked(tool: Mapping[str, Any], nonce: str) -> Mapping[str, Json]:
    function = tool["function"]
    description = f"{nonce} {function.get('description', '')}"
    return {**tool, "function": {**function, "description": description}}


def agent_workload() -> Workload:
    return Workload(agent_system(), tuple(agent_tools()))
