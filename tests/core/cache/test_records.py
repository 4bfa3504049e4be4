"""Records: what goes in comes out, layer by layer, and nothing keeps a bigger buffer alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import mlx.core as mx
import pytest
from mlx_lm.models.cache import ArraysCache, ChunkedKVCache, KVCache, RotatingKVCache

from llmx.core.cache.layout import StateLayout
from llmx.core.cache.leaves import Rows, StateMismatch, leaves
from llmx.core.cache.records import Anchored, DamagedRecord, Path, Records, Segment
from llmx.core.index.radix import Node
from llmx.core.index.tokens import pack
from tests.core.cache.toy import (
    HYBRID,
    MIXED,
    PLAIN,
    QUANTIZED,
    RECURRENT,
    WINDOW,
    WINDOWED,
    contents,
    layout_of,
    records_of,
    state_of,
)

TOKENS = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]


def path_of(records: Records, kinds: Sequence[str], *cuts: int) -> Path:
    """TOKENS stored in edges that end at these positions, each with its anchor."""
    path: list[Node[Segment, Anchored]] = []
    for start, end in zip((0, *cuts), cuts, strict=False):
        state = state_of(TOKENS[:end], kinds)
        node: Node[Segment, Anchored] = Node(
            "", start, pack(TOKENS[start:end]), records.cut(state, start, end), None, 0.0
        )
        if records.anchored:
            node.anchor = records.anchor(state, end - start)
        path.append(node)
    return path


@pytest.mark.parametrize("kinds", [PLAIN, WINDOWED, RECURRENT, HYBRID, MIXED, QUANTIZED])
@pytest.mark.parametrize("cuts", [(10,), (7, 8, 10), (3, 4, 5, 9), (1, 2, 3)])
def test_a_state_cut_in_pieces_is_restored_at_the_end_of_each(
    kinds: Sequence[str], cuts: tuple[int, ...]
) -> None:
    records = records_of(kinds)
    path = path_of(records, kinds, *cuts)
    for count, length in enumerate(cuts, 1):
        assert records.restorable(path[:count], length) == length
        restored = records.restore(path[:count], length, capacity=length + 5)
        assert contents(restored, length) == contents(state_of(TOKENS[:length], kinds), length)


@pytest.mark.parametrize(("kinds", "longest"), [(PLAIN, 6), (QUANTIZED, 6), (HYBRID, 4)])
def test_inside_an_edge_rows_can_be_restored_and_states_can_not(
    kinds: Sequence[str], longest: int
) -> None:
    records = records_of(kinds)
    path = path_of(records, kinds, 4, 9)
    assert records.restorable(path, 6) == longest


def test_a_window_can_be_restored_wherever_all_its_rows_are() -> None:
    records = records_of(WINDOWED)
    short_edges = path_of(records, WINDOWED, 3, 6, 9)  # each edge is kept whole in its tail
    assert [records.restorable(short_edges, limit) for limit in range(1, 10)] == [*range(1, 10)]
    long_edge = path_of(records, WINDOWED, 10)  # only the last WINDOW tokens are kept
    assert [records.restorable(long_edge, limit) for limit in (WINDOW, 9, 10)] == [0, 0, 10]
    rows = records.restore(short_edges, 8, capacity=8)
    assert contents(rows, 8)[1] == [15, 16, 17, 18]


def test_neighbouring_anchors_share_the_rows_of_a_window() -> None:
    records = records_of(WINDOWED)
    path = path_of(records, WINDOWED, 8, 9, 10)
    assert [[tail.tokens for tail in cast(Any, node.anchor).tails] for node in path] == [
        [WINDOW, WINDOW], [1, 1], [1, 1],
    ]  # fmt: skip


@pytest.mark.parametrize("kinds", [PLAIN, QUANTIZED, HYBRID])
@pytest.mark.parametrize("at", [1, 5, 9])
def test_a_split_segment_joins_to_the_same_rows(kinds: Sequence[str], at: int) -> None:
    records = records_of(kinds)
    segment = records.cut(state_of(TOKENS, kinds), 0, 10)
    head, tail = segment.split(at)
    assert head.nbytes + tail.nbytes == segment.nbytes
    for whole, first, rest in zip(segment.layers, head.layers, tail.layers, strict=True):
        for a, b, c in zip(whole.arrays, first.arrays, rest.arrays, strict=True):
            assert bool(mx.array_equal(a, mx.concatenate([b, c], axis=2)))


def test_a_split_leaves_above_the_rows_that_the_window_below_reaches_back_to() -> None:
    records = records_of(MIXED)
    anchor = records.anchor(state_of(TOKENS, MIXED), 10)
    upper, lower = anchor.split(3)
    assert upper is not None
    assert [tail.tokens for tail in upper.tails] == [1]
    assert [tail.tokens for tail in lower.tails] == [3]
    assert (upper.whole, upper.states, lower.states) == (False, (), anchor.states)
    assert anchor.split(5) == (None, anchor)


def test_a_record_does_not_keep_its_parent_alive() -> None:
    records = records_of(PLAIN)
    whole = state_of(range(20_000))
    mx.eval([cache.state for cache in whole])
    before = mx.get_active_memory()
    segment = records.cut(whole, 10, 30)
    parents = sum(cache.nbytes for cache in whole)
    del whole
    assert mx.get_active_memory() - before < segment.nbytes - parents + 100


def test_small_records_of_one_head_hold_what_they_count() -> None:
    """Where a slice of rows is contiguous as it is, MLX likes to share a small parent's buffer."""
    records = records_of(("kv",))
    whole = [state_of(range(20), ("kv",)), state_of(range(70), ("kv",))]
    mx.eval([[cache.state for cache in state] for state in whole])
    parents = sum(cache.nbytes for state in whole for cache in state)
    before = mx.get_active_memory()
    segments = [records.cut(state, 2, 8) for state in whole]
    del whole
    held = mx.get_active_memory() - before + parents
    counted = sum(segment.nbytes for segment in segments)
    assert counted <= held < counted + 2048, "the allocator rounds up; a parent is 10,000 bytes"


