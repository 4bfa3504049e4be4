"""Rows of a batch: how single states become one, and how one is looked at in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlx_lm.models.cache import BatchKVCache, CacheList, KVCache


def merged(states: Sequence[Sequence[Any]]) -> list[Any]:
    """One batch of private single states, layer by layer; they are not to be used again."""
    return [type(layer[0]).merge(list(layer)) for layer in zip(*states, strict=True)]


def row_of(batch: Sequence[Any], index: int) -> list[Any]:
    """A row of a batch as a single state to cut records out of: views, nothing is copied.

    mlx-lm's own `extract` copies the whole row where a record wants a few tokens of it.
    """
    return [_row_of(layer, index) for layer in batch]


def _row_of(layer: Any, index: int) -> Any:
    if type(layer) is CacheList:
        return CacheList(*(_row_of(child, index) for child in layer.caches))
    if not isinstance(layer, BatchKVCache):
        return layer.extract(index)  # a window or a state: no longer than what is stored of it
    batch: Any = layer
    cache: Any = KVCache()
    padding = batch.left_padding.tolist()[index]
    cache.keys, cache.values = (
        array[index : index + 1, :, padding : batch._idx, :] for array in (batch.keys, batch.values)
    )
    cache.offset = batch._idx - padding
    return cache


def live_arrays(batch: Sequence[Any]) -> list[Any]:
    """What must be evaluated so that no older buffer is kept alive by work that is not done."""
    return [layer.state for layer in batch]
