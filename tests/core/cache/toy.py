"""States of a toy model, whose every number says which tokens it was computed from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import ArraysCache, CacheList, KVCache, QuantizedKVCache, RotatingKVCache

from llmx.core.cache.layout import StateLayout
from llmx.core.cache.leaves import leaves
from llmx.core.cache.prefix_cache import RadixCache
from llmx.core.cache.records import Records

WINDOW = 4
WIDTH = 32  # quantization takes no less
PLAIN = ("kv", "kv")
WINDOWED = ("kv", "window", "window")
RECURRENT = ("state",)
HYBRID = ("state", "kv")
MIXED = ("kv", "window", "state", "list")
QUANTIZED = ("quantized", "quantized")


def state_of(tokens: Sequence[int], kinds: Sequence[str] = PLAIN) -> list[Any]:
    """What a forward over `tokens` leaves: rows hold their token, a recurrent state all of them."""
    return [_layer(kind, list(tokens), number) for number, kind in enumerate(kinds)]


def contents(state: Sequence[Any], held: int) -> list[list[float]]:
    """Of each layer, the tokens that it stands for, in their order."""
    found: list[list[float]] = []
    cache: Any
    for cache in leaves(state):
        match type(cache):
            case kind if kind is ArraysCache:
                digest: Any = cache.cache[1][0]
                found.append(digest.tolist())
            case kind if kind is RotatingKVCache:
                rows: Any = cache._temporal_order(cache.keys)
                found.append(rows[0, 0, -min(WINDOW, held) :, 0].tolist() if held else [])
            case kind if kind is QuantizedKVCache:
                keys: Any = mx.dequantize(*cache.keys, group_size=32, bits=8)
                found.append([round(number, 2) for number in keys[0, 0, :held, 0].tolist()])
            case _:
                found.append(cache.keys[0, 0, :held, 0].tolist())
    return found


def layout_of(kinds: Sequence[str] = PLAIN) -> StateLayout:
    return StateLayout.of(state_of([1, 2], kinds), chunk=8)


def records_of(kinds: Sequence[str] = PLAIN) -> Records:
    return Records(layout_of(kinds), lambda: _empty(kinds))


def cache_of(nbytes: int, kinds: Sequence[str] = PLAIN, **options: Any) -> RadixCache:
    return RadixCache(nbytes, layout_of(kinds), records_of(kinds), **options)


def _layer(kind: str, tokens: list[int], number: int) -> Any:
    one = mx.array(tokens, dtype=mx.float32)[None, None, :, None]
    rows = mx.contiguous(mx.broadcast_to(one, (1, 1, len(tokens), WIDTH)))
    match kind:
        case "kv":
            kv: Any = KVCache()
            kv.keys, kv.values, kv.offset = rows, -rows, len(tokens)
            return kv
        case "quantized":
            quantized: Any = QuantizedKVCache(group_size=32, bits=8)
            if tokens:
                quantized.update_and_fetch(rows, -rows)
            return quantized
        case "window":
            window: Any = RotatingKVCache(WINDOW)
            for start in range(0, len(tokens), 1 + number):  # rings and chunks
                part = rows[:, :, start : start + 1 + number]
                window.update_and_fetch(part, -part)
            return window
        case "state":
            state: Any = ArraysCache(2)
            if tokens:
                digest = [float(sum(t * (i + 1) for i, t in enumerate(tokens))), len(tokens)]
                state.cache = [mx.zeros((1, 3)), mx.array([digest])]
            return state
        case _:
            return CacheList(_layer("state", tokens, number), _layer("kv", tokens, number))


def _empty(kinds: Sequence[str]) -> list[Any]:
    return [_layer(kind, [], number) for number, kind in enumerate(kinds)]
