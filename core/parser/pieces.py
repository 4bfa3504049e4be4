"""What a scanner makes of an answer's text, before it is given ids, numbers and choices."""

from __future__ import annotations

from dataclasses import dataclass

FLAGS = (
    "tool_call_unparsed",  # what began as a call is not written as one: it is text
    "tool_call_cut",  # the answer ended within a call
    "undeclared_tool",  # a call of a tool that the request does not declare is text
    "parallel_call",  # a second call where one was allowed is text
    "quoted_call",  # a call in a quotation is an example: text
    "duplicate_parameter",  # a call gives a parameter twice; both are told
)


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    text: str


@dataclass(frozen=True, slots=True)
class CallBegin:
    """A call of a declared tool. What follows up to its `CallEnd` belongs to it."""

    name: str


@dataclass(frozen=True, slots=True)
class CallArguments:
    json: str  # the next part of the JSON text of the arguments


@dataclass(frozen=True, slots=True)
class CallEnd:
    is_complete: bool  # False: the answer ended on the way


@dataclass(frozen=True, slots=True)
class Flag:
    """Something odd that a trace should tell of, one of `FLAGS`; not for clients."""

    name: str


Piece = Text | Reasoning | CallBegin | CallArguments | CallEnd | Flag
