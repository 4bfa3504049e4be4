"""Compiled grammars, and which of them are remembered.

Copies of one `LLMatcher` share a lexer. What a walk finds out stays in it for the next one: so
grammars are remembered, they grow with use, and a limit that one walk meets is met by every other
one from then on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

# The lexer's limits are chosen. `step_lexer_fuel`: at the usual tenth of it, patterns that people
# write meet it; at ten times as much, a pattern can hold the MLX thread for seconds and 460 MB.
# `max_lexer_states`: about one for each character of a text with a `maxLength`, 260 bytes each.
LIMITS = LLParserLimits(
    verbose_errors=False,  # errors go to clients: no parser state in them
    step_lexer_fuel=2_000_000,
    max_lexer_states=500_000,
)
_REMEMBERED_BYTES = 128 << 20
# What a grammar is taken to hold: measured, generously, with texts of all kinds.
_BYTES_PER_CHARACTER = 64  # of its own text
_BYTES_PER_TOKEN = 1 << 10  # that was drawn under it
_WORN = 16_384  # tokens: then it is compiled anew, so that lexers do not grow for ever


class Grammar:
    """One compiled grammar. Thread-safe."""

    def __init__(self, tokenizer: LLTokenizer, text: str) -> None:
        """Whether it could be compiled, its first copy tells."""
        self.text = text
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._matcher = self._compiled()
        self._is_spoiled = False
        self._tokens = 0

    @property
    def nbytes(self) -> int:
        """An estimate: llguidance does not tell."""
        return len(self.text) * _BYTES_PER_CHARACTER + self._tokens * _BYTES_PER_TOKEN

    @property
    def is_usable(self) -> bool:
        """Whether new requests should be held to it, or rather to one that is compiled anew."""
        return not self._is_spoiled and self._tokens < _WORN

    def matcher(self) -> LLMatcher:
        """At its beginning, the caller's own. Where a walk has met a limit, of a new lexer."""
        with self._lock:
            if self._is_spoiled:
                self._matcher = self._compiled()
                self._is_spoiled = False
                self._tokens = 0
            return self._matcher.deep_copy()

    def walked(self, tokens: int) -> None:
        with self._lock:
            self._tokens += tokens

    def spoiled(self) -> None:
        """A walk has met a limit: every copy that there is now will meet it."""
        with self._lock:
            self._is_spoiled = True

    def _compiled(self) -> LLMatcher:
        return LLMatcher(self._tokenizer, self.text, log_level=0, limits=LIMITS)


class Grammars:
    """The grammars that were used last, as many as fit. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Grammar] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, text: str) -> Grammar | None:
        with self._lock:
            known = self._known.get(text)
            if known is not None and not known.is_usable:
                del self._known[text]
                return None
            if known is not None:
                self._known.move_to_end(text)
            return known

    def add(self, grammar: Grammar) -> None:
        with self._lock:
            self._known[grammar.text] = grammar
            for text in [text for text, one in self._known.items() if not one.is_usable]:
                del self._known[text]
            held = sum(one.nbytes for one in self._known.values())
            while held > _REMEMBERED_BYTES and len(self._known) > 1:
                held -= self._known.popitem(last=False)[1].nbytes
