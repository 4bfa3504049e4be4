"""Token ids to text and markers: what is text, and what the model's own syntax."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from llmx.core.parser.detokenize import Decode, Detokenizer


@dataclass(frozen=True, slots=True)
class Marker:
    """The begin or the end of a block, as `<tool_call>`; never a part of one."""

    text: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """Of a marker, which the end of the answer cut; or text that looks like it. Comes last."""

    text: str


Lexeme = str | Marker | Beginning


class Lexer:
    """Finds the markers of an answer, in whatever pieces its tokens come.

    A marker that is one token of this model is known by its id alone: the same characters spelled
    in ordinary tokens are text. A marker that is none is found in the text, and the end of the text
    that may still become one is held back.

    `specials` are the tokens with a text of their own (added tokens), by id; it may grow. `markers`
    are the texts of all markers that are looked for.
    """

    def __init__(
        self, decode: Decode, specials: Mapping[int, str], markers: Collection[str]
    ) -> None:
        self._ids = Detokenizer(decode)
        self._specials = specials
        self._markers = frozenset(markers)
        spelled = sorted(self._markers - frozenset(specials.values()), key=len, reverse=True)
        self._search = re.compile("|".join(map(re.escape, spelled))).search if spelled else None
        self._beginnings = frozenset(m[:end] for m in spelled for end in range(1, len(m)))
        self._longest = max(map(len, self._beginnings), default=0)
        self._firsts = re.compile("|".join({re.escape(marker[0]) for marker in spelled}) or "$.")
        self._held = ""  # a proper beginning of a spelled marker, or ""

    def add(self, ids: Sequence[int]) -> list[Lexeme]:
        """What is certain after these ids."""
        if not self._markers:
            text = self._ids.add(ids)
            return [text] if text else []
        lexemes: list[Lexeme] = []
        start = 0
        for at, token in enumerate(ids):
            marker = self._specials.get(token)
            if marker in self._markers:
                self._text(lexemes, self._ids.add(ids[start:at]))
                self._special(lexemes, token, marker)
                start = at + 1
        if start < len(ids):
            self._text(lexemes, self._ids.add(ids[start:]))
        return lexemes

    def finish(self) -> list[Lexeme]:
        """What was held back; no marker can become complete any more."""
        lexemes: list[Lexeme] = []
        self._text(lexemes, self._ids.finish())
        if self._held:
            lexemes.append(Beginning(self._held))
            self._held = ""
        return lexemes

    def _special(self, lexemes: list[Lexeme], token: int, marker: str) -> None:
        # The token stays in the detokenizer: some decoders drop a blank where a text begins.
        before = self._ids.add((token,)).removesuffix(marker)
        self._text(lexemes, before)
        self._release(lexemes)
        lexemes.append(Marker(marker))

    def _release(self, lexemes: list[Lexeme]) -> None:
        if self._held:
            lexemes.append(self._held)
            self._held = ""

    def _text(self, lexemes: list[Lexeme], text: str) -> None:
        if not text:
            return
        if self._search is None:
            lexemes.append(text)
            return
        text = self._held + text
        start = 0
        while found := self._search(text, start):
            if found.start() > start:
                lexemes.append(text[start : found.start()])
            lexemes.append(Marker(found.group()))
            start = found.end()
        end = self._certain(text, start)
        if end > start:
            lexemes.append(text[start:end])
        self._held = text[end:]

    def _certain(self, text: str, start: int) -> int:
        """Where the longest end of `text[start:]` begins that is a proper beginning of a marker."""
        tail = max(start, len(text) - self._longest)
        while found := self._firsts.search(text, tail):
            if text[found.start() :] in self._beginnings:
                return found.start()
            tail = found.end()
        return len(text)
