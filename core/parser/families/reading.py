"""Reads an answer as if it were there as a whole, and waits where it is not.

A family writes one generator over a `Source`. It yields pieces, and `None` where it needs more than
has come. What it reads is one text, however that was cut, so its pieces cannot depend on the cuts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator
from typing import TypeVar

from llmx.core.parser.families.surrogates import SURROGATE
from llmx.core.parser.json_text import JsonScanner
from llmx.core.parser.lexer import Beginning, Lexeme, Marker
from llmx.core.parser.pieces import CallArguments, Piece

T = TypeVar("T")
Reading = Generator[Piece | None, None, T]

_BLANK = re.compile(r"\s*")


class Malformed(Exception):
    """What is read is not written as the family writes; `flag` says what a trace should tell."""

    UNPARSED = "tool_call_unparsed"

    def __init__(self, flag: str = UNPARSED) -> None:
        super().__init__(flag)
        self.flag = flag


class Incomplete(Exception):
    """The answer ended where more was needed."""


class Source:
    """The text of one answer, as far as it has come.

    A marker is a single character of it, its sign: a lone surrogate, which decoded text never
    holds. `plain` turns signs back into the marker's text.
    """

    def __init__(self, markers: Collection[str]) -> None:
        self._signs = {text: chr(0xD800 + n) for n, text in enumerate(sorted(markers))}
        self._texts = {sign: text for text, sign in self._signs.items()}
        self.text = ""
        self.at = 0  # text before this place was taken
        self.is_ended = False
        self.is_cut = False  # ended by a limit or a cancel, not by the model
        self._rest = ""  # of the answer: text, or the beginning of a marker that was cut
        self.is_reasoning = False  # whether what comes next is; set by families that tell it
        self._held: list[str] = []

    def sign(self, marker: str) -> str:
        return self._signs[marker]

    def plain(self, text: str) -> str:
        return SURROGATE.sub(self._marker, text)

    def _marker(self, found: re.Match[str]) -> str:
        return self._texts[found.group()]

    def put(self, lexeme: Lexeme) -> None:
        if isinstance(lexeme, Beginning):
            self._rest = lexeme.text
            return
        if isinstance(lexeme, Marker):
            lexeme = self._signs.get(lexeme.text, lexeme.text)
        self.text = self.text[self.at :] + lexeme
        self.at = 0

    def take_rest(self) -> str:
        """What stands behind all text where the answer ended."""
        rest, self._rest = self._rest, ""
        return rest

    def take(self, count: int) -> str:
        """The next characters."""
        taken = self.text[self.at : self.at + count]
        self.at += count
        self._held.append(taken)
        return taken

    def mark(self) -> int:
        """This place, for `held`."""
        return len(self._held)

    def hold(self, before: str = "") -> None:
        """From now on remember what is taken, in case it turns out to be text."""
        self._held = [before] if before else []

    def held(self, start: int = 0, end: int | None = None) -> str:
        """What was taken since `hold`, or between two marks, as the model wrote it."""
        return self.plain("".join(self._held[start:end]))

    def forget(self, end: int) -> None:
        """Hold only what was taken after this mark, which becomes the first."""
        del self._held[:end]


class ReadingScanner:
    """Runs a family's generator on the lexemes of one answer."""

    def __init__(
        self,
        source: Source,
        read: Callable[[Source], Reading[None]],
        *,
        may_reason: bool = False,
    ) -> None:
        self.may_reason = may_reason
        self._source = source
        self._steps = read(source)

    @property
    def is_reasoning(self) -> bool:
        return self._source.is_reasoning

    def feed(self, lexeme: Lexeme) -> list[Piece]:
        self._source.put(lexeme)
        return self._run()

    def finish(self, *, is_cut: bool) -> list[Piece]:
        self._source.is_ended, self._source.is_cut = True, is_cut
        return self._run()

    def _run(self) -> list[Piece]:
        pieces: list[Piece] = []
        for step in self._steps:
            if step is None:
                break
            pieces.append(step)
        return pieces


# ── what readings are made of ─────────────────────────────────────────────────────────────────


def more(source: Source) -> Reading[bool]:
    """Wait for something that was not taken yet; False where nothing comes any more."""
    while source.at == len(source.text):
        if source.is_ended:
            return False
        yield None
    return True


def following(source: Source) -> Reading[str]:
    """Take blanks; the character behind them, which is not taken, or "" at the end."""
    while (yield from more(source)):
        blank = _BLANK.match(source.text, source.at)
        if blank and blank.end() > source.at:
            source.take(blank.end() - source.at)
        else:
            return source.text[source.at]
    return ""


def expected(source: Source, characters: str) -> Reading[str]:
    """Take blanks and then one of these characters. Raises `Malformed` or `Incomplete`."""
    character = yield from following(source)
    if not character:
        raise Incomplete
    if character not in characters:
        raise Malformed
    return source.take(1)


def until(source: Source, stop: re.Pattern[str], limit: int | None = None) -> Reading[str]:
    """Take what stands before the first character that `stop` matches, raw.

    Raises `Incomplete` where none comes, `Malformed` beyond `limit` characters.
    """
    parts: list[str] = []
    length = 0
    while (yield from more(source)):
        found = stop.search(source.text, source.at)
        end = found.start() if found else len(source.text)
        length += end - source.at
        if limit is not None and length > limit:
            raise Malformed
        parts.append(source.take(end - source.at))
        if found:
            return "".join(parts)
    raise Incomplete


def word(source: Source, text: str) -> Reading[None]:
    """Take exactly this. Raises `Malformed` or `Incomplete`."""
    for character in text:
        if not (yield from more(source)):
            raise Incomplete
        if source.text[source.at] != character:
            raise Malformed
        source.take(1)


def json_value(source: Source, *, is_streamed: bool = False) -> Reading[str]:
    """Take one JSON value: its text as the model wrote it.

    `is_streamed`: told as arguments while it comes. Raises `Malformed` at the first character that
    is wrong, `Incomplete` where the answer ends before the value.
    """
    yield from following(source)
    scanner = JsonScanner()
    parts: list[str] = []
    while not scanner.is_complete:
        if not (yield from more(source)):
            scanner.end()
            if not scanner.is_complete:
                raise Incomplete
            break
        end = scanner.feed(source.text, source.at)
        part = source.plain(source.take(end - source.at))
        if part:
            parts.append(part)
            if is_streamed:
                yield CallArguments(part)
        if scanner.is_wrong:
            raise Malformed
    return "".join(parts)
