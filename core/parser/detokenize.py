"""Token ids to text, piece by piece. Knows no tokenizer: it is given the tokenizer's `decode`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Decode = Callable[[Sequence[int]], str]

REPLACEMENT = "\ufffd"  # how a decoder shows bytes that are not, or not yet, a character
HELD = 3  # a character has at most 4 bytes, so at most 3 U+FFFD can still turn into one
TAIL = 16  # tokens that are sure to cover the held characters: each has at most 3 bytes


class Detokenizer:
    """Text of a growing list of ids, each character handed out once, as soon as it is certain.

    The text of an id depends on its neighbours (a character may span tokens, a decoder may drop
    the first blank), so a window of the last ids is decoded, not single ids:

        ids      … a  b │ c  d  e │ f
                        │         └ new ids: add() decodes c … f
                        └ the window starts at the ids of the addition before the last,
                          `sent` characters of its text have been handed out

    The window is two additions long whatever the length of the whole, so the cost of an id does
    not grow. `decode` must leave out special tokens and must not clean up blanks.
    For a byte-level tokenizer the pieces join to exactly `decode(all ids)`.
    """

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._window: list[int] = []
        self._read = 0  # ids of the window whose text was complete at an earlier addition
        self._sent = 0  # characters of the window's text that were handed out

    def add(self, ids: Sequence[int]) -> str:
        """The text that is certain after these ids; "" while a character is incomplete."""
        before = len(self._window)
        self._window.extend(ids)
        text = self._decode(self._window)
        if text.endswith(REPLACEMENT):
            return self._add_incomplete(text)
        if len(text) <= self._sent:  # special tokens only: keep the ids that gave the last text
            del self._window[before:]
            return ""
        piece = text[self._sent :]
        self._window = self._window[self._read :]
        self._read = len(self._window)
        self._sent = len(self._decode(self._window))
        return piece

    def finish(self) -> str:
        """What was held back; the detokenizer is empty afterwards."""
        piece = self._decode(self._window)[self._sent :]
        self._window, self._read, self._sent = [], 0, 0
        return piece

    def _add_incomplete(self, text: str) -> str:
        """Hand out all but the U+FFFD at the end that later bytes could complete."""
        certain = max(self._sent, len(text) - HELD, len(text.rstrip(REPLACEMENT)))
        piece = text[self._sent : certain]
        self._sent = certain
        if len(self._window) > 2 * TAIL:  # a model that emits broken bytes without end
            self._cut(held=len(text) - certain)
        return piece

    def _cut(self, held: int) -> None:
        """Shorten the window to its last ids, of which `held` characters are still to be sent."""
        self._window = self._window[-TAIL:]
        self._read = 0
        self._sent = max(0, len(self._decode(self._window)) - held)
