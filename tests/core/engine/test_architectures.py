"""Every kind of model: answers as offline, alone and in a batch; what is not stored says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from tests.asking import Answer, answer, request_of
from tests.models import ARCHITECTURES, UNBATCHABLE, make_model
from tests.offline import greedy, load_offline

LoadEngine = Callable[..., MLXEngine]
TOKENS = 12


def varied_text(words: int) -> str:
    """Words that do not repeat: on a repeating prompt a random model repeats one token."""
    rng = random.Random(words)
    return " ".join(
        "".join(rng.choices("aeiounrstlm", k=rng.randrange(2, 8))) for _ in range(words)
    )


def ask_all(engine: MLXEngine, prompts: list[str], *, together: bool) -> list[Answer]:
    async def run() -> list[Answer]:
        requests = [request_of(prompt, max_tokens=TOKENS) for prompt in prompts]
        if together:
            return list(await asyncio.gather(*(answer(engine, r) for r in requests)))
        return [await answer(engine, request) for request in requests]

    return asyncio.run(run())


@pytest.mark.parametrize("architecture", [*ARCHITECTURES, *UNBATCHABLE])
def test_it_answers_as_an_offline_run_does_alone_and_batched(
    architecture: str, tmp_path: Path, load_engine: LoadEngine
) -> None:
    folder = make_model(architecture, tmp_path / architecture)
    # Short, longer than the tests' windows, and of unequal length side by side.
    prompts = [varied_text(words) for words in (1, 3, 9, 18, 27, 45, 66, 90)]
    model, tokenizer = load_offline(folder)
    engine = load_engine(folder, prefill_chunk=64)
    batched = ask_all(engine, prompts, together=True)
    alone = ask_all(engine, prompts, together=False)
    expected = [tokenizer.decode(greedy(model, a.prepared.tokens, TOKENS)) for a in batched]
    assert [a.text for a in batched] == expected
    assert [a.text for a in alone] == expected
    assert len(set(expected)) >= 3, "a model that says the same to everything proves nothing"

    stats = engine.stats().cache
    if architecture not in UNBATCHABLE:
        assert stats.enabled
        assert all(a.end.usage.cached_tokens == a.end.usage.prompt_tokens - 1 for a in alone)
    else:
        assert not stats.enabled
        assert not engine.info.cacheable
        assert dict(stats.reasons) == {"not_stored_class": 16}
        assert {a.cache.reason for a in alone} == {"not_stored_class"}
        assert stats.stored_bytes == 0
    assert stats.running_bytes == 0
