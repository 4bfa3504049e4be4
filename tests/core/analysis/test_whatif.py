"""Whole-entry caches and slots by hand and by measured figures, and the table of all servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.block_traces import agent
from llmx.core.analysis.blocks import BlockStream, stream_of
from llmx.core.analysis.bounds import bounds
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.prompt_blocks import Shared, stream_of_shared
from llmx.core.analysis.whatif import UNKNOWN_KV, WhatIf, sentences, what_if
from llmx.core.analysis.whole_entries import common_blocks, entries, ollama_slots, slots
from llmx.core.trace.mooncake import BlockRequest, MooncakeTrace
from tests.core.analysis.block_streams import streams

MOONCAKE = Path(__file__).parents[4] / "shared" / "data" / "mooncake" / "conversation_trace.jsonl"
A, B, C = (1, 2, 3, 4), (5, 6, 7, 8), (9, 10)  # conversations
KV = KVBytes(token_bytes=1 << 20, window_bytes=0, window=0, state_layers=0, state_bytes=0)


def stream(*prompts: tuple[int, ...]) -> BlockStream:
    return stream_of([BlockRequest(prompt) for prompt in prompts], block_tokens=8)


@pytest.fixture(scope="module")
def first_6000() -> BlockStream:
    if not MOONCAKE.exists():
        pytest.skip("no ../shared/data/mooncake beside the checkout")
    return stream_of(MooncakeTrace(MOONCAKE), block_tokens=512).head(6000)


# ── figures that were measured with independent code ──────────────────────────────────────────


def test_entries_with_trim_on_the_conversation_trace(first_6000: BlockStream) -> None:
    assert first_6000.blocks == 152_537
    assert first_6000.blocks - first_6000.distinct == 52_821
    found = [entries(first_6000, count).blocks for count in (1, 4, 10, 32)]
    assert found == [5_999, 6_012, 6_540, 7_319]


def test_entries_that_cannot_be_cut_on_the_conversation_trace(first_6000: BlockStream) -> None:
    """A partial tail ends each entry, so that none is ever a prefix: ask it of whole blocks."""
    assert entries(first_6000, 32, can_trim=False).blocks == 0
    whole = first_6000.whole()
    assert whole.blocks == 146_550
    assert [entries(whole, count).blocks for count in (1, 10, 32)] == [5_999, 6_135, 6_511]
    cannot = [entries(whole, count, can_trim=False).blocks for count in (1, 10, 32)]
    assert cannot == [666, 5_983, 6_182]


# ── entries ───────────────────────────────────────────────────────────────────────────────────


def test_an_entry_is_of_use_as_far_as_it_is_the_same() -> None:
    turns = stream(A, (1, 2, 9), (*A, 5))
    assert entries(turns, 2).blocks == 2 + 4
    assert entries(turns, 2, can_trim=False).blocks == 0 + 4
    assert entries(turns, 1).blocks == 2 + 2  # the second took the place of the first


def test_a_hit_keeps_an_entry_where_the_cache_is_lru() -> None:
    turns = stream(A, B, A, C, A)
    assert entries(turns, 2).blocks == 4 + 4
    shared = stream(A, B, (1, 2, 9), C, A)  # A is hit, and not stored again
    assert entries(shared, 3).blocks == 2 + 4
    assert entries(shared, 3, refreshes=False).blocks == 2 + 2


def test_what_is_continued_can_go_at_once() -> None:
    turns = stream(A, B, (*A, 9), (*B, 9))
    assert entries(turns, 2).blocks == 4 + 0
    assert entries(turns, 2, drops_prefixes=True).blocks == 4 + 4


# ── slots ─────────────────────────────────────────────────────────────────────────────────────


def test_a_slot_is_taken_by_what_it_holds_or_by_its_age() -> None:
    turns = stream(A, B, (*A, 9), (*B, 9))
    assert slots(turns, 1).blocks == 0
    assert slots(turns, 2).blocks == 4 + 4


def test_too_little_in_common_is_no_reason_to_take_a_slot() -> None:
    long = tuple(range(1, 30))
    other = (1, 2, *range(100, 127))  # 2 of 29 blocks: under a tenth
    assert slots(stream(long, other, long), 2).blocks == 29
    assert slots(stream(long, other, long), 2, similar=0.0).blocks == 2 + 2


def test_what_a_slot_loses_is_saved_and_loaded_again() -> None:
    turns = stream(A, B, (*A, 9), (*B, 9))
    assert slots(turns, 1, ram_blocks=None).blocks == 4 + 4
    assert slots(turns, 1, ram_blocks=8).blocks == 4 + 4
    three = stream(A, B, C, (*A, 9))  # A goes first from a RAM that takes one of them
    assert slots(three, 1, ram_blocks=None).blocks == 4
    assert slots(three, 1, ram_blocks=4).blocks == 0


def test_ollama_takes_the_longest_prefix_whatever_is_lost() -> None:
    turns = stream(A, (1, 9, 9), A)
    assert ollama_slots(turns, 2).blocks == 1 + 1
    assert ollama_slots(turns, 2, is_multi_user=True).blocks == 1 + 4
    assert ollama_slots(stream(A, (*A, 5), (*A, 5, 6)), 1).blocks == 4 + 5


# ── all of them ───────────────────────────────────────────────────────────────────────────────


@given(streams(requests=20, depth=6, branches=3), st.integers(1, 5), st.booleans())
def test_nothing_beats_a_cache_without_limit(
    drawn: BlockStream, count: int, is_given: bool
) -> None:
    most = bounds(drawn, sizes=[]).infinite
    found = [
        entries(drawn, count, refreshes=is_given, drops_prefixes=not is_given),
        entries(drawn, count, can_trim=False),
        slots(drawn, count, ram_blocks=None if is_given else 3),
        ollama_slots(drawn, count, is_multi_user=is_given),
    ]
    for hits in found:
        assert hits.blocks <= most.blocks
        assert hits.tokens <= most.tokens
    assert entries(drawn, len(drawn) + 1) == most


@given(streams(requests=20, depth=6))
def test_common_blocks_are_those_of_a_walk(drawn: BlockStream) -> None:
    for one, other in zip(drawn.chains, drawn.chains[1:], strict=False):
        walked = 0
        while walked < min(len(one), len(other)) and one[walked] == other[walked]:
            walked += 1
        assert common_blocks(one, other) == walked


@given(streams(requests=20, depth=6), st.integers(1, 3))
def test_coarser_blocks_share_what_whole_ones_of_that_size_share(
    drawn: BlockStream, times: int
) -> None:
    coarse = drawn.whole().coarser(times)
    assert coarse.block_tokens == drawn.block_tokens * times
    ids = {block for chain in coarse.chains for block in chain}
    assert ids == set(range(coarse.distinct))
    for one, other in zip(drawn.whole().chains, drawn.whole().chains[1:], strict=False):
        first, second = (coarse.chains[drawn.whole().chains.index(c)] for c in (one, other))
        assert common_blocks(first, second) == common_blocks(one, other) // times


def test_the_table_has_every_server_and_says_what_it_cannot_know() -> None:
    table = what_if(stream_of(agent(3, 200), block_tokens=64))
    servers = list(dict.fromkeys(row.server for row in table))
    assert servers == [
        "mlx_lm.server", "whole entries, LRU", "llama.cpp", "LM Studio", "Ollama", "vLLM",
        "SGLang", "llmx serve",
    ]  # fmt: skip
    untold = [row for row in table if row.hits is None]
    assert [(row.server, row.share, row.why) for row in untold] == [
        ("llama.cpp", None, UNKNOWN_KV),
        ("LM Studio", None, UNKNOWN_KV),
    ]
    assert next(row.setting for row in table if row.is_default) == "--prompt-cache-size 10"


def test_a_sentence_says_the_default_and_what_a_setting_gains() -> None:
    def row(setting: str, share: float | None, *, is_default: bool = False) -> WhatIf:
        return WhatIf("house", setting, is_default, None, share)

    rows = [row("-n 1", 0.04, is_default=True), row("-n 9", 0.061), row("-n 0", None)]
    told = ["this trace under house by default (-n 1): 4.0%; with -n 9: 6.1%"]
    assert list(sentences(rows)) == told
    assert list(sentences(rows[:1])) == [told[0].split(";")[0]]
    assert list(sentences(rows[1:])) == []


def test_no_server_is_told_more_than_can_be_hit_and_known_bytes_tell_all() -> None:
    made = stream_of(agent(3, 200), block_tokens=64)
    most = bounds(made, sizes=[])
    for row in what_if(made, kv=KV):
        assert row.hits is not None
        assert row.share is not None
        assert row.hits.tokens <= most.infinite.tokens
        assert row.share == pytest.approx(most.token_share(row.hits))


def setting(table: tuple[WhatIf, ...], server: str, name: str) -> float:
    (found,) = [row.share for row in table if (row.server, row.setting) == (server, name)]
    assert found is not None
    return found


def test_a_model_that_cannot_be_cut_is_asked_for_whole_prefixes() -> None:
    """Two conversations take turns; each prompt begins with the last one and its answer."""
    turns = [Shared(None, 0, 100, 20), Shared(None, 0, 90, 20)]
    for number in range(2, 20):
        before = turns[number - 2]
        reusable = before.prompt_tokens + before.output_tokens
        turns.append(Shared(number - 2, reusable, reusable + 30, 20))
    made = stream_of_shared(turns, block_tokens=4)
    for can_trim in (True, False):
        table = what_if(made, can_trim=can_trim)
        assert setting(table, "mlx_lm.server", "--prompt-cache-size 1") == 0
        assert setting(table, "mlx_lm.server", "--prompt-cache-size 4") > 0.8
        assert setting(table, "llama.cpp", "-np 1 --cache-ram 0") == 0
        assert setting(table, "llama.cpp", "-np 4 --cache-ram 0") > 0.8
