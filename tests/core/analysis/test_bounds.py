"""LRU at every size, OPT and the cache without limit: against slow ones, and on a real trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.block_traces import agent
from llmx.core.analysis.belady import next_uses, opt, peak
from llmx.core.analysis.blocks import BlockStream, guessed_block_tokens, reuses, stream_of
from llmx.core.analysis.bounds import ENOUGH, bounds, first_scored, spread_sizes
from llmx.core.analysis.kv_bytes import KVBytes
from llmx.core.analysis.mattson import Hits, lru_curve
from llmx.core.analysis.simulate import own_hits
from llmx.core.index.policy import LRU
from llmx.core.trace.mooncake import BlockRequest, MooncakeTrace
from tests.core.analysis.block_streams import best_of_all, lru_by_hand, streams

MOONCAKE = Path(__file__).parents[4] / "shared" / "data" / "mooncake" / "conversation_trace.jsonl"
GOLDENS = {  # blocks: (hits of LRU, hits of OPT), counted twice with independent code
    100: (12_071, 20_279),
    300: (12_126, 31_107),
    1_000: (12_847, 55_019),
    3_000: (18_850, 84_953),
    10_000: (61_046, 105_710),
    30_000: (93_978, 105_710),
    100_000: (104_924, 105_710),
}


@pytest.fixture(scope="module")
def conversation() -> BlockStream:
    if not MOONCAKE.exists():
        pytest.skip("no ../shared/data/mooncake beside the checkout")
    return stream_of(MooncakeTrace(MOONCAKE), block_tokens=512)


def stream(*prompts: tuple[int, ...], tokens: int = 0) -> BlockStream:
    return stream_of([BlockRequest(prompt, 0.0, tokens) for prompt in prompts], block_tokens=8)


# ── against what is plainly right ─────────────────────────────────────────────────────────────


@given(streams(), st.integers(0, 12))
def test_the_curve_is_that_of_an_lru_list_at_every_size(drawn: BlockStream, first: int) -> None:
    curve = lru_curve(drawn, list(reuses(drawn)), first)
    for size in range(drawn.distinct + 2):
        assert curve.at(size) == Hits(*lru_by_hand(drawn, size, first)), size


@settings(max_examples=40)
@given(streams(requests=6, depth=3), st.integers(0, 4))
def test_opt_is_the_best_of_all_that_could_be_kept(drawn: BlockStream, size: int) -> None:
    uses = next_uses(list(reuses(drawn)))
    assert opt(drawn, uses, size).blocks == best_of_all(drawn, size)


@given(streams(requests=30, depth=8, branches=3))
def test_no_cache_beats_opt_of_its_size_nor_opt_one_without_limit(drawn: BlockStream) -> None:
    found = bounds(drawn, sizes=range(drawn.distinct + 2))
    before = Hits(0, 0)
    for point in found.points:
        assert before.blocks <= point.lru.blocks <= point.opt.blocks <= found.infinite.blocks
        assert before.tokens <= point.lru.tokens <= found.infinite.tokens
        before = point.lru
    assert before == found.infinite
    assert found.infinite.blocks == sum(drawn.prompt_blocks) - drawn.distinct


@settings(max_examples=50)
@given(streams(requests=30, depth=8, branches=3), st.integers(1, 20))
def test_the_servers_own_policy_does_not_beat_opt(drawn: BlockStream, size: int) -> None:
    uses = next_uses(list(reuses(drawn)))
    most = opt(drawn, uses, size).blocks
    assert own_hits(drawn, size).blocks <= most
    assert own_hits(drawn, size, LRU).blocks <= most
    assert own_hits(drawn, drawn.distinct) == bounds(drawn, sizes=[]).infinite


@given(streams(requests=30, depth=8, branches=3))
def test_opt_needs_its_peak_and_no_block_less(drawn: BlockStream) -> None:
    uses = next_uses(list(reuses(drawn)))
    most = peak(uses)
    everything = opt(drawn, uses, drawn.distinct)
    assert opt(drawn, uses, most) == everything
    assert not most or opt(drawn, uses, most - 1).blocks < everything.blocks


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_bounds_holds_on_agent_traffic(seed: int) -> None:
    made = stream_of(agent(seed, 400), block_tokens=64)
    found = bounds(made)
    assert len(found.points) > 10
    for point in found.points:
        assert point.lru.blocks <= point.opt.blocks <= found.infinite.blocks
    for size in (50, 1000):
        assert found.curve.at(size) == Hits(*lru_by_hand(made, size))


# ── by hand ───────────────────────────────────────────────────────────────────────────────────


def test_hits_are_counted_against_what_was_there_before_the_request() -> None:
    found = bounds(stream((1, 2), (1, 2, 3), (1, 2, 3), (9,)), sizes=[1, 2, 3, 4])
    assert (found.requests, found.blocks, found.distinct) == (4, 9, 4)
    assert [point.lru.blocks for point in found.points] == [2, 4, 5, 5]  # 1+1, 2+2, 2+3
    assert [point.opt.blocks for point in found.points] == [2, 4, 5, 5]
    assert found.block_share(found.infinite) == pytest.approx(5 / 9)


def test_a_partial_tail_counts_its_real_length() -> None:
    found = bounds(stream((1, 2), (1, 2), tokens=11))  # 8 + 3
    assert (found.tokens, found.infinite) == (22, Hits(2, 11))
    assert found.token_share(found.infinite) == 0.5


def test_a_tail_that_has_no_block_counts_as_prompt_and_is_never_hit() -> None:
    found = bounds(stream((1,), (1,), tokens=11))
    assert (found.tokens, found.infinite) == (22, Hits(1, 8))


def test_an_id_behind_other_blocks_is_another_block() -> None:
    assert bounds(stream((1, 2), (3, 2))).infinite.blocks == 0


def test_nothing_at_all_has_bounds_too() -> None:
    for empty in (stream(), stream(()), stream((), ())):
        found = bounds(empty, warmup="requests")
        assert (found.blocks, found.infinite, found.points) == (0, Hits(0, 0), ())
        assert found.enough == ()
        assert found.token_share(found.infinite) == 0.0


def test_sizes_are_round_and_end_where_all_is_hit() -> None:
    assert spread_sizes(1600) == [1, 2, 3, 5, 7, *(10, 15, 20, 30, 50, 70), *(100, 150, 200, 300),
        500, 700, 1000, 1500, 1600]  # fmt: skip
    assert spread_sizes(158_281)[:4] == [100, 150, 200, 300]
    assert spread_sizes(158_281)[-2:] == [150_000, 158_281]
    assert spread_sizes(1) == [1]
    assert spread_sizes(0) == []


def test_sizes_are_told_in_bytes_where_the_model_is_known() -> None:
    kv = KVBytes(token_bytes=1000, window_bytes=5, window=9, state_layers=0, state_bytes=0)
    found = bounds(stream((1, 2), (1, 2)), sizes=[2], kv=kv)
    assert (found.points[0].tokens, found.points[0].nbytes) == (16, 16_000)
    assert [each.nbytes for each in found.enough] == [8_000, 16_000, 16_000]
    assert bounds(stream((1, 2), (1, 2)), sizes=[2]).points[0].nbytes is None


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        ([(1000, 2), (512, 1), (513, 2)], 512),
        ([(1000, 63), (16, 1)], 16),
        ([(1000, 15), (64, 1), (40, 0)], 64),  # tails left out
        ([(100, 2), (100, 3)], None),
        ([], None),
    ],
    ids=["mooncake", "bailian", "without tails", "no size fits", "nothing"],
)
def test_the_size_of_blocks_is_told_by_lengths(
    prompts: list[tuple[int, int]], expected: int | None
) -> None:
    assert guessed_block_tokens(prompts) == expected


# ── the conversation trace ────────────────────────────────────────────────────────────────────


def test_the_trace_is_the_one_that_the_figures_are_of(conversation: BlockStream) -> None:
    counts = (len(conversation), conversation.blocks, conversation.distinct)
    assert counts == (12_031, 288_500, 182_790)
    assert (conversation.tokens, sum(conversation.output_tokens)) == (144_793_823, 4_122_048)
    assert max(conversation.prompt_blocks) == 247
    lengths = zip(conversation.prompt_tokens, conversation.prompt_blocks, strict=True)
    assert guessed_block_tokens(lengths) == 512


def test_the_bounds_are_what_independent_counts_say(conversation: BlockStream) -> None:
    found = bounds(conversation, sizes=list(GOLDENS))
    hits = {point.blocks: (point.lru.blocks, point.opt.blocks) for point in found.points}
    assert hits == GOLDENS
    assert (found.infinite.blocks, found.curve.largest) == (105_710, 158_281)
    assert round(found.token_share(found.infinite), 4) == 0.3736
    assert [each.share for each in found.enough] == list(ENOUGH)
    for each in found.enough:
        wanted = each.share * found.infinite.tokens
        assert found.curve.at(each.blocks - 1).tokens < wanted <= each.hits.tokens


@pytest.mark.parametrize(
    ("warmup", "of_blocks"), [("requests", 0.3900), ("blocks", 0.3925), ("time", 0.3926)]
)
def test_the_second_half_alone_can_be_scored(
    conversation: BlockStream, warmup: str, of_blocks: float
) -> None:
    match warmup:
        case "requests" | "blocks" | "time":
            found = bounds(conversation, sizes=[], warmup=warmup)
        case _:
            raise AssertionError(warmup)
    assert found.first == first_scored(conversation, found.warmup) > 0
    assert (found.whole.blocks, found.whole_tokens) == (105_710, 144_793_823)
    assert round(found.block_share(found.infinite), 4) == of_blocks
    if warmup == "requests":
        assert round(found.token_share(found.infinite), 4) == 0.3981
