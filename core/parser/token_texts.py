"""What a single token adds to the text, as bytes: it may be a part of a character."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

Spelling = Literal[
    "byte_level",  # each byte is a printable character (GPT-2 and most of its heirs)
    "sentencepiece",  # blanks are U+2581, bytes outside the vocabulary are <0xE2>
    "plain",  # as it is decoded
]

_BLANK = "\u2581"
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class TokenTexts:
    """The bytes of each id of a vocabulary, found when they are asked for.

    `spell` gives the entry of the vocabulary, None for an id that it does not have; `specials` are
    the added tokens by id, which are spelled as they read. The bytes of the tokens of an answer
    join to its text, but for a blank that some decoders drop where a text begins.
    """

    def __init__(
        self,
        spell: Callable[[int], str | None],
        specials: Mapping[int, str],
        spelling: Spelling,
    ) -> None:
        self._spell = spell
        self._specials = specials
        self._spelling: Spelling = spelling
        self._known: dict[int, bytes] = {}
        self._bytes = _byte_of_character() if spelling == "byte_level" else {}

    def raw(self, token: int) -> bytes:
        """b"" for an id that is no token: models have room for more than their vocabulary."""
        known = self._known.get(token)
        if known is None:
            known = self._known[token] = self._find(token)
        return known

    def _find(self, token: int) -> bytes:
        if token in self._specials:
            return self._specials[token].encode()
        spelled = self._spell(token)
        if spelled is None:
            return b""
        match self._spelling:
            case "byte_level" if all(character in self._bytes for character in spelled):
                return bytes(self._bytes[character] for character in spelled)
            case "sentencepiece":
                byte = _BYTE.fullmatch(spelled)
                if byte is not None:
                    return bytes.fromhex(byte[1])
                return spelled.replace(_BLANK, " ").encode()
            case _:
                return spelled.encode()


def _byte_of_character() -> dict[str, int]:
    """Printable Latin-1 characters stand for themselves, the other bytes for U+0100 and on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    rest = (byte for byte in range(256) if byte not in printable)
    shifted = {chr(0x100 + number): byte for number, byte in enumerate(rest)}
    return {chr(byte): byte for byte in printable} | shifted
