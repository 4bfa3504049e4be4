"""Which of the tokens that were drawn make the visible text.

A parser tells tokens with some delta: those of reasoning, of markers and of calls among them, those
of a text that is held back before it, never after it. Here each is put to the bytes of the text
that it added, and what added none is left out: the bytes of all that are told join to the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmx.core.types import Json, TokenLogprob
from llmx.core.wire.chat_logprobs import logprobs_body


class VisibleTokens:
    """Of one answer. Feed it all deltas in order."""

    def __init__(self) -> None:
        self._waiting: list[TokenLogprob] = []  # not told, and not known to be hidden
        self._text = b""  # visible, and not covered by a token yet
        self._is_behind_hidden = False  # what waits may begin with tokens that are not visible

    def hide(self, tokens: Sequence[TokenLogprob] = ()) -> None:
        """These came with something else than text, and so may others before the next text."""
        self._waiting += tokens
        self._is_behind_hidden = True

    def show(self, text: str, tokens: Sequence[TokenLogprob]) -> list[Json]:
        """The entries of the tokens that are visible as a whole now."""
        self._waiting += tokens
        self._text += text.encode("utf-8", "replace")
        if not self._text:
            return []
        drawn = b"".join(token.raw for token in self._waiting)
        start = self._start(drawn)
        if start < 0:
            return self._replaced(drawn)
        return logprobs_body(self._take(start))

    def rest(self) -> list[Json]:
        """The text is over: the last token may have held more than the text shows."""
        if not self._text or not self._waiting or not self._waiting[0].raw.startswith(self._text):
            self._text = b""
            return []
        cut = _of(self._waiting.pop(0), self._text)
        self._text = b""
        return logprobs_body((cut,))

    def _start(self, drawn: bytes) -> int:
        """Where in what was drawn the text begins; -1: nowhere."""
        if not self._is_behind_hidden and drawn.startswith(self._text):
            return 0
        if drawn.endswith(self._text):
            return len(drawn) - len(self._text)
        return drawn.rfind(self._text) if self._is_behind_hidden else drawn.find(self._text)

    def _take(self, start: int) -> list[TokenLogprob]:
        end, at, count = start + len(self._text), 0, 0
        told: list[TokenLogprob] = []
        covered = start
        for token in self._waiting:
            behind = at + len(token.raw)
            if behind > end:
                break
            if behind > start:
                told.append(_from(token, start - at) if at < start else token)
                covered = behind
            at, count = behind, count + 1
        self._waiting = self._waiting[count:]
        self._text = self._text[covered - start :]
        self._is_behind_hidden = False
        return [token for token in told if token.raw]

    def _replaced(self, drawn: bytes) -> list[Json]:
        """Bytes that are no character are shown as one that says so: the tokens are told as they
        are. What cannot be put to the text otherwise is left out."""
        if not drawn.decode("utf-8", "replace").endswith(self._text.decode("utf-8")):
            return []
        told, self._waiting, self._text = self._waiting, [], b""
        return logprobs_body(token for token in told if token.raw)


def _from(token: TokenLogprob, hidden: int) -> TokenLogprob:
    """The token without its first bytes, which the text does not show."""
    return _of(token, token.raw[hidden:])


def _of(token: TokenLogprob, raw: bytes) -> TokenLogprob:
    return replace(token, token=raw.decode("utf-8", "replace"), raw=raw)
