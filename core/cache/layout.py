"""What a model's KV state is made of, and what it costs. Read off the state of a real forward.

mlx-lm names a class per layer; only exact types are trusted, because a subclass or a class of a
model's own may keep what its base does not (`mlx-lm.md`, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlx_lm.models.cache import ArraysCache, CacheList, KVCache, RotatingKVCache

STEP = KVCache.step  # rows: buffers grow by whole steps
_BATCHABLE = (KVCache, RotatingKVCache, ArraysCache)
_STORABLE = (KVCache,)


def leaves(state: Sequence[Any]) -> Iterator[Any]:
    """The single caches of a state, those inside a `CacheList` included."""
    for cache in state:
        if type(cache) is CacheList:
            yield from leaves(cache.caches)
        else:
            yield cache


@dataclass(frozen=True, slots=True)
class StateLayout:
    """Bytes of one row's state, and what can be done with it."""

    token_bytes: int  # grows with every token
    windows: tuple[tuple[int, int], ...]  # (bytes a token, tokens at most)
    fixed_bytes: int  # does not grow
    batchable: bool
    not_storable: str | None  # the class that cannot be stored; None: all can

    @classmethod
    def of(cls, state: Sequence[Any]) -> StateLayout:
        """Read it off a state that has seen at least one token."""
        token_bytes = fixed = 0
        windows: list[tuple[int, int]] = []
        foreign: str | None = None
        for cache in leaves(state):
            if type(cache) is KVCache:
                token_bytes += _row_bytes(cache)
            elif type(cache) is RotatingKVCache:
                windows.append((_row_bytes(cache), cache.max_size))
            elif type(cache) is ArraysCache:
                fixed += cache.nbytes
            else:
                # Assume the most: that it keeps every token.
                token_bytes += max(1, cache.nbytes // STEP)
        for cache in state:  # not its leaves: a list of caches has no record yet
            if type(cache) not in _STORABLE:
                foreign = foreign or type(cache).__name__
        return cls(
            token_bytes=token_bytes,
            windows=tuple(windows),
            fixed_bytes=fixed,
            batchable=all(type(cache) in _BATCHABLE for cache in leaves(state)),
            not_storable=foreign,
        )

    def nbytes(self, tokens: int) -> int:
        """An upper bound of the buffers of one row that holds `tokens` tokens.

        A buffer that is too short grows by whole steps from where it is, so it ends less than one
        step beyond the tokens. A window is as long as what was prefilled in one go at most.
        """
        rows = tokens + STEP
        return (
            rows * self.token_bytes
            + sum(min(rows, size + STEP) * width for width, size in self.windows)
            + self.fixed_bytes
        )

    def tokens_within(self, nbytes: int) -> int | None:
        """How many tokens one row may hold in `nbytes`; None: any number."""
        if self.token_bytes == 0:
            return None
        windows = sum((size + STEP) * width for width, size in self.windows)
        rows = (nbytes - self.fixed_bytes - windows) // self.token_bytes
        return max(0, rows - STEP)


def _row_bytes(cache: Any) -> int:
    """Bytes that one token takes in keys and values of one layer."""
    keys, values = cache.keys, cache.values
    return (keys.nbytes + values.nbytes) // keys.shape[2]
