"""What was stored once and had to go: tokens without payload, so that a miss can say `evicted`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from llmx.core.index.radix import Radix
from llmx.core.index.tokens import TOKEN_BYTES, token_count

_DEFAULT_TOKENS = 1_000_000  # 4 MB: about a hundred agent prompts


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The payload of a ghost: only its tokens cost memory."""

    tokens: int

    @property
    def nbytes(self) -> int:
        return self.tokens * TOKEN_BYTES

    def split(self, at: int) -> tuple[Self, Self]:
        return type(self)(at), type(self)(self.tokens - at)


class Ghosts:
    """A bounded memory of evicted prefixes, least recently evicted forgotten first."""

    def __init__(self, max_tokens: int = _DEFAULT_TOKENS) -> None:
        self._max_tokens = max_tokens
        self._radix: Radix[_Nothing] = Radix()

    def add(self, key: bytes) -> None:
        if token_count(key) > self._max_tokens:
            return
        self._radix.insert(key, lambda start, end: _Nothing(end - start))
        while self._radix.tokens > self._max_tokens:
            self._radix.evict()

    def match(self, key: bytes) -> int:
        """How many leading tokens of `key` were once stored, still stored ones included."""
        return self._radix.match(key, touch=False).tokens

    def clear(self) -> None:
        self._radix.clear()
