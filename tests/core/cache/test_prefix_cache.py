"""The prefix cache on real arrays: longest match, exact rows, budget, reasons, honest counters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.core.cache.prefix_cache import Hit, NoCache, RadixCache
from llmx.core.cache.records import Anchored
from llmx.core.index.tokens import pack
from tests.core.cache.toy import (
    HYBRID,
    MIXED,
    PLAIN,
    RECURRENT,
    WINDOWED,
    cache_of,
    contents,
    layout_of,
    state_of,
)

TOKEN_BYTES = layout_of(PLAIN).token_bytes
ROOMY = 1 << 30


def put(
    cache: RadixCache, tokens: Sequence[int], kinds: Sequence[str] = PLAIN, space: str = ""
) -> tuple[int, int]:
    stored = cache.insert(pack(tokens), space, state_of(tokens, kinds), len(tokens))
    return stored.start, stored.end


def ask(cache: RadixCache | NoCache, tokens: Sequence[int], space: str = "", **options: Any) -> Hit:
    return cache.match(pack(tokens), space, capacity=len(tokens), **options)


def plain(tokens: int) -> RadixCache:
    return cache_of(tokens * TOKEN_BYTES)


def test_a_hit_restores_exactly_the_shared_rows_in_every_layer() -> None:
    cache = plain(1000)
    put(cache, [1, 2, 3, 4, 5])
    put(cache, [1, 2, 3, 7])
    hit = ask(cache, [1, 2, 3, 4, 9, 9])
    assert (hit.tokens, hit.shared) == (4, 4)
    assert contents(hit.state, 4) == [[1, 2, 3, 4]] * 2


def test_a_match_never_covers_the_whole_prompt() -> None:
    cache = plain(1000)
    put(cache, [1, 2, 3])
    assert ask(cache, [1, 2, 3]).tokens == 2
    put(cache, [9])
    assert ask(cache, [9]).tokens == 0
    assert ask(cache, [9]).state[0].offset == 0


def test_only_the_new_part_is_stored_and_reported() -> None:
    cache = plain(1000)
    assert put(cache, [1, 2, 3]) == (0, 3)
    assert put(cache, [1, 2, 3, 4, 5]) == (3, 5)
    assert put(cache, [1, 2, 3, 4]) == (4, 4)
    assert cache.stats(0).stored_bytes == 5 * TOKEN_BYTES


def test_a_key_may_be_the_beginning_of_a_longer_state() -> None:
    cache = plain(1000)
    stored = cache.insert(pack([1, 2, 3]), "", state_of([1, 2, 3, 4, 5]), 5)
    assert (stored.start, stored.end) == (0, 3)
    assert contents(ask(cache, [1, 2, 3, 4]).state, 3) == [[1, 2, 3]] * 2
    hybrid = cache_of(ROOMY, HYBRID)
    stored = hybrid.insert(pack([1, 2, 3]), "", state_of([1, 2, 3, 4], HYBRID), 4)
    assert stored.start == stored.end, "a recurrent state of 4 tokens is none of 3"


# ── why a prompt missed ───────────────────────────────────────────────────────────────────────


def test_each_miss_names_its_reason() -> None:
    cache = plain(6)
    assert ask(cache, [1, 2, 3]).reason == "cold"
    put(cache, [1, 2, 3])
    assert ask(cache, [1, 2, 3, 4]).reason is None, "only new tokens remained"
    assert ask(cache, [1, 2, 9]).reason == "diverged"
    assert ask(cache, [1, 2, 3], bypass=True).reason == "bypass"
    put(cache, [5, 6, 7, 8, 9])  # pushes the first out: 3 + 5 > 6
    assert ask(cache, [1, 2, 3]).reason == "evicted"
    stats = cache.stats(0)
    assert stats.lookups == 4, "a bypass looks nothing up"
    assert dict(stats.reasons) == {"cold": 1, "diverged": 1, "bypass": 1, "evicted": 1}
    assert (stats.evicted_segments, stats.evicted_tokens) == (1, 3)


def test_a_state_that_was_not_kept_there_is_no_boundary() -> None:
    cache = cache_of(ROOMY, HYBRID)
    put(cache, [1, 2, 3], HYBRID)
    put(cache, [1, 2, 3, 4, 5, 6, 7], HYBRID)
    hit = ask(cache, [1, 2, 3, 4, 5, 9])
    assert (hit.tokens, hit.shared, hit.reason) == (3, 5, "no_boundary")
    assert contents(hit.state, 3) == contents(state_of([1, 2, 3], HYBRID), 3)


def test_a_grid_gives_up_what_lies_beyond_its_last_point() -> None:
    cache = cache_of(ROOMY, grid=4)
    put(cache, list(range(10)))
    for prompt in ([*range(10), 99], [*range(10)]):
        hit = ask(cache, prompt)
        assert (hit.tokens, hit.shared, hit.reason) == (8, 8, "aligned_down")
    assert cache.peek(pack(range(5)), "") == 4
    assert ask(cache, list(range(6))).reason == "aligned_down"


def test_what_is_older_than_its_time_to_live_is_not_served() -> None:
    cache = cache_of(ROOMY, ttl_s=0.0)
    put(cache, [1, 2, 3])
    hit = ask(cache, [1, 2, 3, 4])
    assert (hit.tokens, hit.reason) == (0, "expired")
    assert cache.stats(0).stored_bytes == 0


def test_namespaces_never_share_and_only_the_operator_hears_of_the_others() -> None:
    cache = cache_of(ROOMY)
    tokens = list(range(40))
    put(cache, tokens, space="a")
    assert ask(cache, [*tokens, 99], "a").tokens == 40
    hit = ask(cache, [*tokens, 99], "b")
    assert (hit.tokens, hit.shared, hit.reason, hit.elsewhere) == (0, 0, "cold", 40)
    assert cache.stats(0).reasons == {"salt": 1}
    assert cache.stats(0).namespaces == 1
    assert ask(cache, [*tokens, 99], "a").elsewhere == 0
    assert ask(cache, [*tokens[:10], 99], "b").elsewhere == 0, "as alike as templates are"


def test_a_row_that_was_put_back_is_not_counted_twice() -> None:
    cache = plain(100)
    put(cache, [1, 2, 3])
    assert ask(cache, [1, 2, 3, 4], counted=False).tokens == 3
    assert cache.stats(0).lookups == 0


# ── the budget ────────────────────────────────────────────────────────────────────────────────


def test_running_requests_count_against_the_budget_and_stored_spans_give_way() -> None:
    cache = plain(10)
    put(cache, [1, 2, 3, 4, 5, 6])
    assert cache.make_room(4 * TOKEN_BYTES)
    assert cache.stats(0).stored_tokens == 6
    assert cache.make_room(5 * TOKEN_BYTES)
    assert cache.stats(0).stored_tokens == 0
    put(cache, [1, 2])
    assert not cache.make_room(11 * TOKEN_BYTES)
    assert cache.stats(0).stored_tokens == 2, "nothing goes for what cannot be had"


def test_room_is_made_at_the_cost_of_others_first() -> None:
    cache = plain(10)
    put(cache, [1, 2, 3, 4])
    put(cache, [5, 6, 7, 8])
    assert cache.make_room(5 * TOKEN_BYTES, pack([1, 2, 3, 4, 9]))
    assert ask(cache, [1, 2, 3, 4, 9]).tokens == 4
    assert cache.make_room(8 * TOKEN_BYTES, pack([1, 2, 3, 4, 9])), "and of itself where it must"
    assert cache.stats(0).stored_tokens == 0


def test_an_entry_larger_than_the_budget_keeps_its_head_and_flushes_nothing_of_its_own() -> None:
    cache = plain(4)
    assert put(cache, [1, 2, 3, 4, 5, 6]) == (0, 4)
    assert ask(cache, [1, 2, 3, 4, 5, 6]).tokens == 4
    assert put(cache, [1, 2, 3, 4, 5, 6]) == (4, 4), "its own prefix is not evicted for it"
    assert dict(cache.stats(0).not_stored) == {"not_stored_policy": 2}


def test_a_part_that_could_not_be_restored_is_not_stored() -> None:
    cache = cache_of(layout_of(HYBRID).record_bytes(0, 4), HYBRID)
    assert put(cache, [1, 2, 3, 4, 5, 6], HYBRID) == (0, 0)
    assert put(cache, [1, 2, 3], HYBRID) == (0, 3)
    assert put(cache, [1, 2, 3, 4, 5, 6], HYBRID) == (3, 3)
    assert ask(cache, [1, 2, 3, 4]).tokens == 3


def test_states_far_from_the_end_go_before_their_rows_when_it_gets_tight() -> None:
    layout = layout_of(HYBRID)
    cache = cache_of(layout.record_bytes(0, 400) + 60 * layout.fixed_bytes, HYBRID)
    tokens = list(range(400))
    for end in range(4, 400, 4):
        put(cache, tokens[:end], HYBRID)
    stats = cache.stats(0)
    assert stats.evicted_states > 30
    assert (stats.evicted_segments, stats.stored_tokens) == (0, 396)
    assert ask(cache, tokens[:397]).tokens == 396
    assert ask(cache, tokens[:5]).tokens == 4, "the first is kept"
    gaps = [tokens[:n] for n in range(20, 390, 20)]
    lost = [len(prompt) - ask(cache, prompt).tokens for prompt in gaps]
    assert max(lost[-3:]) < max(lost[:6]), "near the end states stand closer"
    cache._radix.check()


@pytest.mark.parametrize("states", [3, 4, 8])
def test_a_conversation_does_not_get_stuck_below_its_own_states(states: int) -> None:
    """Its old ones go before a new one is refused: each turn finds the one before."""
    layout = layout_of(RECURRENT)
    cache = cache_of(states * layout.fixed_bytes, RECURRENT)
    tokens = list(range(400))
    for end in range(10, 400, 10):
        assert ask(cache, tokens[: end + 1]).tokens == (end - 10 if end > 10 else 0)
        put(cache, tokens[:end], RECURRENT)
    assert cache.stats(0).not_stored == {}


# ── damage ────────────────────────────────────────────────────────────────────────────────────


def test_a_state_that_is_not_its_key_is_not_stored() -> None:
    cache = plain(100)
    stored = cache.insert(pack([1, 2, 3]), "", state_of([1, 2]), 3)
    assert stored.start == stored.end
    assert dict(cache.stats(0).not_stored) == {"state_mismatch": 1}
    assert ask(cache, [1, 2, 3]).tokens == 0


def test_a_damaged_record_is_dropped_with_what_hangs_on_it_and_never_served() -> None:
    cache = plain(100)
    put(cache, [1, 2, 3, 4])
    put(cache, [1, 2, 3, 4, 5, 6])
    put(cache, [1, 2, 8, 9])
    damaged = next(node for node in cache._radix if node.start == 4)
    # Records are frozen: damage one as a defect would, from underneath.
    rows = damaged.payload.layers[1]
    object.__setattr__(rows, "arrays", tuple(array[..., :1, :] for array in rows.arrays))
    hit = ask(cache, [1, 2, 3, 4, 5, 6, 7])
    assert (hit.tokens, hit.reason) == (4, "verify_failed")
    assert contents(hit.state, 4) == [[1, 2, 3, 4]] * 2
    assert ask(cache, [1, 2, 8, 9, 1]).tokens == 4, "its neighbours stay"
    assert ask(cache, [1, 2, 3, 4, 5, 6, 7]).reason == "verify_failed", "it is remembered"


def test_a_damaged_state_falls_back_to_the_one_before() -> None:
    cache = cache_of(ROOMY, MIXED)
    for end in (3, 6, 9):
        put(cache, list(range(end)), MIXED)
    node = max(cache._radix, key=lambda one: one.start)
    assert node.anchor is not None
    node.anchor = Anchored(node.anchor.tails, tuple(s[:1] for s in node.anchor.states))
    hit = ask(cache, list(range(12)))
    assert (hit.tokens, hit.reason) == (6, "verify_failed")


def test_clearing_frees_everything_and_forgets_what_was_evicted() -> None:
    cache = plain(100)
    put(cache, [1, 2, 3])
    assert cache.clear() == 3 * TOKEN_BYTES
    assert ask(cache, [1, 2, 3]).reason == "cold"


def test_a_conversation_of_many_turns_stays_a_short_path_of_the_right_rows() -> None:
    cache = plain(10_000)
    tokens = list(range(900))
    for end in range(3, 900, 3):
        put(cache, tokens[:end])
    assert len(cache._radix) < 50
    hit = ask(cache, tokens)
    assert hit.tokens == 897
    assert contents(hit.state, 897) == [tokens[:897]] * 2
    cache._radix.check()
    assert cache.stats(0).stored_bytes == 897 * TOKEN_BYTES


def test_entries_tell_the_tree() -> None:
    cache = cache_of(ROOMY, HYBRID)
    put(cache, [1, 2, 3], HYBRID, "a")
    put(cache, [1, 2, 3, 4, 5], HYBRID, "a")
    ask(cache, [1, 2, 3, 9], "a")
    first, last = sorted(cache.entries(10), key=lambda entry: entry.depth)
    assert (first.depth, first.tokens, first.parent, first.children) == (0, 3, None, 1)
    assert (last.depth, last.tokens, last.parent) == (3, 2, first.id)
    assert (first.hits, last.hits, first.namespace) == (1, 0, "a")
    assert 0 < first.state_bytes < first.nbytes
    assert len(cache.entries(1)) == 1


def test_no_cache_restores_nothing_and_says_why() -> None:
    cache = NoCache("disabled", 100, list)
    assert not cache.stores
    assert ask(cache, [1, 2, 3]).reason == "disabled"
    assert cache.make_room(100)
    assert not cache.make_room(101)


# ── any interleaving ──────────────────────────────────────────────────────────────────────────

token_lists = st.lists(st.integers(0, 2), min_size=1, max_size=12)
operations = st.lists(
    st.tuples(st.sampled_from(["insert", "match", "cancel", "running"]), token_lists),
    max_size=30,
)
families = st.sampled_from([PLAIN, WINDOWED, RECURRENT, HYBRID, MIXED])


@settings(max_examples=150)
@given(operations, families, st.sampled_from([14, 40, 10_000]))
def test_any_interleaving_keeps_the_budget_finds_the_longest_and_serves_only_right_state(
    steps: list[tuple[str, list[int]]], kinds: Sequence[str], room: int
) -> None:
    layout = layout_of(kinds)
    budget = layout.record_bytes(0, 6) + room * max(layout.token_bytes, 64)
    cache = cache_of(budget, kinds)
    running, stored = 0, set[tuple[int, ...]]()
    for step, tokens in steps:
        match step:
            case "insert" | "cancel":  # a request that leaves stores what it has
                tokens = tokens if step == "insert" else tokens[: len(tokens) // 2 + 1]
                put(cache, tokens, kinds)
                stored.add(tuple(tokens))
            case "running":
                asked = len(tokens) * max(layout.token_bytes, 64)
                if cache.make_room(asked):
                    running = asked
            case _:
                hit = ask(cache, tokens)
                assert hit.tokens < len(tokens)
                if hit.tokens:
                    right = contents(state_of(tokens[: hit.tokens], kinds), hit.tokens)
                    assert contents(hit.state, hit.tokens) == right
                if cache.stats(0).evicted_segments == 0 and not cache.stats(0).not_stored:
                    longest = longest_restorable(stored, tokens, kinds)
                    assert hit.tokens >= longest, "something stored was not found"
        cache._radix.check()
        assert cache.stats(0).stored_bytes + running <= budget


def longest_restorable(
    stored: set[tuple[int, ...]], tokens: Sequence[int], kinds: Sequence[str]
) -> int:
    """What must be found: rows at any token, everything else where something stored ended."""
    best = 0
    for one in stored:
        shared = 0
        while shared < min(len(one), len(tokens) - 1) and one[shared] == tokens[shared]:
            shared += 1
        if kinds == PLAIN or shared == len(one):
            best = max(best, shared)
    return best


def test_the_work_of_a_lookup_grows_with_the_edges_and_not_with_the_tokens() -> None:
    cache = cache_of(ROOMY, ("kv",))
    tokens = list(range(100_000))
    put(cache, tokens[:50_000], ("kv",))
    put(cache, tokens, ("kv",))
    found = cache._radix.match(pack([*tokens, 5]))
    assert (found.tokens, len(found.path)) == (100_000, 2)
