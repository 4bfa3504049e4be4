"""Splits what a model thinks from what it says, for every family that marks it by two markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.lexer import Beginning, Lexeme, Marker
from llmx.core.parser.pieces import Piece, Reasoning


@dataclass(frozen=True, slots=True)
class ThinkMarkers:
    begin: str
    end: str


class ThinkingScanner:
    """Reasoning comes before the answer, once. Newlines at either side of a marker are framing.

    Markers inside the reasoning are text of it. `is_open`: the prompt has begun the reasoning.
    An answer that ends before its reasoning does has no text.
    """

    def __init__(self, inner: Scanner, markers: ThinkMarkers, *, is_open: bool) -> None:
        self._inner = inner
        self._markers = markers
        self._state = "thinking" if is_open else "before"
        self._blank = ""  # newlines that are framing, or not, by what follows
        self._has_thought = False  # anything but newlines

    @property
    def is_reasoning(self) -> bool:
        return self._state == "thinking" or self._inner.is_reasoning

    @property
    def may_reason(self) -> bool:
        return self._state in ("before", "thinking") or self._inner.may_reason

    def feed(self, lexeme: Lexeme) -> Iterator[Piece]:
        if isinstance(lexeme, Beginning):
            if self._state == "before" and self._blank:
                yield from self._inner.feed(self._blank)
            if self._state != "thinking":
                self._state = "inside"
                yield from self._inner.feed(lexeme)
                return
            lexeme = lexeme.text
        match self._state:
            case "before":
                yield from self._before(lexeme)
            case "thinking":
                yield from self._thinking(lexeme)
            case "after":
                yield from self._after(lexeme)
            case _:
                yield from self._inner.feed(lexeme)

    def finish(self, *, is_cut: bool) -> Iterator[Piece]:
        if self._state == "before" and self._blank:
            yield from self._inner.feed(self._blank)
        yield from self._inner.finish(is_cut=is_cut)

    def _before(self, lexeme: str | Marker) -> Iterable[Piece]:
        """Nothing but blanks has been said."""
        if isinstance(lexeme, Marker):
            if lexeme.text == self._markers.begin:
                self._state, self._blank = "thinking", ""
                return
            if lexeme.text == self._markers.end:  # the template began it, unseen by us
                self._state, self._blank = "after", ""
                return
        elif not lexeme.strip():
            self._blank += lexeme
            return
        self._state = "inside"
        if self._blank:
            yield from self._inner.feed(self._blank)
        yield from self._inner.feed(lexeme)

    def _thinking(self, lexeme: str | Marker) -> Iterator[Piece]:
        if isinstance(lexeme, Marker):
            if lexeme.text == self._markers.end:
                self._state, self._blank = "after", ""
                return
            lexeme = lexeme.text
        body = lexeme.rstrip("\n")
        if not self._has_thought:
            body = body.lstrip("\n")
        if body:
            text = self._blank + body if self._has_thought else body
            self._has_thought, self._blank = True, lexeme[len(lexeme.rstrip("\n")) :]
            yield Reasoning(text)
        elif self._has_thought:
            self._blank += lexeme

    def _after(self, lexeme: str | Marker) -> Iterator[Piece]:
        """Blank lines between the reasoning and the answer belong to neither."""
        if isinstance(lexeme, str):
            lexeme = lexeme.lstrip("\n")
            if not lexeme:
                return
        self._state = "inside"
        yield from self._inner.feed(lexeme)
