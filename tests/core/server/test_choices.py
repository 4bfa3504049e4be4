"""Choices and logprobs of a real engine as OpenAI's client reads them, streamed and not."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from openai import BadRequestError, OpenAI
from openai.types.chat.chat_completion_token_logprob import ChatCompletionTokenLogprob

from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from tests.models import make_model
from tests.serving import running

QUESTION: Any = [{"role": "user", "content": "What do the bees say about the weather?"}]
ASKED: dict[str, Any] = {
    "model": "any",
    "messages": QUESTION,
    "seed": 5,
    "temperature": 1.0,
    "max_tokens": 12,
    "logprobs": True,
    "top_logprobs": 2,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    folder = make_model("qwen3", tmp_path_factory.mktemp("qwen3"))
    engine = MLXEngine.load(folder, EngineOptions(prefill_chunk=64))
    with (
        running(create_app(engine)) as url,
        OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as made,
    ):
        yield made
    asyncio.run(engine.close())


def spelled(told: list[ChatCompletionTokenLogprob]) -> str:
    return b"".join(bytes(one.bytes or ()) for one in told).decode("utf-8", "replace")


def test_choices_have_texts_logprobs_and_ends_of_their_own(client: OpenAI) -> None:
    answer = client.chat.completions.create(**ASKED, n=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) == 3
    for choice in answer.choices:
        assert choice.finish_reason == "length"
        assert choice.logprobs is not None
        told = choice.logprobs.content or []
        assert spelled(told) == choice.message.content
        assert all(len(one.top_logprobs) == 2 for one in told)
        assert all(one.logprob <= one.top_logprobs[0].logprob <= 0 for one in told)
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3 * 12
    alone = client.chat.completions.create(**ASKED)
    assert alone.choices[0].message.content == answer.choices[0].message.content
    assert alone.usage is not None
    assert alone.usage.prompt_tokens == answer.usage.prompt_tokens


def test_a_stream_says_the_same(client: OpenAI) -> None:
    whole = client.chat.completions.create(**ASKED, n=3)
    texts: defaultdict[int, str] = defaultdict(str)
    logprobs: defaultdict[int, list[float]] = defaultdict(list)
    ends: dict[int, str] = {}
    for chunk in client.chat.completions.create(**ASKED, n=3, stream=True):
        for choice in chunk.choices:
            assert choice.index not in ends
            texts[choice.index] += choice.delta.content or ""
            told = choice.logprobs.content if choice.logprobs is not None else None
            logprobs[choice.index] += [one.logprob for one in told or ()]
            if choice.finish_reason is not None:
                ends[choice.index] = choice.finish_reason
    assert ends == dict.fromkeys(range(3), "length")
    for choice in whole.choices:
        assert texts[choice.index] == choice.message.content
        assert choice.logprobs is not None
        told = [one.logprob for one in choice.logprobs.content or ()]
        assert logprobs[choice.index] == pytest.approx(told, abs=1e-4)


def test_what_cannot_be_is_refused_by_its_field(client: OpenAI) -> None:
    for wrong, param in (({"n": 17}, "n"), ({"logit_bias": {"999999": 1}}, "logit_bias")):
        with pytest.raises(BadRequestError) as refused:
            client.chat.completions.create(**{**ASKED, **wrong})
        assert (refused.value.param or "").startswith(param)
