"""Turn by turn: what stands in a cache after an answer, and the next prompt beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from llmx.core.prompt.template import Frame
from llmx.core.types import Message
from llmx.core.verify.templates.rendering import Prompt, Rendering
from llmx.core.verify.templates.scenarios import Scenario
from llmx.core.verify.templates.written import written


@dataclass(frozen=True, slots=True)
class Common:
    """How much of what is cached the next prompt begins with. In characters and tokens."""

    cached: Prompt
    following: Prompt
    characters: int
    tokens: int

    @classmethod
    def of(cls, cached: Prompt, following: Prompt) -> Common:
        return cls(
            cached,
            following,
            shared(cached.text, following.text),
            shared(cached.tokens, following.tokens),
        )

    @property
    def is_text_prefix(self) -> bool:
        return self.characters == len(self.cached.text)

    @property
    def is_prefix(self) -> bool:
        return self.tokens == len(self.cached.tokens)


@dataclass(frozen=True, slots=True)
class Seam:
    """Between request `number` (from 1) and the next one."""

    number: int
    asked: tuple[Message, ...]  # the conversation of that request
    prompt: Common  # its prompt beside the next one
    answer: Common | None  # the same with the answer as it was generated; None: not known, or none
    required: Common  # the one of the two that the scenario asks for, or less than the prompt
    opening: int  # characters before its generation prompt; all of them where it has none
    starts: tuple[int | None, ...]  # of the messages, in characters of the prompt, where known
    answered: str | None  # with the answer as the last message, as the template writes it

    @property
    def holds(self) -> bool:
        return self.required.is_prefix


def seams_of(rendering: Rendering, scenario: Scenario) -> tuple[Seam, ...]:
    """Raises `RequestError` where the template refuses one of the prompts."""
    frame = frame_of(rendering, scenario)
    asked: list[Message] = []
    found: list[Seam] = []
    before: _Asked | None = None
    for turn in scenario.turns:
        now = len(asked)
        asked += turn.asks
        is_later = scenario.later and before is not None
        text = rendering.text(asked, frame, shape=scenario.shape, now=now, later=is_later)
        prompt = rendering.prompt(text)
        if before is not None:
            found.append(_seam(rendering, scenario, before, prompt, len(found) + 1))
        closed = rendering.tried(asked, frame, shape=scenario.shape, now=now) or text
        before = _Asked(tuple(asked), prompt, closed, None, None)
        if turn.answer is not None:
            before = _answered(rendering, scenario, before, turn.answer)
            asked.append(turn.returned or turn.answer)
    return tuple(found)


def frame_of(rendering: Rendering, scenario: Scenario) -> Frame:
    return Frame(scenario.tools, rendering.manners.of(scenario.thinking))


def shared(first: Sequence[object], second: Sequence[object]) -> int:
    """How many items both begin with."""
    limit = min(len(first), len(second))
    if first[:limit] == second[:limit]:
        return limit
    return next(i for i in range(limit) if first[i] != second[i])


@dataclass(frozen=True, slots=True)
class _Asked:
    messages: tuple[Message, ...]
    prompt: Prompt
    closed: str
    generated: Prompt | None
    answered: str | None


def _answered(rendering: Rendering, scenario: Scenario, asked: _Asked, answer: Message) -> _Asked:
    frame = frame_of(rendering, scenario)
    text = written(
        rendering,
        asked.messages,
        answer,
        frame,
        other_blanks=scenario.other_blanks,
        own_arguments=scenario.own_arguments,
        own_ids=scenario.own_ids,
    )
    generated = None if text is None else rendering.followed(asked.prompt, text)
    last = rendering.tried([*asked.messages, answer], frame, shape=scenario.shape)
    return _Asked(asked.messages, asked.prompt, asked.closed, generated, last)


def _seam(
    rendering: Rendering, scenario: Scenario, before: _Asked, following: Prompt, number: int
) -> Seam:
    prompt = Common.of(before.prompt, following)
    answer = None if before.generated is None else Common.of(before.generated, following)
    text = before.prompt.text
    opening = len(before.closed) if text.startswith(before.closed) else len(text)
    starts = _starts(rendering, frame_of(rendering, scenario), before)
    required = prompt
    if scenario.must == "answer" and answer is not None:
        required = answer
    elif scenario.must == "asked":
        required = Common.of(rendering.prompt(text[:opening]), following)
    return Seam(number, before.messages, prompt, answer, required, opening, starts, before.answered)


def _starts(rendering: Rendering, frame: Frame, asked: _Asked) -> tuple[int | None, ...]:
    """A message begins where the prompt without it and all that follow ends, if that lies between
    what the message before it says and what it says itself; else where it says something."""
    text, end = asked.prompt.text, 0
    found: list[int | None] = []
    for index, message in enumerate(asked.messages):
        says = next((said for said in _sayings(message) if said and said in text[end:]), None)
        if says is None:
            found.append(None)
            continue
        begin = text.index(says, end)
        fewer = rendering.tried(asked.messages[:index], frame) if index else None
        header = 0 if fewer is None else shared(fewer, text)
        found.append(header if end < header <= begin else begin)
        end = begin + len(says)
    return tuple(found)


def _sayings(message: Message) -> tuple[str, ...]:
    """Texts that only this message has, in the order in which they are shown."""
    values = [value for call in message.tool_calls for value in json.loads(call.arguments).values()]
    called = [value.partition('"')[0].strip() for value in values if isinstance(value, str)]
    return (message.reasoning or "", message.content.strip(), *called)
