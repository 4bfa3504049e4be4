"""Records: what goes in comes out, layer by layer, and nothing keeps a bigger buffer alive."""

from __future__ import annotations

import mlx.core as mx
import pytest
from mlx_lm.models.cache import CacheList, KVCache, RotatingKVCache

from llmx.core.cache.layout import StateLayout
from llmx.core.cache.records import Segment, StateMismatch, cut, join, verify

HEADS, DIM, LAYERS = 2, 4, 3


def state_of(length: int, *, padded: bool = False) -> list[KVCache]:
    """A state whose row p of layer l holds the number 1000 * l + p everywhere."""
    state: list[KVCache] = []
    for layer in range(LAYERS):
        rows = mx.arange(length, dtype=mx.float32) + 1000 * layer
        keys = mx.broadcast_to(rows[None, None, :, None], (1, HEADS, length, DIM))
        cache = KVCache()
        if padded:
            cache.update_and_fetch(keys, keys)  # grows by steps of 256 rows
        else:
            cache.keys, cache.values, cache.offset = (
                mx.contiguous(keys),
                mx.contiguous(keys),
                length,
            )
        state.append(cache)
    return state


def rows_of(state: list[KVCache]) -> list[list[float]]:
    return [cache.keys[0, 0, :, 0].tolist() for cache in state]  # pyright: ignore


def test_a_state_cut_in_pieces_and_joined_is_the_state() -> None:
    whole = state_of(20)
    pieces = [cut(whole, 0, 7), cut(whole, 7, 8), cut(whole, 8, 20)]
    for length in (1, 7, 8, 9, 20):
        joined = join(pieces, length)
        assert rows_of(joined) == [row[:length] for row in rows_of(whole)]
        assert [cache.offset for cache in joined] == [length] * LAYERS


@pytest.mark.parametrize("at", [1, 5, 9])
def test_a_split_segment_joins_to_the_same_rows(at: int) -> None:
    segment = cut(state_of(10), 0, 10)
    head, tail = segment.split(at)
    assert rows_of(join([head, tail], 10)) == rows_of(join([segment], 10))
    assert head.nbytes + tail.nbytes == segment.nbytes


def test_a_record_does_not_keep_its_parent_alive() -> None:
    whole = state_of(100_000)
    mx.eval([[cache.keys, cache.values] for cache in whole])
    before = mx.get_active_memory()
    segment = cut(whole, 10, 30)
    del whole
    held = mx.get_active_memory() - before
    assert segment.nbytes == 20 * HEADS * DIM * 4 * 2 * LAYERS
    assert held < 0, "cutting out 20 rows must free the other 99,980"


def test_small_records_of_one_head_hold_what_they_count() -> None:
    """Where a slice of rows is contiguous as it is, MLX likes to share a small parent's buffer."""
    whole = [one_head(20), one_head(70)]
    before = mx.get_active_memory()
    segments = [cut([cache], 2, 8) for cache in whole]
    del whole
    gone = 2 * (20 + 70) * DIM * 4
    held = mx.get_active_memory() - before + gone
    assert held == sum(segment.nbytes for segment in segments) == 2 * 2 * 6 * DIM * 4


def one_head(length: int) -> KVCache:
    cache = KVCache()
    cache.keys = mx.random.normal((1, 1, length, DIM))
    cache.values = mx.random.normal((1, 1, length, DIM))
    cache.offset = length
    mx.eval(cache.keys, cache.values)
    return cache


def test_writing_to_a_restored_state_does_not_touch_the_record() -> None:
    segment = cut(state_of(5), 0, 5)
    before = rows_of(join([segment], 5))
    restored = join([segment], 5)
    one = mx.full((1, HEADS, 1, DIM), -1.0)
    for cache in restored:
        cache.trim(2)
        cache.update_and_fetch(one, one)
    mx.eval([cache.state for cache in restored])
    assert rows_of(join([segment], 5)) == before


def test_a_state_shorter_or_longer_than_its_key_is_refused() -> None:
    verify(state_of(9), 9)
    for length in (8, 10):
        with pytest.raises(StateMismatch, match=f"offset 9, wanted {length}"):
            verify(state_of(9), length)


def test_a_padded_buffer_is_refused_as_a_finished_state() -> None:
    with pytest.raises(StateMismatch, match="256 key rows"):
        verify(state_of(9, padded=True), 9)


def test_a_record_with_one_layer_short_is_caught_when_it_is_joined() -> None:
    good = cut(state_of(9), 0, 9)
    short = cut(state_of(8), 0, 8)
    damaged = Segment((*good.layers[:1], short.layers[1], *good.layers[2:]))
    with pytest.raises(StateMismatch, match="layer 1 holds 8 key rows"):
        join([damaged], 9)


def test_the_layout_tells_bytes_and_what_can_be_done() -> None:
    layout = StateLayout.of(state_of(2, padded=True))
    per_token = LAYERS * 2 * HEADS * DIM * 4
    assert layout.token_bytes == per_token
    assert layout.nbytes(1) == (1 + 256) * per_token
    assert layout.tokens_within(layout.nbytes(700)) == 700
    assert layout.batchable
    assert layout.not_storable is None


def test_a_window_is_batchable_but_not_stored_and_stops_growing() -> None:
    window = RotatingKVCache(max_size=512)
    row = mx.zeros((1, HEADS, 1, DIM))
    window.update_and_fetch(row, row)
    layout = StateLayout.of([window])
    assert layout.batchable
    assert layout.not_storable == "RotatingKVCache"
    assert layout.nbytes(100_000) == (512 + 256) * 2 * HEADS * DIM * 4


def test_a_list_of_caches_is_not_stored_whatever_it_holds() -> None:
    layout = StateLayout.of([CacheList(*state_of(2, padded=True))])
    assert layout.not_storable == "CacheList"
    assert layout.batchable
