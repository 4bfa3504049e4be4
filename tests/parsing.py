"""Plays the text of an answer through a parser, cut at any place, and says what came out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from llmx.core.parser.families.base import Family
from llmx.core.parser.syntax import Syntax
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import (
    Delta,
    GenerationRequest,
    Json,
    Prepared,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCalled,
    ToolCallStarted,
    ToolChoice,
)

CALL = "call"
PART = "part"  # a call that the end of the answer cut


@dataclass(frozen=True, slots=True)
class Special:
    """A token that has an id of its own."""

    text: str


Token = bytes | Special
Entry = tuple[str, ...]  # ("text", …), ("reasoning", …), (CALL or PART, name, arguments)


@dataclass(frozen=True, slots=True)
class Outcome:
    entries: tuple[Entry, ...]
    flags: tuple[str, ...]
    reasoning_tokens: int

    @property
    def text(self) -> str:
        return "".join(entry[1] for entry in self.entries if entry[0] == "text")

    @property
    def reasoning(self) -> str:
        return "".join(entry[1] for entry in self.entries if entry[0] == "reasoning")

    @property
    def calls(self) -> list[tuple[str, str]]:
        return [(entry[1], entry[2]) for entry in self.entries if entry[0] == CALL]

    @property
    def parts(self) -> list[tuple[str, str]]:
        return [(entry[1], entry[2]) for entry in self.entries if entry[0] == PART]


def tool(name: str, **properties: Json) -> Json:
    schema = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


def prepared(
    tools: Sequence[Json],
    *,
    constrained: bool = False,
    is_thinking: bool = False,
    choice: ToolChoice | None = None,
    stop: tuple[str, ...] = (),
) -> Prepared:
    request = GenerationRequest("r", (), tuple(tools), choice or ToolChoice())
    return Prepared(
        request, (1,), b"", (), 1, 0.0, is_thinking=is_thinking,
        constraint=object() if constrained else None,
    )  # fmt: skip


def play(
    family: Family | None,
    tokens: Sequence[Token],
    asked: Prepared,
    *,
    thinking: ThinkMarkers | None = None,
    is_cut: bool = False,
    at_once: bool = False,
) -> Outcome:
    """Add the tokens one by one or all `at_once`, and end; the deltas must follow their rules."""
    specials = {n: one.text for n, one in enumerate(tokens) if isinstance(one, Special)}
    pieces = [one.text.encode() if isinstance(one, Special) else one for one in tokens]

    def decode(ids: Sequence[int]) -> str:
        return b"".join(pieces[one] for one in ids).decode("utf-8", "replace")

    parser = Syntax(decode, specials, family, thinking).parser(asked)
    ids = range(len(tokens))
    groups = [list(ids)] if at_once else [[one] for one in ids]
    deltas = [delta for group in groups for delta in parser.add(group)]
    deltas += parser.finish(is_cut=is_cut)
    return Outcome(tuple(_entries(deltas)), tuple(sorted(parser.flags)), parser.reasoning_tokens)


def _entries(deltas: Sequence[Delta]) -> Iterator[Entry]:
    entries: list[Entry] = []
    started: ToolCallStarted | None = None
    arguments, ids, numbers = "", set[str](), count()
    for delta in deltas:
        match delta:
            case TextDelta(text) | ReasoningDelta(text):
                assert started is None, "text within a call"
                assert text
                kind = "text" if isinstance(delta, TextDelta) else "reasoning"
                if entries and entries[-1][0] == kind:
                    text = entries.pop()[1] + text
                entries.append((kind, text))
            case ToolCallStarted():
                assert started is None
                assert delta.index == next(numbers)
                assert delta.id not in ids
                ids.add(delta.id)
                started, arguments = delta, ""
            case ToolCallDelta():
                assert started is not None
                assert delta.index == started.index
                assert delta.arguments
                arguments += delta.arguments
            case ToolCalled():
                assert started is not None
                assert (delta.index, delta.id, delta.name) == (
                    started.index,
                    started.id,
                    started.name,
                )
                assert delta.arguments == arguments
                entries.append((CALL if delta.is_complete else PART, delta.name, arguments))
                started = None
    assert started is None, "a call that does not end"
    return iter(entries)


def in_bytes(text: str, markers: Collection[str] = ()) -> list[Token]:
    """A token for each byte; where a marker stands, one for the marker."""
    tokens: list[Token] = []
    for part in _parts(text, markers):
        if isinstance(part, Special):
            tokens.append(part)
        else:
            tokens += [bytes([byte]) for byte in part]
    return tokens


def cut_at(text: str, places: Sequence[int]) -> list[Token]:
    """A token between each two places, in bytes."""
    raw = text.encode()
    edges = [0, *places, len(raw)]
    return [raw[a:b] for a, b in pairwise(edges) if a < b]


def as_tokens(text: str, markers: Collection[str]) -> list[Token]:
    """A token for each marker and one for each text between them."""
    return list(_parts(text, markers))


def _parts(text: str, markers: Collection[str]) -> Iterator[Token]:
    if not markers:
        yield text.encode()
        return
    pattern = "|".join(map(re.escape, sorted(markers, key=len, reverse=True)))
    for part in re.split(f"({pattern})", text):
        if part in markers:
            yield Special(part)
        elif part:
            yield part.encode()


def every_way(text: str, markers: Collection[str]) -> Iterator[tuple[list[Token], bool]]:
    """The same answer as tokens in every cut: each with whether all come at once."""
    yield [text.encode()], True
    yield as_tokens(text, markers), True
    yield as_tokens(text, markers), False
    yield in_bytes(text), False
    yield in_bytes(text, markers), False
    for place in range(1, len(text.encode())):
        yield cut_at(text, [place]), False
