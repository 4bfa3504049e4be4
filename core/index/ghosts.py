"""What was stored once and had to go: tokens without payload, so that a miss can say why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from llmx.core.index.radix import Anchor, Radix
from llmx.core.index.tokens import TOKEN_BYTES, token_count

_DEFAULT_TOKENS = 1_000_000  # 4 MB: about a hundred agent prompts
_NODE_TOKENS = 128  # what a node weighs beside its tokens, as if it were tokens: 512 bytes

Cause = Literal["evicted", "expired", "verify_failed", "not_stored_policy", "aligned_down"]


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The payload of a ghost: only its tokens cost memory."""

    tokens: int
    cause: Cause

    @property
    def nbytes(self) -> int:
        return self.tokens * TOKEN_BYTES

    def split(self, at: int) -> tuple[Self, Self]:
        return type(self)(at, self.cause), type(self)(self.tokens - at, self.cause)

    def join(self, rest: Self) -> Self:
        return type(self)(self.tokens + rest.tokens, rest.cause)


class Ghosts:
    """A bounded memory of what went, longest gone forgotten first."""

    def __init__(self, max_tokens: int = _DEFAULT_TOKENS) -> None:
        self._max_tokens = max_tokens
        self._radix: Radix[_Nothing, Anchor] = Radix()

    def add(self, key: bytes, space: str, cause: Cause) -> None:
        if token_count(key) > self._max_tokens:
            return
        if self._radix.insert(key, lambda start, end: _Nothing(end - start, cause), space) == 0:
            known = self._radix.end_at(key, space)
            if known is not None:  # it went once more: the latest time counts
                known.payload = _Nothing(known.tokens, cause)
                self._radix.stored(self._radix.path_to(known))
        while self._radix.tokens + _NODE_TOKENS * len(self._radix) > self._max_tokens:
            self._radix.evict()

    def match(self, key: bytes, space: str) -> tuple[int, Cause | None]:
        """How many leading tokens of `key` were once stored, and why the last of them went.

        Those that are stored still count too.
        """
        found = self._radix.match(key, space)
        return found.tokens, found.path[-1].payload.cause if found.path else None

    def clear(self) -> None:
        self._radix.clear()
