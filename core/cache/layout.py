"""What a model's KV state is made of, and what it costs. Read off the state of a real forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlx_lm.models.cache import ArraysCache, KVCache, QuantizedKVCache, RotatingKVCache

from llmx.core.cache.leaves import (
    STEP,
    KVLeaf,
    Leaf,
    QuantLeaf,
    StateLeaf,
    WindowLeaf,
    leaf_of,
    leaves,
)

_BATCHABLE = (KVCache, RotatingKVCache, ArraysCache)


@dataclass(frozen=True, slots=True)
class StateLayout:
    """Bytes of one row's state, and what can be done with it."""

    token_bytes: int  # grows with every token
    windows: tuple[tuple[int, int], ...]  # (bytes a token, tokens at most)
    fixed_bytes: int  # does not grow
    chunk: int  # tokens that are prefilled in one go at most
    batchable: bool
    lossy: bool  # the state is quantized: it is not what was computed
    not_storable: str | None  # the class that cannot be stored; None: all can
    leaves: tuple[Leaf, ...]  # an adapter per cache, empty where not storable

    @classmethod
    def of(cls, state: Sequence[Any], chunk: int) -> StateLayout:
        """Read it off a state that has seen at least one token."""
        token_bytes = fixed = 0
        windows: list[tuple[int, int]] = []
        foreign: str | None = None
        adapters: list[Leaf] = []
        for cache in leaves(state):
            leaf = leaf_of(cache)
            match leaf:
                case KVLeaf() | QuantLeaf():
                    token_bytes += leaf.shape.token_bytes
                case WindowLeaf():
                    windows.append((leaf.shape.token_bytes, leaf.window))
                case StateLeaf():
                    fixed += leaf.nbytes
                case None:
                    foreign = foreign or type(cache).__name__
                    # Assume the most: that it keeps every token.
                    token_bytes += max(1, cache.nbytes // STEP)
            if leaf is not None:
                adapters.append(leaf)
        return cls(
            token_bytes=token_bytes,
            windows=tuple(windows),
            fixed_bytes=fixed,
            chunk=chunk,
            batchable=all(type(cache) in _BATCHABLE for cache in leaves(state)),
            lossy=any(type(cache) is QuantizedKVCache for cache in leaves(state)),
            not_storable=foreign,
            leaves=tuple(adapters) if foreign is None else (),
        )

    def untrusted(self, name: str) -> StateLayout:
        """The layout of a model whose state is more than its cache classes say."""
        return replace(self, batchable=False, not_storable=name, leaves=())

    @property
    def anchored(self) -> bool:
        """Some layer's state is valid at certain positions only."""
        return bool(self.windows) or self.fixed_bytes > 0

    def nbytes(self, tokens: int) -> int:
        """An upper bound of the buffers of one row that holds `tokens` tokens.

        A buffer that is too short grows by whole steps from where it is, so it ends less than one
        step beyond the tokens. A window holds what was prefilled in one go besides.
        """
        rows = tokens + STEP
        return (
            rows * self.token_bytes
            + sum(min(rows, size + self.chunk) * width for width, size in self.windows)
            + self.fixed_bytes
        )

    def record_bytes(self, start: int, end: int) -> int:
        """An upper bound of what storing the tokens [start, end) of a sequence takes.

        With what is valid at `end` only, which may reach back beyond `start`.
        """
        return (
            (end - start) * self.token_bytes
            + sum(min(end, size) * width for width, size in self.windows)
            + self.fixed_bytes
        )

    def tokens_within(self, nbytes: int) -> int | None:
        """How many tokens one row may hold in `nbytes`; None: any number."""
        if self.nbytes(0) > nbytes:
            return 0
        largest = max((size + self.chunk for _, size in self.windows), default=0)
        if self.token_bytes == 0 and self.nbytes(largest) <= nbytes:
            return None
        low, high = 0, max(largest, nbytes // max(1, self.token_bytes)) + 1
        while high - low > 1:  # nbytes() grows with the tokens
            middle = (low + high) // 2
            low, high = (middle, high) if self.nbytes(middle) <= nbytes else (low, middle)
        return low
