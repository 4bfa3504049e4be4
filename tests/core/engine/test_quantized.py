"""`--kv-bits`: lossy, one row at a time, and the same text after a hit as without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.errors import ConfigError
from tests.asking import Answer, answer, request_of
from tests.core.engine.support import words
from tests.models import make_model

LoadEngine = Callable[..., MLXEngine]


@pytest.mark.parametrize("family", ["qwen3", "gemma3_text", "granitemoehybrid", "falcon_h1"])
def test_a_hit_on_quantized_state_says_what_a_run_without_a_cache_says(
    family: str, tmp_path: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(make_model(family, tmp_path / family), kv_bits=8, prefill_chunk=64)
    assert engine.info.lossy
    system = ("system", words(100, 1))
    conversations = [[system, ("user", words(9, number))] for number in range(3)]

    async def talk() -> list[tuple[Answer, Answer]]:
        heard: list[tuple[Answer, Answer]] = []
        for messages in [*conversations, conversations[0]]:
            cold = await answer(engine, request_of(messages, cache=False))
            heard.append((cold, await answer(engine, request_of(messages))))
        together = await asyncio.gather(*(answer(engine, request_of(m)) for m in conversations))
        return [*heard, *((heard[n][0], one) for n, one in enumerate(together))]

    pairs = asyncio.run(talk())
    for cold, warm in pairs:
        assert warm.text == cold.text
    assert len({cold.text for cold, _ in pairs}) > 1
    first, *others = [warm for _, warm in pairs]
    assert first.cache.reason == "cold"
    for warm in others:
        assert warm.cache.matched >= 0.8 * len(warm.prepared.tokens)
    assert pairs[3][1].cache.matched == len(pairs[3][1].prepared.tokens) - 1


def test_a_model_that_cannot_compute_with_it_is_refused_by_the_option_s_name(
    tmp_path: Path, load_engine: LoadEngine
) -> None:
    with pytest.raises(ConfigError, match="--kv-bits 8: this model cannot compute"):
        load_engine(make_model("gpt_oss", tmp_path / "gpt_oss"), kv_bits=8)
