"""One adapter per cache class: what is stored of a layer's state, and the way back.

| adapter     | class              | rows it owns              | valid                            |
|-------------|--------------------|---------------------------|----------------------------------|
| `KVLeaf`    | `KVCache`          | keys, values              | for any length up to its end     |
| `QuantLeaf` | `QuantizedKVCache` | packed, scales, biases x2 | for any length up to its end     |
| `WindowLeaf`| `RotatingKVCache`  | keys, values, last tokens | where the whole window is there  |
| `StateLeaf` | `ArraysCache`      | none: copies of all arrays| at exactly one position          |

Only exact types are trusted: a subclass, or a class of a model's own, may keep what its base does
not (`mlx-lm.md`, section 3). An adapter is made from the state of a real forward and remembers its
shapes, so that a record or a restored state that differs from them is refused.

Stored arrays are contiguous copies, evaluated, and never written to. Runs on the MLX thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import (
    ArraysCache,
    CacheList,
    KVCache,
    QuantizedKVCache,
    RotatingKVCache,
)

STEP = KVCache.step  # rows: buffers grow by whole steps
QUANTIZATION_GROUP = 32  # values that share a scale: divides the head width of every known model


class StateMismatch(Exception):
    """A state or a record does not have the shape it must have."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive tokens of one layer: arrays [1, heads, tokens, width]."""

    arrays: tuple[mx.array, ...]

    @property
    def tokens(self) -> int:
        return self.arrays[0].shape[2]

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays)

    def copy(self, start: int, end: int) -> Rows:
        """Lazy copies of tokens [start, end); plain slices would keep the whole buffers alive."""
        return Rows(tuple(copied(array[..., start:end, :]) for array in self.arrays))


def copied(array: mx.array) -> mx.array:
    """The same values in a buffer of their own, lazily.

    `mx.contiguous` shares the buffer where a slice is contiguous already (one KV head) and the
    buffer is at most 16 KiB larger: small records then held several times what was counted.
    """
    return mx.where(True, array, array)


@dataclass(frozen=True, slots=True)
class RowShape:
    """What each of the arrays of a `Rows` must look like: (heads, width, dtype)."""

    arrays: tuple[tuple[int, int, mx.Dtype], ...]

    @classmethod
    def of(cls, arrays: Sequence[mx.array]) -> RowShape:
        return cls(tuple((a.shape[1], a.shape[3], a.dtype) for a in arrays))

    @property
    def token_bytes(self) -> int:
        return sum(heads * width * dtype.size for heads, width, dtype in self.arrays)

    def empty(self) -> Rows:
        return Rows(tuple(mx.zeros((1, h, 0, width), dtype) for h, width, dtype in self.arrays))

    def check(self, arrays: Sequence[mx.array], tokens: int) -> None:
        """Raise `StateMismatch` unless these are `tokens` rows of this shape."""
        if len(arrays) != len(self.arrays):
            raise StateMismatch(f"{len(arrays)} arrays, wanted {len(self.arrays)}")
        for array, (heads, width, dtype) in zip(arrays, self.arrays, strict=True):
            wanted = (1, heads, tokens, width)
            if array.shape != wanted or array.dtype != dtype:
                raise StateMismatch(f"{array.dtype} {array.shape}, wanted {dtype} {wanted}")


class KVLeaf:
    """Keys and values of every token."""

    def __init__(self, probe: Any) -> None:
        self.shape = RowShape.of((probe.keys, probe.values))

    def rows(self, cache: Any) -> Rows:
        """The tokens that it holds, as views."""
        return Rows((cache.keys, cache.values))

    def restore(self, rows: Sequence[Rows], length: int, capacity: int) -> KVCache:
        cache: Any = KVCache()
        cache.keys, cache.values = joined(rows, length, capacity)
        cache.offset = length
        return cache

    def check(self, cache: Any, length: int) -> None:
        if not _is(KVCache, cache) or cache.keys is None:
            raise StateMismatch(f"an empty or foreign {type(cache).__name__}")
        _check_offset(cache, length)
        _check_capacity(cache.keys.shape[2], length)
        self.shape.check((cache.keys, cache.values), cache.keys.shape[2])


