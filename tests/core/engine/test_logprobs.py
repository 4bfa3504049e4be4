"""Logprobs: what the model gave before anything was done to it, for every row that asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import mlx.core as mx
import numpy as np
import pytest

from llmx.core.engine.logprobs import Scores, Witness
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.errors import RequestError
from llmx.core.types import TokenLogprob
from tests import offline
from tests.asking import Answer, answer, request_of
from tests.models import VOCABULARY, make_model

TOLERANCE = 1e-4
TOKENS = 10


@dataclass(frozen=True)
class Twins:
    """An engine, bare mlx-lm on the same model, and the id of each token's bytes."""

    engine: MLXEngine
    model: Any
    ids: dict[bytes, int]

    def drawn(self, heard: Answer) -> list[int]:
        return [self.ids[told.raw] for told in heard.logprobs]

    def expected(self, heard: Answer) -> np.ndarray:
        """What the model says of each place of this answer, [tokens, vocabulary]."""
        drawn = self.drawn(heard)
        run = offline.generate(self.model, heard.prepared.tokens, len(drawn), forced=drawn)
        return run.logprobs


@pytest.fixture(scope="module", params=["qwen3", "llama4"], ids=["batched", "one by one"])
def twins(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Twins]:
    folder = make_model(request.param, tmp_path_factory.mktemp(request.param))
    engine = MLXEngine.load(folder, EngineOptions(prefill_chunk=64))
    texts = engine._texts
    model, _ = offline.load_offline(folder)
    yield Twins(engine, model, {texts.raw(one): one for one in range(VOCABULARY)})
    asyncio.run(engine.close())


def ask(twins: Twins, *asked: dict[str, Any]) -> list[Answer]:
    """The answers to different prompts, asked at the same time."""

    async def run() -> list[Answer]:
        requests = [
            request_of(f"Tell me {number} things, and why.", max_tokens=TOKENS, **one)
            for number, one in enumerate(asked)
        ]
        return list(await asyncio.gather(*(answer(twins.engine, one) for one in requests)))

    return asyncio.run(run())


def check(told: TokenLogprob, row: np.ndarray, twins: Twins, top: int) -> None:
    assert told.logprob == pytest.approx(row[twins.ids[told.raw]], abs=TOLERANCE)
    likeliest = np.sort(row)[::-1][:top]
    assert [one.logprob for one in told.top] == pytest.approx([*likeliest], abs=TOLERANCE)
    for one in told.top:
        assert one.logprob == pytest.approx(row[twins.ids[one.raw]], abs=TOLERANCE)
        assert one.top == ()


def test_each_token_has_the_logprob_that_the_model_gives_it(twins: Twins) -> None:
    """Rows that ask for different numbers of the likeliest, beside one that asks for none."""
    tops = (0, 5, None, 20)
    heard = ask(twins, *({"logprobs": top} for top in tops))
    assert heard[2].logprobs == ()
    for one, top in zip(heard, tops, strict=True):
        if top is None:
            continue
        assert len(one.logprobs) == one.end.usage.completion_tokens
        assert "".join(told.token for told in one.logprobs) == one.text
        for told, row in zip(one.logprobs, twins.expected(one), strict=True):
            check(told, row, twins, top)


def test_bias_penalties_and_temperature_do_not_change_what_is_told(twins: Twins) -> None:
    """The drawn token need not be the likeliest, and may be one that the model would not say."""
    wanted = 400
    (pushed, cold) = ask(
        twins,
        {"logprobs": 3, "logit_bias": ((wanted, 100.0),), "frequency_penalty": 2.0},
        {"logprobs": 3, "temperature": 2.0, "seed": 7, "repetition_penalty": 1.5, "top_k": 50},
    )
    assert twins.drawn(pushed) == [wanted] * TOKENS
    for heard in (pushed, cold):
        for told, row in zip(heard.logprobs, twins.expected(heard), strict=True):
            check(told, row, twins, 3)
    assert any(told.logprob < told.top[-1].logprob for told in cold.logprobs)


def test_an_answer_from_the_cache_has_the_same_logprobs(twins: Twins) -> None:
    (first,), (again,) = ask(twins, {"logprobs": 4}), ask(twins, {"logprobs": 4})
    if twins.engine.info.cacheable:
        assert again.cache.matched > 0
    pairs = zip(first.logprobs, again.logprobs, strict=True)
    assert all(a.logprob == pytest.approx(b.logprob, abs=TOLERANCE) for a, b in pairs)


@pytest.mark.parametrize("dtype", [mx.float32, mx.bfloat16])
def test_what_is_impossible_has_a_number_that_json_can_say(dtype: mx.Dtype) -> None:
    witness = Witness(top=9)  # more than there are
    logits = mx.array([[0.0, -mx.inf, 1.0, -mx.inf]]).astype(dtype)
    assert witness(mx.array([1]), logits) is logits
    (told,) = Scores.of([witness], mx.array([1])).read()
    assert told.logprob == -9999.0
    assert [one for one, _ in told.top[:2]] == [2, 0]
    assert [value for _, value in told.top[2:]] == [-9999.0, -9999.0]
    both = cast(float, mx.exp(mx.array([value for _, value in told.top])).sum().item())
    assert both == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("wrong", [-1, VOCABULARY])
def test_a_bias_of_what_is_no_token_is_refused_by_its_number(twins: Twins, wrong: int) -> None:
    request = request_of("Hi", logit_bias=((5, 1.0), (wrong, -1.0)))
    with pytest.raises(RequestError, match=f"{wrong} is none of this model's {VOCABULARY}") as seen:
        asyncio.run(twins.engine.prepare(request))
    assert seen.value.param == "logit_bias"


def test_a_token_can_be_banned_by_its_bias(twins: Twins) -> None:
    (free,) = ask(twins, {"logprobs": 0})
    first = twins.drawn(free)[0]
    (banned,) = ask(twins, {"logprobs": 0, "logit_bias": ((first, -100.0),)})
    assert first not in twins.drawn(banned)
