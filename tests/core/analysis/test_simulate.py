"""The simulator, and the policy by what it hits: never less than LRU."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from benchmarks.block_traces import agent, cyclic, zipf
from llmx.core.analysis.simulate import BlockRequest, replay, simulate, spread
from llmx.core.index.policy import LRU, CostAware
from llmx.core.index.tokens import pack
from llmx.core.trace.mooncake import MooncakeTrace

MOONCAKE = Path(__file__).parents[4] / "shared" / "data" / "mooncake" / "conversation_trace.jsonl"
needs_mooncake = pytest.mark.skipif(
    not MOONCAKE.exists(), reason="no ../shared/data/mooncake beside the checkout"
)


def requests(*prompts: tuple[int, ...]) -> list[BlockRequest]:
    return [BlockRequest(prompt) for prompt in prompts]


def test_hits_are_counted_against_what_was_there_before_the_request() -> None:
    found = simulate(requests((1, 2), (1, 2, 3), (1, 2, 3), (9,)), block_tokens=64, sizes=[4])
    assert (found.requests, found.blocks, found.unique) == (4, 9, 4)
    assert found.infinite_hits == 5  # 0 + 2 + 3 + 0
    assert found.sizes[0].lru.hits == 5
    assert found.share(5) == pytest.approx(5 / 9)


def test_a_prompt_larger_than_the_cache_is_stored_as_far_as_it_fits() -> None:
    keys = [pack(range(10)), pack(range(10))]
    assert replay(keys, 4, LRU(), 64).hits == 4
    assert replay(keys, 4, CostAware(), 64).hits == 4


def test_nothing_at_all_is_simulated_too() -> None:
    found = simulate([], block_tokens=64)
    assert (found.blocks, found.infinite_hits, found.share(0)) == (0, 0, 0.0)


def test_sizes_are_spread_evenly_in_the_logarithm() -> None:
    assert spread(10_000, 3) == [100, 1000, 10_000]
    assert spread(1) == [1]


def test_at_the_size_of_all_that_is_unique_nothing_is_lost_and_nothing_evicted() -> None:
    found = simulate(agent(3, 300), block_tokens=64)
    last = found.sizes[-1]
    assert last.size == found.unique
    assert last.policy.hits == last.lru.hits == found.infinite_hits
    assert last.policy.evictions == 0


def test_the_same_trace_gives_the_same_figures() -> None:
    trace = agent(5, 400)
    assert simulate(trace, block_tokens=64) == simulate(iter(trace), block_tokens=64)


def test_a_seed_names_an_agent_trace() -> None:
    assert agent(1, 200) == agent(1, 200)
    assert agent(1, 200) != agent(2, 200)


@needs_mooncake
def test_lru_hits_what_an_independent_count_says() -> None:
    """Goldens of whole blocks; the tree evicts whole edges, so it may hit a little less."""
    found = simulate(MooncakeTrace(MOONCAKE), block_tokens=512, sizes=[100_000])
    assert (found.requests, found.blocks, found.unique) == (12_031, 288_500, 182_790)
    assert found.infinite_hits == 105_710
    assert found.sizes[0].lru.hits == 104_924


@needs_mooncake
def test_the_policy_hits_no_less_than_lru_on_a_part_of_the_mooncake_trace() -> None:
    found = simulate(islice(MooncakeTrace(MOONCAKE), 3000), block_tokens=512)
    assert [at.size for at in found.sizes if at.policy.hits < at.lru.hits] == []
    assert max(at.ratio for at in found.sizes) > 1.05


@needs_mooncake
@pytest.mark.slow
def test_the_policy_hits_no_less_than_lru_on_the_mooncake_trace() -> None:
    found = simulate(MooncakeTrace(MOONCAKE), block_tokens=512)
    assert [at.size for at in found.sizes if at.policy.hits < at.lru.hits] == []
    assert max(at.ratio for at in found.sizes) > 1.25


def agent_ratios(length: int, sizes: int) -> list[float]:
    """Hits beside LRU's, size by size, of ten traces together."""
    policy, lru = [0] * sizes, [0] * sizes
    for seed in range(10):
        trace = agent(seed, length)
        unique = simulate(trace, block_tokens=64, sizes=[]).unique
        found = simulate(trace, block_tokens=64, sizes=spread(unique, sizes)).sizes
        policy = [total + at.policy.hits for total, at in zip(policy, found, strict=True)]
        lru = [total + at.lru.hits for total, at in zip(lru, found, strict=True)]
        assert min(at.ratio for at in found) > 0.98, "one early eviction costs 1 % of a short trace"
    return [ours / theirs for ours, theirs in zip(policy, lru, strict=True)]


def test_the_policy_hits_no_less_than_lru_on_short_agent_traces() -> None:
    ratios = agent_ratios(500, 6)
    assert min(ratios) >= 1.0, ratios
    assert max(ratios) > 1.001, ratios  # it has to learn first


@pytest.mark.slow
def test_the_policy_hits_no_less_than_lru_on_agent_traces() -> None:
    ratios = agent_ratios(1500, 12)
    assert min(ratios) >= 1.0, ratios
    assert max(ratios) > 1.005, ratios


@pytest.mark.parametrize("trace", [zipf(0, 2000), cyclic(10)], ids=["zipf", "cyclic"])
def test_the_policy_loses_nothing_on_traces_of_other_kinds(trace: list[BlockRequest]) -> None:
    found = simulate(trace, block_tokens=64)
    assert min(at.ratio for at in found.sizes) > 0.995