@pytest.mark.parametrize("kinds", [PLAIN, WINDOWED, MIXED])
@pytest.mark.parametrize("spare", [0, 5])
def test_writing_to_a_restored_state_does_not_touch_the_record(
    kinds: Sequence[str], spare: int
) -> None:
    records = records_of(kinds)
    path = path_of(records, kinds, 10)
    before = contents(records.restore(path, 10, 10), 10)
    restored = records.restore(path, 10, 10 + spare)
    one = mx.full((1, 1, 1, 32), -1.0)
    for cache in leaves(restored):
        if isinstance(cache, ArraysCache):
            cache.cache = [array * 0 for array in cast(list[mx.array], cache.cache)]
        else:
            cache.update_and_fetch(one, one)
    mx.eval([cache.state for cache in restored])
    assert contents(records.restore(path, 10, 10), 10) == before


def test_an_empty_path_gives_an_empty_state_with_room() -> None:
    state = records_of(MIXED).restore((), 0, capacity=7)
    assert [cache.offset for cache in state[:2]] == [0, 0]
    assert state[0].keys.shape[2] == 7
    assert state[2].empty()


@pytest.mark.parametrize("kinds", [PLAIN, WINDOWED, QUANTIZED])
def test_a_state_shorter_or_longer_than_its_key_is_refused(kinds: Sequence[str]) -> None:
    records = records_of(kinds)
    records.verify(state_of(TOKENS, kinds), 10)
    for length in (9, 11):
        with pytest.raises(StateMismatch, match=f"layer 0 holds the offset 10, wanted {length}"):
            records.verify(state_of(TOKENS, kinds), length)


def test_a_state_of_another_model_is_refused() -> None:
    with pytest.raises(StateMismatch, match="layer 1 holds an empty or foreign"):
        records_of(WINDOWED).verify(state_of(TOKENS, ("kv", "kv", "window")), 10)
    with pytest.raises(StateMismatch, match="2 layers, wanted 1"):
        records_of(RECURRENT).verify(state_of(TOKENS, HYBRID), 10)