class QuantLeaf:
    """Quantized keys and values of every token: packed words, scales and biases of each."""

    def __init__(self, probe: Any) -> None:
        self.shape = RowShape.of((*probe.keys, *probe.values))
        self._group_size, self._bits = probe.group_size, probe.bits

    def rows(self, cache: Any) -> Rows:
        return Rows((*cache.keys, *cache.values))

    def restore(self, rows: Sequence[Rows], length: int, capacity: int) -> QuantizedKVCache:
        cache: Any = QuantizedKVCache(self._group_size, self._bits)
        arrays = joined(rows, length, capacity)
        half = len(arrays) // 2
        cache.keys, cache.values = arrays[:half], arrays[half:]
        cache.offset = length
        return cache

    def check(self, cache: Any, length: int) -> None:
        if not _is(QuantizedKVCache, cache) or cache.keys is None:
            raise StateMismatch(f"an empty or foreign {type(cache).__name__}")
        if (cache.group_size, cache.bits) != (self._group_size, self._bits):
            raise StateMismatch(f"quantized to {cache.bits} bits by {cache.group_size}")
        _check_offset(cache, length)
        _check_capacity(cache.keys[0].shape[2], length)
        self.shape.check((*cache.keys, *cache.values), cache.keys[0].shape[2])


class WindowLeaf:
    """Keys and values of the last tokens; valid where min(window, position) of them are there."""

    def __init__(self, probe: Any) -> None:
        self.shape = RowShape.of((probe.keys, probe.values))
        self.window = probe.max_size

    def rows(self, cache: Any) -> Rows:
        """The last min(window, offset) tokens in their order, as views."""
        arrays = [cache._temporal_order(array) for array in (cache.keys, cache.values)]
        held = min(self.window, cache.offset, arrays[0].shape[2])
        return Rows(tuple(array[..., array.shape[2] - held :, :] for array in arrays))

    def restore(self, rows: Sequence[Rows], length: int) -> RotatingKVCache:
        """`rows` in their order, at least the window's; the last min(window, length) are taken."""
        held = min(self.window, length)
        cache: Any = RotatingKVCache(self.window)
        if held == 0:
            return cache
        cache.keys, cache.values = (
            copied(array[..., array.shape[2] - held :, :])
            for array in joined(rows, sum(part.tokens for part in rows), 0)
        )
        cache.offset, cache._idx = length, held
        return cache

    def check(self, cache: Any, length: int) -> None:
        if not _is(RotatingKVCache, cache) or cache.keys is None:
            raise StateMismatch(f"an empty or foreign {type(cache).__name__}")
        if (cache.max_size, cache.keep) != (self.window, 0):
            raise StateMismatch(f"a window of {cache.max_size} that keeps {cache.keep}")
        _check_offset(cache, length)
        held = self.rows(cache)
        self.shape.check(held.arrays, min(self.window, length))


class StateLeaf:
    """A recurrent state: nothing of it can be cut or joined."""

    def __init__(self, probe: Any) -> None:
        self.shapes = tuple((array.shape, array.dtype) for array in probe.cache)

    @property
    def nbytes(self) -> int:
        return sum(_size(shape) * dtype.size for shape, dtype in self.shapes)

    def copies(self, cache: Any) -> tuple[mx.array, ...]:
        """Lazy copies: a row of a batch would keep the whole batch alive."""
        return tuple(copied(array) for array in cache.cache)

    def restore(self, arrays: Sequence[mx.array] | None) -> ArraysCache:
        """None: an empty one."""
        cache: Any = ArraysCache(len(self.shapes))
        if arrays is not None:
            cache.cache = [array[...] for array in arrays]  # new handles: see `_joined`
        return cache

    def check(self, cache: Any, length: int) -> None:
        if not _is(ArraysCache, cache) or any(array is None for array in cache.cache):
            raise StateMismatch(f"an empty or foreign {type(cache).__name__}")
        self.check_arrays(cache.cache)

    def check_arrays(self, arrays: Sequence[mx.array]) -> None:
        found = tuple((array.shape, array.dtype) for array in arrays)
        if found != self.shapes:
            raise StateMismatch(f"a state of {found}, wanted {self.shapes}")


