"""The conversations that a template is tried with. They are short: what counts is where they break.

No content occurs twice, so that each can be found in a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llmx.core.types import Json, Message, Thinking, ToolCall
from llmx.core.verify.templates.rendering import Shape

Must = Literal[
    "answer",  # the next prompt goes on from the prompt and what was generated for it
    "prompt",  # only from the prompt: the client does not send back all that was generated
    "asked",  # only from the prompt without its generation prompt: nobody has answered
]
Needs = Literal["calls", "thinking", "switch", "clock", "parts"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a request adds, and its answer: as it is generated, and as it comes back where that is
    something else. None: no answer comes before the next request."""

    asks: tuple[Message, ...]
    answer: Message | None
    returned: Message | None = None

    @property
    def kept(self) -> tuple[Message, ...]:
        """What the next request has of this turn."""
        answer = self.returned or self.answer
        return self.asks if answer is None else (*self.asks, answer)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`counts`: whether a break is one; where not, it is only told."""

    name: str
    title: str
    turns: tuple[Turn, ...]
    tools: tuple[Mapping[str, Json], ...] = ()
    thinking: Thinking = field(default_factory=Thinking)
    shape: Shape = "text"
    must: Must = "answer"
    needs: Needs | None = None
    counts: bool = True
    other_blanks: bool = False  # the model writes calls with other blanks than the template
    own_arguments: bool = True  # the model writes arguments as it does, not as the template does
    own_ids: bool = True  # the server gives calls other ids than the model
    later: bool = False  # the clock goes on between the turns


def _user(text: str) -> Message:
    return Message("user", text)


def _says(text: str, *calls: ToolCall, thought: str | None = None) -> Message:
    return Message("assistant", text, calls, reasoning=thought)


def _result(call: ToolCall, text: str) -> Message:
    return Message("tool", text, tool_call_id=call.id)


def _tool(name: str, **properties: Json) -> Mapping[str, Json]:
    schema = {"type": "object", "properties": properties}
    function = {"name": name, "description": f"To {name} in the garden.", "parameters": schema}
    return {"type": "function", "function": function}


_TEXT = {"type": "string"}
_TOOLS = (
    _tool("look", where=_TEXT),
    _tool("dig", zone=_TEXT, depth={"type": "object"}, at={"type": "integer"}),
    _tool("count", what=_TEXT),
)

# Nine letters and digits: some templates take nothing else.
_POND = ToolCall("Gd4Kp7Wxa", "look", '{"where": "the pond"}')
_NORTH = ToolCall("Gd4Kp7Wxb", "look", '{"where": "the north bed"}')
_FROGS = ToolCall("Gd4Kp7Wxc", "count", '{"what": "frogs"}')
_DIG = ToolCall(
    "Gd4Kp7Wxd",
    "dig",
    '{"zone": "Beet \\"S\u00fcd\\" <a/b> & more", "depth": {"max": 1.5, "from": [true, null]}, '
    '"at": 2}',
)

_SYSTEM = Message("system", "You keep a garden diary and answer briefly.")
_MAY, _PEAS = _user("What grows in May?"), "Peas and broad beans."
_JUNE, _TOMATOES = _user("And one month after that?"), "The first tomatoes."
_AUTUMN = _user("Thank you. What about autumn?")
_EARLY, _WARM = "It is early, so hardy plants come first.", "Nights are warm by then."
_LOOK, _SLUGS, _QUIET = _user("Look after the beds."), "Slugs on the lettuce.", "Still water."
_SEEN, _THANKS = "Slugs eat the lettuce.", _user("Well done. Anything else?")
_NOTHING = "Nothing else."
_CHECK, _THEN_POND = "I have to see the bed first.", "The pond is next."


def _plain(first: tuple[Message, ...] = (_MAY,)) -> tuple[Turn, ...]:
    return (
        Turn(first, _says(_PEAS)),
        Turn((_JUNE,), _says(_TOMATOES)),
        Turn((_AUTUMN,), _says(_NOTHING)),
    )


def _thinking(*, returned: bool) -> tuple[Turn, ...]:
    def turn(asks: Message, text: str, thought: str) -> Turn:
        return Turn((asks,), _says(text, thought=thought), None if returned else _says(text))

    return (
        turn(_MAY, _PEAS, _EARLY),
        turn(_JUNE, _TOMATOES, _WARM),
        Turn((_AUTUMN,), _says(_NOTHING)),
    )


def _loop(*thoughts: str | None) -> tuple[Turn, ...]:
    """Two rounds of calls, the answer, and the user again."""
    first, second, last = thoughts or (None, None, None)
    return (
        Turn((_LOOK,), _says("", _NORTH, thought=first)),
        Turn((_result(_NORTH, _SLUGS),), _says("Now the water.", _POND, thought=second)),
        Turn((_result(_POND, _QUIET),), _says(_SEEN, thought=last)),
        Turn((_THANKS,), _says(_NOTHING)),
    )


_LATE = Message("system", "From now on, name every plant in Latin.")

_ON = Thinking(enabled=True)  # some templates have to be asked for it

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("plain", "plain turns", _plain()),
    Scenario("system", "a system prompt", _plain((_SYSTEM, _MAY))),
    Scenario(
        "late_system",
        "a system message later on",
        (
            Turn((_SYSTEM, _MAY), _says(_PEAS)),
            Turn((_LATE, _JUNE), _says(_TOMATOES)),
            Turn((_AUTUMN,), _says(_NOTHING)),
        ),
    ),
    Scenario("tools", "tools that nobody calls", _plain(), _TOOLS),
    Scenario(
        "tool_call",
        "a call and its result",
        (
            Turn((_LOOK,), _says("", _NORTH)),
            Turn((_result(_NORTH, _SLUGS),), _says(_SEEN)),
        ),
        _TOOLS,
        needs="calls",
    ),
    Scenario(
        "arguments",
        "a call with many arguments",
        (
            Turn((_LOOK,), _says("", _DIG)),
            Turn((_result(_DIG, _SLUGS),), _says(_SEEN)),
        ),
        _TOOLS,
        needs="calls",
    ),
    Scenario(
        "parallel_calls",
        "several calls at once",
        (
            Turn((_LOOK,), _says("", _POND, _FROGS)),
            Turn((_result(_POND, _QUIET), _result(_FROGS, "Four of them.")), _says(_SEEN)),
        ),
        _TOOLS,
        needs="calls",
    ),
    Scenario("tool_loop", "a new question after a tool loop", _loop(), _TOOLS, needs="calls"),
    Scenario(
        "thinking",
        "reasoning that comes back",
        _thinking(returned=True),
        thinking=_ON,
        needs="thinking",
    ),
    Scenario(
        "thinking_left_out",
        "reasoning that the client leaves out",
        _thinking(returned=False),
        thinking=_ON,
        must="prompt",
        needs="thinking",
    ),
    Scenario(
        "thinking_off",
        "thinking switched off",
        _plain(),
        thinking=Thinking(enabled=False),
        needs="switch",
    ),
    Scenario(
        "thinking_loop",
        "a tool loop with reasoning",
        _loop(_CHECK, _THEN_POND, _WARM),
        _TOOLS,
        thinking=_ON,
        needs="thinking",
    ),
    Scenario(
        "blanks",
        "blanks around an answer",
        (Turn((_MAY,), _says(f" {_PEAS} \n")), Turn((_JUNE,), _says(_TOMATOES))),
    ),
    Scenario(
        "empty",
        "empty contents",
        (
            Turn((_MAY,), _says("")),
            Turn((_JUNE,), _says(_TOMATOES)),
            Turn((_user(""),), _says(_NOTHING)),
        ),
    ),
    Scenario(
        "part",
        "a content that is a part first and a string later",
        _plain(),
        shape="part",
        needs="parts",
    ),
    Scenario("parts", "contents of several parts", _plain(), shape="parts", needs="parts"),
    Scenario(
        "clock", "a new day between the turns", _plain((_SYSTEM, _MAY)), needs="clock", later=True
    ),
    Scenario(
        "clock_alone",
        "a new day, without a system prompt",
        _plain(),
        needs="clock",
        later=True,
    ),
    Scenario(
        "late_result",
        "a result that comes after the others",
        (
            Turn((_LOOK, _says("", _POND, _FROGS), _result(_POND, _QUIET)), None),
            Turn((_result(_FROGS, "Four of them."),), _says(_SEEN)),
        ),
        _TOOLS,
        must="asked",
        needs="calls",
        counts=False,
    ),
    Scenario(
        "other_blanks",
        "a call written with other blanks than the template's",
        (
            Turn((_LOOK,), _says("", _DIG)),
            Turn((_result(_DIG, _SLUGS),), _says(_SEEN)),
        ),
        _TOOLS,
        needs="calls",
        counts=False,
        other_blanks=True,
    ),
)
