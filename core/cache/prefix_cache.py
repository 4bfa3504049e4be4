"""The prefix cache: longest stored prefix of a prompt, restored as a private state.

One budget in bytes covers what is stored and what running requests hold. It owns no thread: the
MLX thread calls it, and nothing else does. `NoCache` is its honest twin for `--no-cache` and for
models whose state cannot be stored.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import mlx.core as mx
from mlx_lm.models.cache import KVCache

from llmx.core.cache.records import Segment, StateMismatch, cut, join, verify
from llmx.core.index.ghosts import Ghosts
from llmx.core.index.radix import Match, Radix
from llmx.core.index.tokens import TOKEN_BYTES, token_count
from llmx.core.types import CacheEntry, CacheStats, MissReason

log = logging.getLogger(__name__)

_CLEAR_POOL_BYTES = 64 << 20  # evicting that much: give it back to the system, not to MLX's pool


@dataclass(frozen=True, slots=True)
class Hit:
    """`state` holds exactly the first `tokens` tokens of the prompt; None where tokens is 0."""

    tokens: int
    shared: int  # leading tokens equal to something stored
    state: list[Any] | None
    reason: MissReason | None  # why the rest is computed; None: only new tokens remained


@dataclass(frozen=True, slots=True)
class Stored:
    """The tokens [start, end) of the key were added."""

    start: int
    end: int


class PrefixCache(Protocol):
    """One lookup, one way in. Keys are packed tokens (`index.tokens.pack`)."""

    def match(self, key: bytes, *, bypass: bool = False) -> Hit:
        """The longest stored prefix, at most one token short of the key: decoding needs one.

        `bypass` restores nothing, and is counted as such.
        """
        ...

    def touch(self, key: bytes) -> None:
        """Mark what `key` shares as just used, so that it is the last to go."""
        ...

    def insert(self, key: bytes, state: Sequence[Any]) -> Stored:
        """Copy the part of `key` that is not stored yet out of `state`, which holds all of it."""
        ...

    def make_room(self, running_bytes: int) -> bool:
        """Evict until stored and running bytes are within the budget; False: impossible."""
        ...

    def clear(self) -> int: ...

    def entries(self, limit: int) -> list[CacheEntry]: ...

    def stats(self, running_bytes: int) -> CacheStats: ...


class RadixCache:
    """Segments of KV rows on the edges of a radix tree, evicted least recently used first."""

    def __init__(self, budget_bytes: int, token_bytes: int) -> None:
        self._budget = budget_bytes
        self._token_bytes = token_bytes
        self._radix: Radix[Segment] = Radix()
        self._ghosts = Ghosts()
        self._running = 0
        self._count = _Counters()

    def match(self, key: bytes, *, bypass: bool = False) -> Hit:
        total = token_count(key)
        if bypass:
            self._count.lookup(total, 0, "bypass")
            return Hit(0, 0, None, "bypass")
        found = self._radix.match(key)
        length = max(0, min(found.tokens, total - 1))
        reason = self._reason(key, found)
        state: list[KVCache] | None = None
        if length > 0:
            try:
                state = join([node.payload for node in found.path], length)
            except StateMismatch:
                # A damaged record must not serve anybody: it goes, with all that hangs on it.
                self._radix.discard(found.path[0])
                length, reason = 0, "verify_failed"
        self._count.lookup(total, length, reason)
        return Hit(length, found.tokens, state, reason)

    def touch(self, key: bytes) -> None:
        self._radix.match(key)

    def insert(self, key: bytes, state: Sequence[Any]) -> Stored:
        total = token_count(key)
        found = self._radix.match(key)
        if found.tokens == total:
            return Stored(total, total)
        try:
            verify(state, total)  # a key one token short would be a silent off-by-one for ever
        except StateMismatch as mismatch:
            log.error("not stored: %s", mismatch)
            self._count.not_stored["state_mismatch"] += 1
            return Stored(found.tokens, found.tokens)
        path_bytes = sum(node.nbytes for node in found.path)
        free = self._budget - self._running - path_bytes
        end = min(total, found.tokens + max(0, free) // self._token_bytes)
        if end < total:
            self._count.not_stored["budget"] += 1
        if end <= found.tokens:
            return Stored(found.tokens, found.tokens)
        self._evict_to(self._budget - self._running - (end - found.tokens) * self._token_bytes)
        added = self._radix.insert(
            key[: end * TOKEN_BYTES], lambda start, stop: cut(state, start, stop)
        )
        self._count.written += added
        return Stored(end - added, end)

    def make_room(self, running_bytes: int) -> bool:
        if running_bytes > self._budget:
            return False  # it cannot be had: nothing is evicted for it
        self._running = running_bytes
        self._evict_to(self._budget - running_bytes)
        return running_bytes + self._radix.nbytes <= self._budget

    def clear(self) -> int:
        freed = self._radix.clear()
        self._ghosts.clear()
        mx.clear_cache()
        return freed

    def entries(self, limit: int) -> list[CacheEntry]:
        now = time.monotonic()
        listed: list[CacheEntry] = []
        for node in self._radix.newest_first():
            if len(listed) == limit:
                break
            listed.append(
                CacheEntry(
                    id=node.id,
                    parent=node.parent.id if node.parent is not None else None,
                    namespace="",
                    depth=node.start,
                    tokens=node.tokens,
                    nbytes=node.nbytes,
                    state_bytes=0,
                    age_s=now - node.used_at,
                    hits=0,
                    children=len(node.children),
                )
            )
        return listed

    def stats(self, running_bytes: int) -> CacheStats:
        return self._count.stats(
            enabled=True,
            budget_bytes=self._budget,
            stored_bytes=self._radix.nbytes,
            running_bytes=running_bytes,
            segments=len(self._radix),
            stored_tokens=self._radix.tokens,
        )

    def _reason(self, key: bytes, found: Match[Segment]) -> MissReason | None:
        if self._ghosts.match(key) > found.tokens:
            return "evicted"
        if found.tokens == 0:
            return "cold"
        return "diverged" if found.diverged else None

    def _evict_to(self, nbytes: int) -> None:
        freed = 0
        while self._radix.nbytes > max(0, nbytes):
            gone = self._radix.evict()
            if gone is None:
                break
            freed += gone.nbytes
            self._ghosts.add(gone.key)
            self._count.evicted_segments += 1
            self._count.evicted_tokens += gone.tokens
        if freed > _CLEAR_POOL_BYTES:
            mx.clear_cache()


class NoCache:
    """Restores nothing, stores nothing, and counts why. Still holds requests to the budget."""

    def __init__(self, reason: MissReason, budget_bytes: int | None) -> None:
        self._reason: MissReason = reason
        self._budget = budget_bytes
        self._count = _Counters()

    def match(self, key: bytes, *, bypass: bool = False) -> Hit:
        self._count.lookup(token_count(key), 0, self._reason)
        return Hit(0, 0, None, self._reason)

    def touch(self, key: bytes) -> None:
        pass  # nothing is stored

    def insert(self, key: bytes, state: Sequence[Any]) -> Stored:
        self._count.not_stored[self._reason] += 1
        return Stored(0, 0)

    def make_room(self, running_bytes: int) -> bool:
        return self._budget is None or running_bytes <= self._budget

    def clear(self) -> int:
        return 0

    def entries(self, limit: int) -> list[CacheEntry]:
        return []

    def stats(self, running_bytes: int) -> CacheStats:
        return self._count.stats(
            enabled=False,
            budget_bytes=self._budget,
            stored_bytes=0,
            running_bytes=running_bytes,
            segments=0,
            stored_tokens=0,
        )


class _Counters:
    """One event, one counter."""

    def __init__(self) -> None:
        self.lookups = self.hits = self.prompt = self.cached = self.written = 0
        self.evicted_segments = self.evicted_tokens = 0
        self.reasons: Counter[str] = Counter()
        self.not_stored: Counter[str] = Counter()

    def lookup(self, prompt: int, cached: int, reason: MissReason | None) -> None:
        self.lookups += 1
        self.hits += cached > 0
        self.prompt += prompt
        self.cached += cached
        if reason is not None:
            self.reasons[reason] += 1

    def stats(
        self,
        *,
        enabled: bool,
        budget_bytes: int | None,
        stored_bytes: int,
        running_bytes: int,
        segments: int,
        stored_tokens: int,
    ) -> CacheStats:
        return CacheStats(
            enabled=enabled,
            budget_bytes=budget_bytes,
            stored_bytes=stored_bytes,
            running_bytes=running_bytes,
            segments=segments,
            stored_tokens=stored_tokens,
            lookups=self.lookups,
            hits=self.hits,
            prompt_tokens=self.prompt,
            cached_tokens=self.cached,
            written_tokens=self.written,
            evicted_segments=self.evicted_segments,
            evicted_tokens=self.evicted_tokens,
            reasons=dict(self.reasons),
            not_stored=dict(self.not_stored),
        )
