"""Samplers and penalties: right in every float type, and of no effect on neighbours."""

from __future__ import annotations

from typing import cast

import mlx.core as mx
import pytest

from llmx.core.engine.sampling import Distribution, Samplers, _filtered, greedy, make_processors
from llmx.core.types import SamplingParams


@pytest.mark.parametrize("dtype", [mx.float32, mx.bfloat16, mx.float16])
def test_top_p_keeps_the_same_share_in_every_float_type(dtype: mx.Dtype) -> None:
    logprobs = mx.full((1, 100_000), -11.5).astype(dtype)  # flat: 90 % are 90,000 tokens
    kept = (_filtered(logprobs, Distribution(1.0, 0, 0.9, 0.0)) > -mx.inf).sum().item()
    assert kept == pytest.approx(90_000, rel=0.01)


@pytest.mark.parametrize("dtype", [mx.float32, mx.bfloat16])
def test_penalties_keep_the_float_type_of_their_row(dtype: mx.Dtype) -> None:
    asked = SamplingParams(presence_penalty=0.5, frequency_penalty=0.5, repetition_penalty=1.2)
    logits = mx.ones((1, 8)).astype(dtype)
    for process in make_processors(asked, {}, prompt_tokens=2):
        logits = process(mx.array([1, 2, 3, 3]), logits)
    assert logits.dtype == dtype
    row = cast(list[float], logits.astype(mx.float32)[0].tolist())
    assert row[3] < row[1] < row[0]


def test_a_temperature_of_nearly_nothing_is_greedy() -> None:
    assert Samplers().make(Distribution(1e-9, 0, 1.0, 0.0), seed=1) is greedy
