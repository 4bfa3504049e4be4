"""The test of the test: a damaged cache must be seen by the checks that hold warm to cold.

One position dropped or doubled changes the text; one replaced token moves a first-token
log-probability by more than 1e-3, while an undamaged hit stays within 1e-4 (law 1 of the design).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import mlx.core as mx
import pytest
from mlx_lm.generate import generate_step
from mlx_lm.models.cache import KVCache, make_prompt_cache

from llmx.core.cache.layout import StateLayout
from llmx.core.cache.prefix_cache import RadixCache
from llmx.core.cache.records import Records
from llmx.core.index.tokens import pack
from tests.offline import first_logprobs, greedy, load_offline

PREFIX = 300  # tokens that the cache holds
TOKENS = 24  # of the answer
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def model(noise: Path) -> Any:
    return load_offline(noise)[0]


def prompt_of(number: int) -> list[int]:
    """A prompt of its own for each number, without special tokens."""
    return [300 + (17 * i * i + 31 * number + 7 * i) % 600 for i in range(PREFIX + 20)]


def restored(model: Any, prompt: list[int]) -> list[KVCache]:
    """A state of the first PREFIX tokens that went through the cache."""
    state = make_prompt_cache(model)
    model(mx.array([prompt[:PREFIX]]), cache=state)
    mx.eval([cache.state for cache in state])
    layout = StateLayout.of(state, chunk=PREFIX)
    cache = RadixCache(1 << 30, layout, Records(layout, lambda: make_prompt_cache(model)))
    cache.insert(pack(prompt[:PREFIX]), "", state, PREFIX)
    hit = cache.match(pack(prompt), "", capacity=len(prompt))
    assert hit.tokens == PREFIX
    return hit.state


def reorder(state: list[KVCache], rows: list[int]) -> list[KVCache]:
    """The state with these rows, in this order, in every layer."""
    index = mx.array(rows)
    damaged: list[KVCache] = []
    for cache in state:
        keys, values = cast(tuple[mx.array, mx.array], cache.keys_and_values())
        parts = keys[..., index, :], values[..., index, :], len(rows)
        damaged.append(KVCache.from_state(parts))
    return damaged


def text(model: Any, prompt: list[int], state: list[KVCache]) -> list[int]:
    steps = generate_step(mx.array(prompt[PREFIX:]), model, max_tokens=TOKENS, prompt_cache=state)
    return [int(token) for token, _ in steps]


def largest_difference(model: Any, prompt: list[int], state: list[KVCache]) -> float:
    cold = first_logprobs(model, prompt)
    warm = first_logprobs(model, prompt[PREFIX:], state)
    (largest,) = cast(list[float], mx.abs(cold - warm).max(keepdims=True).tolist())
    return largest


@pytest.mark.parametrize("number", range(3))
def test_an_undamaged_hit_is_a_cold_run(model: Any, number: int) -> None:
    prompt = prompt_of(number)
    assert largest_difference(model, prompt, restored(model, prompt)) < TOLERANCE
    assert text(model, prompt, restored(model, prompt)) == greedy(model, prompt, TOKENS)


@pytest.mark.parametrize(
    "rows",
    [
        [*range(150), *range(151, PREFIX)],
        [*range(150), 150, *range(150, PREFIX)],
    ],
    ids=["one position dropped", "one position doubled"],
)
@pytest.mark.parametrize("number", range(3))
def test_a_position_too_few_or_too_many_changes_the_text(
    model: Any, number: int, rows: list[int]
) -> None:
    prompt = prompt_of(number)
    damaged = reorder(restored(model, prompt), rows)
    assert text(model, prompt, damaged) != greedy(model, prompt, TOKENS)


@pytest.mark.parametrize("number", range(3))
def test_one_replaced_token_moves_a_logprob(model: Any, number: int) -> None:
    prompt = prompt_of(number)
    other = list(prompt)
    other[PREFIX // 2] = prompt[PREFIX // 2] + 100
    damaged = restored(model, other)
    difference = largest_difference(model, prompt, damaged)
    assert difference > 1e-3, f"only {difference}: the check would not see a wrong token"
