"""Questions with known answers, of tools, names and words that training never saw."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tools.demo_model.conversations import Conversation, Plan, Writer
from tools.demo_model.data import talk


@dataclass(frozen=True)
class Case:
    """A prompt and what is right: calls (name, arguments), or a text that the answer contains."""

    conversation: Conversation  # ends with the user's message
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    contains: str = ""


@dataclass(frozen=True)
class Setting:
    """Where a case stands: alone, after other text, behind the agent's prompt."""

    tools: int = 8
    filler: int = 0  # characters
    agent: bool = False


def single_call(setting: Setting, rng: Random) -> Case:
    """One of the offered tools is asked for, with everything it needs."""
    while True:
        writer = _writer(setting, rng)
        tool = rng.choice(writer.tools)
        request = tool.ask(rng)
        if request.missing is None:
            return Case(_asked(writer, request.text), ((tool.name, request.arguments),))


def two_calls(setting: Setting, rng: Random) -> Case:
    """Two tools, or one tool twice, in one message."""
    while True:
        writer = _writer(setting, rng)
        before = len(writer.conversation.messages)
        writer.call_two()
        made = writer.conversation.messages[before:]
        if len(made) > 2 and len(made[1]["tool_calls"]) == 2:
            calls = [call["function"] for call in made[1]["tool_calls"]]
            expected = tuple((call["name"], json.loads(call["arguments"])) for call in calls)
            del writer.conversation.messages[before + 1 :]
            return Case(writer.conversation, expected)


def no_tool_fits(setting: Setting, rng: Random) -> Case:
    """A wish for a tool that is not offered, or a question that needs none."""
    writer = _writer(setting, rng)
    before = len(writer.conversation.messages)
    if rng.random() < 0.6:
        writer.want_stranger()
    else:
        rng.choice((writer.talk, writer.refuse, writer.sum))()
    del writer.conversation.messages[before + 1 :]
    return Case(writer.conversation)


def secret(setting: Setting, rng: Random) -> Case:
    """Something told, other turns, and the question."""
    writer = _writer(setting, rng)
    writer.tell_secret()
    for _ in range(rng.randrange(0, 5)):
        writer.turn()
    before = len(writer.conversation.messages)
    writer.ask_secret()
    answer = writer.conversation.messages[-1]["content"]
    del writer.conversation.messages[before + 1 :]
    said = next(s for s in writer.secrets.values() if s in answer)
    return Case(writer.conversation, contains=said)


def asked(text: str, setting: Setting, rng: Random) -> Case:
    """A literal question."""
    return Case(_asked(_writer(setting, rng), text))


TASKS: dict[str, Callable[[Setting, Random], Case]] = {
    "single call": single_call,
    "two calls": two_calls,
    "no tool fits": no_tool_fits,
    "secret": secret,
}
REFUSAL = talk.REFUSAL


def _writer(setting: Setting, rng: Random) -> Writer:
    tools = setting.tools if setting.tools < 2 else rng.randrange(1, setting.tools + 1)
    plan = Plan(tools=tools, turns=0, filler=setting.filler, agent=setting.agent, held_out=True)
    writer = Writer(plan, rng)
    writer.write()
    return writer


def _asked(writer: Writer, text: str) -> Conversation:
    writer.conversation.messages.append({"role": "user", "content": text})
    return writer.conversation