def damaged(path: Path, **parts: Any) -> Path:
    """The second node of the path with some of its records replaced."""
    node: Any = path[1]
    if "layers" in parts:
        node.payload = Segment(parts["layers"](node.payload.layers))
    if "anchor" in parts:
        node.anchor = parts["anchor"](node.anchor)
    return path


def shorter(rows: Rows) -> Rows:
    return Rows(tuple(array[..., :-1, :] for array in rows.arrays))


def test_a_damaged_record_is_found_in_the_node_that_has_it() -> None:
    records = records_of(MIXED)
    intact = path_of(records, MIXED, 4, 7, 9)
    records.restore(intact, 9, 9)
    cases: list[Path] = [
        damaged(path_of(records, MIXED, 4, 7, 9), layers=lambda rows: (shorter(rows[0]), rows[1])),
        damaged(path_of(records, MIXED, 4, 7, 9), layers=lambda rows: rows[:1]),
        damaged(
            path_of(records, MIXED, 4, 7, 9),
            layers=lambda rows: (rows[0], Rows(tuple(a.astype(mx.int32) for a in rows[1].arrays))),
        ),
        damaged(
            path_of(records, MIXED, 4, 7, 9),
            anchor=lambda anchor: Anchored(anchor.tails, (anchor.states[0][:1], anchor.states[1])),
        ),
    ]
    for path in cases:
        with pytest.raises(DamagedRecord) as caught:
            records.restore(path, 9, 9)
        assert caught.value.index == 1
        records.restore(path[:1], 4, 4)


# ── what a state costs ────────────────────────────────────────────────────────────────────────


def test_the_layout_tells_bytes_and_what_can_be_done() -> None:
    layout = layout_of(PLAIN)
    per_token = 2 * 2 * 32 * 4
    assert layout.token_bytes == per_token
    assert layout.nbytes(1) == (1 + 256) * per_token
    assert layout.tokens_within(layout.nbytes(700)) == 700
    assert layout.batchable
    assert not layout.anchored
    assert layout.not_storable is None


def test_a_window_stops_growing_and_holds_a_chunk_besides() -> None:
    layout = layout_of(("window",))
    assert layout.nbytes(100_000) == (WINDOW + 8) * 2 * 32 * 4
    assert layout.anchored
    assert layout.tokens_within(layout.nbytes(100_000)) is None
    assert layout.tokens_within(10) == 0


def test_what_a_layout_promises_is_an_upper_bound() -> None:
    layout = layout_of(MIXED)
    for budget in (layout.nbytes(0), layout.nbytes(3), layout.nbytes(900)):
        held = layout.tokens_within(budget)
        assert held is not None
        assert layout.nbytes(held) <= budget < layout.nbytes(held + 1)
    records = records_of(MIXED)
    state = state_of(TOKENS, MIXED)
    stored = records.cut(state, 2, 10).nbytes + records.anchor(state, 8).nbytes
    assert stored == layout.record_bytes(2, 10)


def test_quantized_states_are_stored_alone_and_lossy() -> None:
    layout = layout_of(QUANTIZED)
    assert (layout.batchable, layout.lossy, layout.not_storable) == (False, True, None)
    assert layout.token_bytes < layout_of(PLAIN).token_bytes / 3


@pytest.mark.parametrize(
    ("cache", "name"),
    [
        (ChunkedKVCache(16), "ChunkedKVCache"),
        (RotatingKVCache(8, keep=4), "RotatingKVCache"),
        (ArraysCache(2), "ArraysCache"),
        (type("Private", (KVCache,), {})(), "Private"),
    ],
    ids=["chunked", "a window that keeps", "a state with an unset slot", "a model's own class"],
)
def test_what_cannot_be_stored_is_named(cache: Any, name: str) -> None:
    row = mx.zeros((1, 1, 1, 32))
    if not isinstance(cache, ArraysCache):
        cache.update_and_fetch(row, row)
    layout = StateLayout.of([*state_of([1, 2], PLAIN), cache], chunk=8)
    assert layout.not_storable == name
    assert layout.leaves == ()
