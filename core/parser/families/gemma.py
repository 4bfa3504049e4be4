"""Gemma 4 and FunctionGemma: a notation of their own, with strings between two equal markers.

Gemma 4         <|tool_call>call:look{city:<|"|>Paris<|"|>,days:3}<tool_call|>
FunctionGemma   <start_function_call>call:look{city:<escape>Paris<escape>}<end_function_call>
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.reading import (
    Incomplete,
    Malformed,
    Reading,
    ReadingScanner,
    Source,
    expected,
    following,
    more,
    until,
    word,
)
from llmx.core.parser.families.tags import MAX_NAME
from llmx.core.parser.families.typed import Parameters, any_json, quoted
from llmx.core.parser.json_text import MAX_DEPTH
from llmx.core.parser.tools import DeclaredTools

_NAME_END = re.compile("[{}\\s\ud800-\udfff]")
_KEY_END = re.compile("[:,{}\ud800-\udfff]")
_BARE_END = re.compile("[,{}\\[\\]\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Gemma:
    name: str
    block: tuple[str, str]
    string: str  # at either side of a string
    frames_answers: bool = False
    tells_reasoning: bool = False

    @property
    def markers(self) -> frozenset[str]:
        return frozenset({*self.block, self.string})

    @property
    def begins(self) -> frozenset[str]:
        return frozenset({self.block[0]})

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(Source(self.markers), lambda source: self._read(source, calls))

    def _read(self, source: Source, calls: Calls) -> Reading[None]:
        begins, ends = signs(source, self.begins), signs(source, {self.block[1]})
        while (yield from calls.text(source, begins)):
            yield from calls.block(source, lambda: self._calls(source, calls), begins, ends)

    def _calls(self, source: Source, calls: Calls) -> Reading[None]:
        """One call, or several side by side."""
        while True:
            yield from following(source)
            yield from word(source, "call:")
            name = yield from until(source, _NAME_END, MAX_NAME)
            parameters = Parameters(calls.tools.parameters.get(name))
            if (yield from following(source)) != "{":
                raise Malformed
            arguments = yield from self._object(source, MAX_DEPTH, parameters)
            after = yield from following(source)
            if after == source.sign(self.block[1]):
                source.take(1)
            elif after not in ("", "c", source.sign(self.block[0])):
                raise Malformed
            yield from calls.whole(name, arguments)
            source.hold()
            if after != "c":
                return

    def _value(
        self, source: Source, depth: int, key: str = "", parameters: Parameters | None = None
    ) -> Reading[str]:
        """The JSON text of one value. `parameters` where it is one of them, by this key."""
        if not depth:
            raise Malformed
        first = yield from following(source)
        if first == source.sign(self.string):
            return quoted((yield from self._string(source)))
        if first == "{":
            return (yield from self._object(source, depth - 1))
        if first == "[":
            return (yield from self._list(source, depth - 1))
        bare = source.plain((yield from until(source, _BARE_END))).strip()
        if not bare:
            raise Malformed
        return any_json(bare) if parameters is None else parameters.json_of(key, bare)

    def _object(
        self, source: Source, depth: int, parameters: Parameters | None = None
    ) -> Reading[str]:
        yield from expected(source, "{")
        members: list[str] = []
        if (yield from following(source)) == "}":
            source.take(1)
            return "{}"
        while True:
            if (yield from following(source)) == source.sign(self.string):
                key = yield from self._string(source)
            else:
                key = (yield from until(source, _KEY_END, MAX_NAME)).strip()
            yield from expected(source, ":")
            value = yield from self._value(source, depth, key, parameters)
            members.append(f"{quoted(key)}:{value}")
            if (yield from expected(source, ",}")) == "}":
                return "{" + ",".join(members) + "}"

    def _list(self, source: Source, depth: int) -> Reading[str]:
        yield from expected(source, "[")
        items: list[str] = []
        if (yield from following(source)) == "]":
            source.take(1)
            return "[]"
        while True:
            items.append((yield from self._value(source, depth)))
            if (yield from expected(source, ",]")) == "]":
                return "[" + ",".join(items) + "]"

    def _string(self, source: Source) -> Reading[str]:
        """Up to the marker behind which the string can be over: any other is text of it."""
        end = signs(source, {self.string})
        source.take(1)
        parts: list[str] = []
        while True:
            parts.append((yield from until(source, end)))
            start = source.mark()
            source.take(1)
            if not (yield from more(source)):
                raise Incomplete
            if (yield from following(source)) in (",", "}", "]", ":"):
                return source.plain("".join(parts))
            parts.append(source.held(start))


GEMMA4 = Gemma("gemma4", ("<|tool_call>", "<tool_call|>"), '<|"|>')
FUNCTION_GEMMA = Gemma(
    "function_gemma", ("<start_function_call>", "<end_function_call>"), "<escape>"
)