Leaf = KVLeaf | QuantLeaf | WindowLeaf | StateLeaf


def leaves(state: Sequence[Any]) -> Iterator[Any]:
    """The single caches of a state, those inside a `CacheList` included."""
    for cache in state:
        if type(cache) is CacheList:
            yield from leaves(cache.caches)
        else:
            yield cache


def rebuilt(shape_of: Sequence[Any], caches: Iterator[Any]) -> list[Any]:
    """`caches` in the arrangement of `shape_of`: as a list, with its `CacheList`s."""
    return [
        CacheList(*rebuilt(cache.caches, caches)) if type(cache) is CacheList else next(caches)
        for cache in shape_of
    ]


def quantizing(state: Sequence[Any], bits: int) -> list[Any]:
    """An empty state whose plain keys and values are quantized as they come; the rest as it was."""
    return [
        CacheList(*quantizing(cache.caches, bits))
        if type(cache) is CacheList
        else QuantizedKVCache(QUANTIZATION_GROUP, bits)
        if type(cache) is KVCache
        else cache
        for cache in state
    ]


def leaf_of(cache: Any) -> Leaf | None:
    """The adapter of a cache that has seen a token; None: it cannot be stored."""
    if type(cache) is KVCache:
        return KVLeaf(cache)
    if type(cache) is QuantizedKVCache:
        return QuantLeaf(cache)
    if type(cache) is RotatingKVCache and cache.keep == 0:
        return WindowLeaf(cache)  # merging loses what `keep` says (mlx-lm.md, defect 12)
    if type(cache) is ArraysCache and all(array is not None for array in cache.cache):
        return StateLeaf(cache)
    return None


def joined(rows: Sequence[Rows], length: int, capacity: int) -> tuple[mx.array, ...]:
    """The first `length` tokens of `rows`, in buffers of at least `capacity`; lazy, in one copy."""
    return tuple(
        _joined([part.arrays[index] for part in rows], length, capacity)
        for index in range(len(rows[0].arrays))
    )


def _joined(arrays: list[mx.array], length: int, capacity: int) -> mx.array:
    held = sum(array.shape[2] for array in arrays)
    if held > length:
        last = arrays[-1]
        arrays = [*arrays[:-1], last[..., : last.shape[2] - (held - length), :]]
    if capacity > length:
        batch, heads, _, width = arrays[0].shape
        spare = mx.zeros((batch, heads, capacity - length, width), arrays[0].dtype)
        return mx.concatenate([*arrays, spare], axis=2)
    if len(arrays) > 1:
        return mx.concatenate(arrays, axis=2)
    # A new handle on the same buffer: `x[...] = y` changes the handle it is called on, so a stored
    # one must not leave this package, but it copies a buffer that somebody else still holds.
    return copied(arrays[0]) if held > length else arrays[0][...]


def _is(kind: type, cache: Any) -> bool:
    """Exactly, and without a type checker believing that mlx-lm's fields are None."""
    return type(cache) is kind


def _check_offset(cache: Any, length: int) -> None:
    if cache.offset != length:
        raise StateMismatch(f"the offset {cache.offset}, wanted {length}")


def _check_capacity(rows: int, length: int) -> None:
    if rows < length:
        raise StateMismatch(f"{rows} rows, wanted {length}")


def _size(shape: Sequence[int]) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size
