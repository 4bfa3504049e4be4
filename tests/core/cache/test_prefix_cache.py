"""The prefix cache on real arrays: longest match, exact rows, budget, reasons, honest counters."""

from __future__ import annotations

import mlx.core as mx
from hypothesis import given, settings
from hypothesis import strategies as st
from mlx_lm.models.cache import KVCache

from llmx.core.cache.prefix_cache import NoCache, RadixCache
from llmx.core.index.tokens import pack

HEADS, DIM, LAYERS = 1, 2, 2
TOKEN_BYTES = LAYERS * 2 * HEADS * DIM * 4


def state_of(tokens: list[int]) -> list[KVCache]:
    """Rows that name their token, so that a row of another token is seen."""
    rows = mx.array(tokens, dtype=mx.float32)[None, None, :, None]
    state: list[KVCache] = []
    for layer in range(LAYERS):
        cache = KVCache()
        cache.keys = mx.contiguous(mx.broadcast_to(rows + 100 * layer, (1, 1, len(tokens), DIM)))
        cache.values = mx.contiguous(-cache.keys)
        cache.offset = len(tokens)
        state.append(cache)
    return state


def rows_of(state: list[KVCache], layer: int) -> list[float]:
    return (state[layer].keys[0, 0, :, 0] - 100 * layer).tolist()  # pyright: ignore


def cache_of(tokens: int) -> RadixCache:
    return RadixCache(tokens * TOKEN_BYTES, TOKEN_BYTES)


def put(cache: RadixCache, tokens: list[int]) -> tuple[int, int]:
    stored = cache.insert(pack(tokens), state_of(tokens))
    return stored.start, stored.end


def test_a_hit_restores_exactly_the_shared_rows_in_every_layer() -> None:
    cache = cache_of(1000)
    put(cache, [1, 2, 3, 4, 5])
    put(cache, [1, 2, 3, 7])
    hit = cache.match(pack([1, 2, 3, 4, 9, 9]))
    assert hit.tokens == 4
    assert hit.state is not None
    assert [rows_of(hit.state, layer) for layer in range(LAYERS)] == [[1, 2, 3, 4]] * LAYERS


def test_a_match_never_covers_the_whole_prompt() -> None:
    cache = cache_of(1000)
    put(cache, [1, 2, 3])
    assert cache.match(pack([1, 2, 3])).tokens == 2
    put(cache, [9])
    assert cache.match(pack([9])).tokens == 0
    assert cache.match(pack([9])).state is None


def test_only_the_new_part_is_stored_and_reported() -> None:
    cache = cache_of(1000)
    assert put(cache, [1, 2, 3]) == (0, 3)
    assert put(cache, [1, 2, 3, 4, 5]) == (3, 5)
    assert put(cache, [1, 2, 3, 4]) == (4, 4)
    assert cache.stats(0).stored_bytes == 5 * TOKEN_BYTES


def test_each_miss_names_its_reason() -> None:
    cache = cache_of(6)
    assert cache.match(pack([1, 2, 3])).reason == "cold"
    put(cache, [1, 2, 3])
    assert cache.match(pack([1, 2, 3, 4])).reason is None, "only new tokens remained"
    assert cache.match(pack([1, 2, 9])).reason == "diverged"
    assert cache.match(pack([1, 2, 3]), bypass=True).reason == "bypass"
    put(cache, [5, 6, 7, 8, 9])  # pushes the first out: 3 + 5 > 6
    assert cache.match(pack([1, 2, 3])).reason == "evicted"
    stats = cache.stats(0)
    assert stats.lookups == 5
    assert dict(stats.reasons) == {"cold": 1, "diverged": 1, "bypass": 1, "evicted": 1}
    assert (stats.evicted_segments, stats.evicted_tokens) == (1, 3)


def test_running_requests_count_against_the_budget_and_stored_spans_give_way() -> None:
    cache = cache_of(10)
    put(cache, [1, 2, 3, 4, 5, 6])
    assert cache.make_room(4 * TOKEN_BYTES)
    assert cache.stats(0).stored_tokens == 6
    assert cache.make_room(5 * TOKEN_BYTES)
    assert cache.stats(0).stored_tokens == 0
    put(cache, [1, 2])
    assert not cache.make_room(11 * TOKEN_BYTES)
    assert cache.stats(0).stored_tokens == 2, "nothing goes for what cannot be had"


def test_an_entry_larger_than_the_budget_keeps_its_head_and_flushes_nothing_of_its_own() -> None:
    cache = cache_of(4)
    assert put(cache, [1, 2, 3, 4, 5, 6]) == (0, 4)
    assert cache.match(pack([1, 2, 3, 4, 5, 6])).tokens == 4
    assert put(cache, [1, 2, 3, 4, 5, 6]) == (4, 4), "its own prefix is not evicted for it"
    assert dict(cache.stats(0).not_stored) == {"budget": 2}


def test_a_state_that_is_not_its_key_is_not_stored() -> None:
    cache = cache_of(100)
    stored = cache.insert(pack([1, 2, 3]), state_of([1, 2]))
    assert stored.start == stored.end
    assert dict(cache.stats(0).not_stored) == {"state_mismatch": 1}
    assert cache.match(pack([1, 2, 3])).tokens == 0


def test_a_damaged_record_is_dropped_and_never_served() -> None:
    cache = cache_of(100)
    put(cache, [1, 2, 3, 4])
    (node,) = cache._radix.newest_first()
    # Records are frozen: damage one as a defect would, from underneath.
    object.__setattr__(node.payload.layers[1], "keys", node.payload.layers[1].keys[..., :3, :])
    hit = cache.match(pack([1, 2, 3, 4, 5]))
    assert (hit.tokens, hit.state, hit.reason) == (0, None, "verify_failed")
    assert cache.stats(0).stored_bytes == 0


def test_clearing_frees_everything_and_forgets_what_was_evicted() -> None:
    cache = cache_of(100)
    put(cache, [1, 2, 3])
    assert cache.clear() == 3 * TOKEN_BYTES
    assert cache.match(pack([1, 2, 3])).reason == "cold"


def test_no_cache_restores_nothing_and_says_why() -> None:
    cache = NoCache("disabled", 100)
    cache.insert(pack([1, 2]), state_of([1, 2]))
    assert cache.match(pack([1, 2, 3])).reason == "disabled"
    assert cache.make_room(100)
    assert not cache.make_room(101)


token_lists = st.lists(st.integers(0, 2), min_size=1, max_size=10)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), token_lists),
        st.tuples(st.just("match"), token_lists),
        st.tuples(st.just("cancel"), token_lists),
        st.tuples(st.just("running"), st.lists(st.just(0), max_size=14)),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(operations)
def test_any_interleaving_keeps_the_budget_and_serves_only_right_rows(
    steps: list[tuple[str, list[int]]],
) -> None:
    budget = 12
    cache = cache_of(budget)
    running = 0
    for step, tokens in steps:
        match step:
            case "insert":
                put(cache, tokens)
            case "cancel":  # a request that leaves stores what it has
                put(cache, tokens[: len(tokens) // 2 + 1])
            case "running":
                granted = cache.make_room(len(tokens) * TOKEN_BYTES)
                assert granted == (len(tokens) <= budget)
                running = len(tokens) if granted else running
            case _:
                hit = cache.match(pack(tokens))
                if hit.state is not None:
                    for layer in range(LAYERS):
                        assert rows_of(hit.state, layer) == tokens[: hit.tokens]
        cache._radix.check()
        stored = cache.stats(0).stored_bytes
        assert stored + running * TOKEN_BYTES <= budget * TOKEN_BYTES
