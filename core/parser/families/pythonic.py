"""LFM2, and Llama 4 in its own way: a list of Python calls with literals as arguments.

<|tool_call_start|>[look(city="Paris"), now()]<|tool_call_end|>
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.literals import json_of, parsed
from llmx.core.parser.families.reading import (
    Malformed,
    Reading,
    ReadingScanner,
    Source,
    following,
    until,
)
from llmx.core.parser.families.typed import quoted
from llmx.core.parser.pieces import Flag
from llmx.core.parser.tools import DeclaredTools

_OUTSIDE = re.compile("[\\[\\](){}\"'\ud800-\udfff]")
_INSIDE = {quote: re.compile(rf"[\\\\{quote}]") for quote in "\"'"}


@dataclass(frozen=True, slots=True)
class Pythonic:
    """`is_bare`: a list that is all of the answer needs no markers."""

    name: str
    block: tuple[str, str]
    is_bare: bool = False
    frames_answers: bool = False
    tells_reasoning: bool = False

    @property
    def markers(self) -> frozenset[str]:
        return frozenset(self.block)

    @property
    def begins(self) -> frozenset[str]:
        return frozenset({self.block[0]})

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(Source(self.markers), lambda source: self._read(source, calls))

    def _read(self, source: Source, calls: Calls) -> Reading[None]:
        begins, ends = signs(source, self.begins), signs(source, {self.block[1]})
        if self.is_bare and (yield from following(source)) == "[":
            yield from calls.bare(source, lambda: self._bare(source, calls))
        else:
            calls.blank = source.held()
        while (yield from calls.text(source, begins)):
            yield from calls.block(source, lambda: self._block(source, calls), begins, ends)

    def _bare(self, source: Source, calls: Calls) -> Reading[None]:
        text = yield from _bracketed(source)
        if (yield from following(source)):
            raise Malformed
        yield from _tell(text, calls)

    def _block(self, source: Source, calls: Calls) -> Reading[None]:
        text = yield from _bracketed(source)
        after = yield from following(source)
        if after == source.sign(self.block[1]):
            source.take(1)
        elif after not in ("", source.sign(self.block[0])):
            raise Malformed
        yield from _tell(text, calls)


def _bracketed(source: Source) -> Reading[str]:
    """Take a list, by its brackets and quotes alone."""
    if (yield from following(source)) not in ("[", ""):
        raise Malformed
    parts: list[str] = []
    depth = 0
    while True:
        parts.append((yield from until(source, _OUTSIDE)))
        character = source.take(1)
        parts.append(character)
        if character in "[({":
            depth += 1
        elif character in "])}":
            depth -= 1
            if not depth:
                return source.plain("".join(parts))
        elif character in "\"'":
            yield from _rest_of_string(source, character, parts)
        else:
            raise Malformed  # a marker outside of strings


def _rest_of_string(source: Source, quote: str, parts: list[str]) -> Reading[None]:
    """Up to and with the quote that ends it."""
    while True:
        parts.append((yield from until(source, _INSIDE[quote])))
        character = source.take(1)
        parts.append(character)
        if character == quote:
            return
        parts.append((yield from _any(source)))


def _any(source: Source) -> Reading[str]:
    if not source.text[source.at :]:
        yield from until(source, re.compile("(?s:.)"))
    return source.take(1)


def _tell(text: str, calls: Calls) -> Reading[None]:
    """Each call of the list, in order; what calls nothing declared is text."""
    nodes = parsed(text.strip())
    if not isinstance(nodes, ast.List) or not nodes.elts:
        raise Malformed
    read = [_call(node) for node in nodes.elts]
    if not any(call is not None and calls.allows(call[0]) for call in read):
        for call in read:
            if call is not None:
                calls.check(call[0])
        raise Malformed
    for node, call in zip(nodes.elts, read, strict=True):
        try:
            if call is None:
                raise Malformed
            calls.check(call[0])
        except Malformed as error:
            yield Flag(error.flag)
            yield calls.say(ast.get_source_segment(text, node) or "")
        else:
            yield from calls.whole(*call)


def _call(node: ast.expr) -> tuple[str, str] | None:
    """Name and arguments; None for what is no call with literals by name."""
    if not isinstance(node, ast.Call) or node.args:
        return None
    name = _dotted(node.func)
    try:
        members = [(keyword.arg, json_of(keyword.value)) for keyword in node.keywords]
    except Malformed:
        return None
    if name is None or any(key is None for key, _ in members):
        return None
    return name, "{" + ", ".join(f"{quoted(key or '')}: {value}" for key, value in members) + "}"


def _dotted(node: ast.expr) -> str | None:
    """`a.b.c`; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


PYTHONIC = Pythonic("pythonic", ("<|tool_call_start|>", "<|tool_call_end|>"))
LLAMA4 = Pythonic("llama4", ("<|python_start|>", "<|python_end|>"), is_bare=True)
