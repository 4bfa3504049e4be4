"""Calls in a section, each between markers of its own: a header with the name, then JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.json_call import named_call, told
from llmx.core.parser.families.reading import (
    Incomplete,
    Malformed,
    Reading,
    ReadingScanner,
    Source,
    following,
)
from llmx.core.parser.tools import DeclaredTools


@dataclass(frozen=True, slots=True)
class Sections:
    """A family of this kind. `section` and `call` are markers: a begin and an end."""

    name: str
    section: tuple[str, str]
    call: tuple[str, str]
    read_name: Callable[[Source], Reading[str]]  # up to where the JSON begins
    read_end: Callable[[Source], Reading[None]] | None = None  # between the JSON and the end
    inner: frozenset[str] = field(default=frozenset())  # markers that the functions look for
    frames_answers: bool = False
    tells_reasoning: bool = False

    @property
    def markers(self) -> frozenset[str]:
        return frozenset({*self.section, *self.call, *self.inner})

    @property
    def begins(self) -> frozenset[str]:
        return frozenset({self.section[0]})

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(Source(self.markers), lambda source: self._read(source, calls))

    def _read(self, source: Source, calls: Calls) -> Reading[None]:
        outer = signs(source, self.begins)
        begins = signs(source, {self.section[0], self.call[0]})
        ends = signs(source, {self.section[1]})
        while (yield from calls.text(source, outer)):
            is_over = False
            while not is_over:
                is_over = yield from calls.block(
                    source, lambda: self._next(source, calls), begins, ends
                )
                is_over = is_over or source.text[source.at : source.at + 1] != source.sign(
                    self.call[0]
                )

    def _next(self, source: Source, calls: Calls) -> Reading[None]:
        """One call, and the end of the section where that comes behind it."""
        sign = yield from following(source)
        if not sign:
            raise Incomplete
        if sign != source.sign(self.call[0]):
            raise Malformed
        source.take(1)
        name = yield from self.read_name(source)
        call = yield from named_call(source, calls, name)
        if (yield from following(source)) and self.read_end is not None:
            yield from self.read_end(source)
        sign = yield from following(source)
        if sign == source.sign(self.call[1]):
            source.take(1)
        elif sign:
            raise Malformed
        yield from told(calls, call)
        source.hold()
        sign = yield from following(source)
        if sign == source.sign(self.section[1]):
            source.take(1)
        elif sign not in ("", source.sign(self.call[0]), source.sign(self.section[0])):
            raise Malformed
