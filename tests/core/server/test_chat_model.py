"""The whole of Chat and Completions on the bundled model, read by the official client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import pytest
from openai import OpenAI, pydantic_function_tool
from pydantic import BaseModel, ConfigDict, Field

from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from llmx.core.wire.check.chat import check_chat
from tests.serving import running

USER: Any = {"role": "user", "content": "What grows in row 7?"}
CHAT = "/v1/chat/completions"


class Town(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=8)]
    kind: Literal["big", "small"]


class Towns(BaseModel):
    model_config = ConfigDict(extra="forbid")

    towns: Annotated[list[Town], Field(max_length=2)]
    total: Annotated[int, Field(ge=0, le=9)]


@pytest.fixture(scope="module")
def url(noise: Path) -> Iterator[str]:
    engine = MLXEngine.load(noise, EngineOptions(model_id="llmx-demo"))
    try:
        with running(create_app(engine)) as made:
            yield made
    finally:
        asyncio.run(engine.close())


@pytest.fixture
def client(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as made:
        yield made


def post(url: str, path: str, **body: Any) -> Any:
    answer = httpx.post(url + path, json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def said(url: str, **body: Any) -> list[str]:
    answer = post(url, CHAT, messages=[USER], max_tokens=8, **body)
    return [choice["message"]["content"] for choice in answer["choices"]]


# ── one prompt, three ways in ─────────────────────────────────────────────────────────────────


def test_a_conversations_tokens_as_a_prompt_give_its_answer_from_the_same_cache(url: str) -> None:
    messages = [{"role": "system", "content": "Rows " * 30}, USER]
    chat = post(url, CHAT, messages=messages, max_tokens=8, temperature=0)
    told = post(url, "/tokenize", messages=messages)
    assert told["count"] == chat["usage"]["prompt_tokens"]
    text = post(url, "/v1/completions", prompt=told["tokens"], max_tokens=8, temperature=0)
    assert text["choices"][0]["text"] == chat["choices"][0]["message"]["content"]
    cached = text["usage"]["prompt_tokens_details"]["cached_tokens"]
    assert cached == told["count"] - 1  # one is computed, for its logits


def test_what_is_tokenized_comes_back(url: str) -> None:
    text = "Row 7: é🙃 שלום <|im_start|>\n\n"
    tokens = post(url, "/tokenize", prompt=text)["tokens"]
    assert post(url, "/detokenize", tokens=tokens)["prompt"] == text


def test_prompts_of_one_body_are_answered_as_each_alone(url: str) -> None:
    prompts = ["Once upon a time", "Row 7", "Row 7 is"]
    asked: Any = {"max_tokens": 6, "temperature": 0, "cache": False}
    alone = [post(url, "/v1/completions", prompt=p, **asked)["choices"][0] for p in prompts]
    together = post(url, "/v1/completions", prompt=prompts, **asked)["choices"]
    assert [choice["text"] for choice in together] == [choice["text"] for choice in alone]


@pytest.mark.parametrize(
    "change",
    [
        {"tool_choice": "required"},
        {"tool_choice": "none"},
        {"parallel_tool_calls": False},
        {"response_format": {"type": "json_object"}, "tool_choice": "none"},
        {"n": 2, "logprobs": True, "seed": 5, "user": "me", "prompt_cache_key": "x"},
    ],
)
def test_what_concerns_the_answer_only_does_not_change_the_prompt(
    url: str, change: dict[str, Any]
) -> None:
    function = {"name": "go", "parameters": {"type": "object", "properties": {}}}
    tool = {"type": "function", "function": function}
    strict = {"type": "function", "function": {**function, "strict": True}}
    plain = post(url, "/tokenize", messages=[USER], tools=[tool])
    for one in (tool, strict):
        assert post(url, "/tokenize", messages=[USER], tools=[one], **change) == plain


# ── choices, logprobs, biases ─────────────────────────────────────────────────────────────────


def test_the_first_of_several_choices_is_the_only_one(url: str) -> None:
    alone, several = said(url, seed=3), said(url, seed=3, n=3)
    assert several[0] == alone[0]
    assert len(set(several)) == 3
    assert said(url, seed=3, n=3) == several


@pytest.mark.parametrize("stream", [False, True])
def test_logprobs_are_those_of_the_text(url: str, stream: bool) -> None:
    asked: Any = {"max_tokens": 8, "temperature": 0, "logprobs": True, "top_logprobs": 3}
    if stream:
        answer = httpx.post(url + CHAT, json={"messages": [USER], "stream": True, **asked})
        seen = check_chat(answer.content)
        assert seen.violations == []
        text, told = seen.choices[0].content, seen.choices[0].logprobs
    else:
        choice = post(url, CHAT, messages=[USER], **asked)["choices"][0]
        text, told = choice["message"]["content"], choice["logprobs"]["content"]
    assert bytes(byte for token in told for byte in token["bytes"]).decode() == text
    assert len(told) == 8
    for token in told:
        likely = [one["logprob"] for one in token["top_logprobs"]]
        assert likely == sorted(likely, reverse=True)
        assert (len(likely), likely[0]) == (3, token["logprob"])  # greedy: the likeliest


def test_a_bias_decides(url: str) -> None:
    (token, *_) = post(url, "/tokenize", prompt="seed")["tokens"]
    word = post(url, "/detokenize", tokens=[token])["prompt"]
    assert said(url, logit_bias={str(token): 100}, temperature=0) == [word * 8]


def test_a_token_that_the_model_does_not_have_is_refused(url: str) -> None:
    for path, body in (
        (CHAT, {"messages": [USER], "logit_bias": {"999999": 1}}),
        ("/v1/completions", {"prompt": [999_999]}),
        ("/detokenize", {"tokens": [999_999]}),
    ):
        answer = httpx.post(url + path, json=body, timeout=60)
        assert answer.status_code == 400
        assert "999999" in answer.json()["error"]["message"]


# ── forms ─────────────────────────────────────────────────────────────────────────────────────


def test_the_client_gets_its_own_type(client: OpenAI) -> None:
    asked: Any = {"model": "any", "messages": [USER], "max_tokens": 200, "seed": 4}
    answer = client.chat.completions.parse(**asked, response_format=Towns)
    assert isinstance(answer.choices[0].message.parsed, Towns)
    with client.chat.completions.stream(**asked, response_format=Towns) as stream:
        streamed = stream.get_final_completion()
    assert streamed.choices[0].message.parsed == answer.choices[0].message.parsed


def test_the_client_gets_the_call_that_it_demands(client: OpenAI) -> None:
    tools: Any = [pydantic_function_tool(Towns, name="keep"), pydantic_function_tool(Town)]
    demanded: Any = {"type": "function", "function": {"name": "keep"}}
    answer = client.chat.completions.parse(
        model="any",
        messages=[USER],
        tools=tools,
        tool_choice=demanded,
        parallel_tool_calls=False,
        max_tokens=300,
        seed=5,
    )
    (choice,) = answer.choices
    assert choice.finish_reason == "tool_calls"
    (made,) = choice.message.tool_calls or [None]
    assert made is not None
    assert isinstance(made.function.parsed_arguments, Towns)


def test_a_demanded_call_goes_through_a_loop_and_its_turn_comes_from_the_cache(url: str) -> None:
    """What the client sends back is the very prompt and answer that the server computed."""
    function = {"name": "keep", "parameters": Town.model_json_schema(), "strict": True}
    tools = [{"type": "function", "function": function}]
    asked: Any = {"tools": tools, "max_tokens": 200, "seed": 6}
    first = post(url, CHAT, messages=[USER], tool_choice="required", **asked)
    message = first["choices"][0]["message"]
    results = [
        {"role": "tool", "tool_call_id": made["id"], "content": "kept"}
        for made in message["tool_calls"]
    ]
    assert json.loads(message["tool_calls"][0]["function"]["arguments"])
    second = post(url, CHAT, messages=[USER, message, *results], **asked)
    cached = second["usage"]["prompt_tokens_details"]["cached_tokens"]
    assert cached >= first["usage"]["total_tokens"] - 1
