"""The rule `call_ids`: what a template prints for the ids of calls, where it prints any.

Ids link a result to its call; they say nothing. Printed as clients send them, the same conversation
has other tokens with other ids, and a template may refuse them (Mistral's takes nine letters and
digits). So calls are numbered through the conversation, in the form that the model knows.

Where none are printed, nothing but the order links results to calls, and Claude Code sends results
in the order in which they were ready. So they are put into the order of their calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from llmx.core.types import Message, ToolCall

IdForm = Literal[
    "hidden",  # no id is printed
    "nine",  # nine letters and digits
    "kimi",  # functions.NAME:NUMBER, as the model writes them itself
]


@dataclass(slots=True)
class _Numbers:
    """`printed` holds for each id what is printed for the latest call that has it."""

    form: IdForm
    count: int = 0
    printed: dict[str, str] = field(default_factory=dict)

    def call(self, call: ToolCall) -> ToolCall:
        number = f"functions.{call.name}:{self.count}"
        self.printed[call.id] = number if self.form == "kimi" else f"call{self.count:05d}"
        self.count += 1
        return replace(call, id=self.printed[call.id])


def numbered(messages: Sequence[Message], form: IdForm) -> tuple[Message, ...]:
    """The conversation with numbers for ids. A result without its call keeps the id it has.

    With hidden ids it is the same conversation, in which results stand as their calls do.
    """
    if form == "hidden":
        return _in_order_of_calls(messages)
    numbers = _Numbers(form)
    told: list[Message] = []
    for message in messages:
        if message.tool_calls:
            message = replace(message, tool_calls=tuple(map(numbers.call, message.tool_calls)))
        elif message.tool_call_id is not None:
            printed = numbers.printed.get(message.tool_call_id, message.tool_call_id)
            message = replace(message, tool_call_id=printed)
        told.append(message)
    return tuple(told)


def _in_order_of_calls(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Results side by side that answer calls of one message; where one does not, as they came."""
    told: list[Message] = []
    places: dict[str, int] = {}  # of the calls in the latest message that has any
    for is_result, group in groupby(messages, key=lambda message: message.role == "tool"):
        run = list(group)
        if is_result and all(result.tool_call_id in places for result in run):
            run.sort(key=lambda result: places[result.tool_call_id or ""])
        for message in run:
            if message.tool_calls:
                places = {call.id: place for place, call in enumerate(message.tool_calls)}
        told += run
    return tuple(told)
