"""Records: what the tree stores of each layer, and the way from a live state to records and back.

| record   | layers            | valid                                                        |
|----------|-------------------|--------------------------------------------------------------|
| slice    | `KVCache`         | for any length up to its end, where all before it is present |

A window (`RotatingKVCache`) and a checkpoint (`ArraysCache`) will be records that are valid at one
position only: `split` leaves them with the part that keeps their position, and a lookup tells
how far a path of segments can be used. A model with a layer that has no adapter is not stored.

Stored arrays are contiguous copies, evaluated, and never written to. Every function here runs on
the MLX thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import mlx.core as mx
from mlx_lm.models.cache import KVCache


class StateMismatch(Exception):
    """A state or a record does not have the shape it must have."""


class Record(Protocol):
    """The state of one layer over the tokens of one edge."""

    @property
    def nbytes(self) -> int: ...

    def arrays(self) -> list[mx.array]: ...

    def split(self, at: int) -> tuple[Self, Self]:
        """Lazy copies of the first `at` rows and of the rest."""
        ...


@dataclass(frozen=True, slots=True)
class KVSlice:
    """Rows of keys and values of one layer, shape [1, heads, rows, head_dim] each."""

    keys: mx.array
    values: mx.array

    @property
    def rows(self) -> int:
        return self.keys.shape[2]

    @property
    def nbytes(self) -> int:
        return self.keys.nbytes + self.values.nbytes

    def arrays(self) -> list[mx.array]:
        return [self.keys, self.values]

    def split(self, at: int) -> tuple[KVSlice, KVSlice]:
        return self._rows(0, at), self._rows(at, self.rows)

    def _rows(self, start: int, end: int) -> KVSlice:
        return cut_rows(self.keys, self.values, start, end)


def cut_rows(keys: mx.array, values: mx.array, start: int, end: int) -> KVSlice:
    """A lazy copy of rows [start, end); a plain slice would keep the whole buffer alive."""
    return KVSlice(_copied(keys[..., start:end, :]), _copied(values[..., start:end, :]))


def _copied(array: mx.array) -> mx.array:
    """The same values in a buffer of their own.

    `mx.contiguous` shares the buffer where a slice is contiguous already (one KV head) and the
    buffer is at most 16 KiB larger: small records then held several times what was counted.
    """
    return mx.where(True, array, array)


@dataclass(frozen=True, slots=True)
class Segment:
    """The records of all layers over the tokens of one edge: the payload of the radix."""

    layers: tuple[KVSlice, ...]

    @property
    def nbytes(self) -> int:
        return sum(record.nbytes for record in self.layers)

    def split(self, at: int) -> tuple[Segment, Segment]:
        heads, tails = zip(*(record.split(at) for record in self.layers), strict=True)
        head, tail = Segment(heads), Segment(tails)
        mx.eval(head._arrays(), tail._arrays())
        return head, tail

    def _arrays(self) -> list[mx.array]:
        return [array for record in self.layers for array in record.arrays()]


def cut(state: Sequence[Any], start: int, end: int) -> Segment:
    """Copy tokens [start, end) out of a live state that was verified to hold them."""
    segment = Segment(tuple(cut_rows(cache.keys, cache.values, start, end) for cache in state))
    mx.eval(segment._arrays())
    return segment


def join(path: Sequence[Segment], length: int) -> list[KVCache]:
    """A private state of the first `length` tokens of a path of segments, verified by layer."""
    state: list[KVCache] = []
    for records in zip(*(segment.layers for segment in path), strict=True):
        cache = KVCache()
        cache.keys = _concatenate([record.keys for record in records], length)
        cache.values = _concatenate([record.values for record in records], length)
        cache.offset = length
        state.append(cache)
    verify(state, length)
    mx.eval([[cache.keys, cache.values] for cache in state])
    return state


def _concatenate(arrays: list[mx.array], length: int) -> mx.array:
    joined = arrays[0] if len(arrays) == 1 else mx.concatenate(arrays, axis=2)
    if joined.shape[2] > length:
        return mx.contiguous(joined[..., :length, :])
    # A new handle on the same buffer: `x[...] = y` changes the handle it is called on, so a stored
    # one must not leave this module, but it copies a buffer that somebody else still holds.
    return joined[...]


def verify(state: Sequence[Any], length: int) -> None:
    """Raise `StateMismatch` unless every layer holds exactly `length` tokens."""
    if not state:
        raise StateMismatch("a state without layers")
    for layer, cache in enumerate(state):
        if type(cache) is not KVCache or cache.keys is None or cache.values is None:
            raise StateMismatch(f"layer {layer} is an empty or foreign {type(cache).__name__}")
        keys, values = cache.keys.shape, cache.values.shape
        if (keys[2], values[2], cache.offset) != (length, length, length):
            raise StateMismatch(
                f"layer {layer} holds {keys[2]} key rows, {values[2]} value rows and the offset "
                f"{cache.offset}, wanted {length}"
            )
        if keys[:2] != values[:2]:
            raise StateMismatch(f"layer {layer} has keys {keys} and values {values}")
