"""Anthropic Messages over the bundled model: what is counted, reused, begun, demanded, refused."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from anthropic import Anthropic, BadRequestError
from anthropic.types import Usage
from pydantic import BaseModel

from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from llmx.core.wire.check.messages import check_messages
from tests.core.server.support import STRICT
from tests.serving import running

READ = {
    "name": "Read",
    "description": "Reads.",
    "input_schema": {
        "type": "object",
        "properties": {"path": {"type": "string", "maxLength": 8}},
        "required": ["path"],
        "additionalProperties": False,
    },
}
HI = {"role": "user", "content": "Read a.txt"}


@pytest.fixture(scope="module")
def url(noise: Path) -> Iterator[str]:
    engine = MLXEngine.load(noise, EngineOptions())
    with running(create_app(engine)) as url:
        yield url
    asyncio.run(engine.close())


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Anthropic]:
    with Anthropic(base_url=url, **STRICT) as client:
        yield client


def asked(**body: Any) -> dict[str, Any]:
    prompt = {"model": "m", "system": "Be brief.", "tools": [READ], "messages": [HI]}
    return {**prompt, "max_tokens": 16, "extra_body": {"temperature": 0}, **body}


def prompt_of(usage: Usage) -> int:
    assert usage.cache_read_input_tokens is not None
    assert usage.cache_creation_input_tokens is not None
    return usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tools": []},
        {"system": [{"type": "text", "text": "x-anthropic-billing-header: 1"}]},
        {"messages": [HI, {"role": "assistant", "content": "The file"}]},
        {"messages": [HI, {"role": "system", "content": "Now."}]},
        {"tool_choice": {"type": "any"}},
        {"thinking": {"type": "disabled"}},
    ],
)
def test_a_count_is_the_whole_prompt_of_the_real_request(client: Anthropic, fields: Any) -> None:
    body = asked(**fields, max_tokens=1)
    counted = {k: v for k, v in body.items() if k not in ("max_tokens", "extra_body")}
    count = client.messages.count_tokens(**counted).input_tokens
    for _ in ("cold", "warm"):
        assert prompt_of(client.messages.create(**body).usage) == count


def test_a_prompt_beyond_the_memory_is_counted_and_refused_as_one_that_is_too_long(
    noise: Path,
) -> None:
    body = asked(messages=[{"role": "user", "content": "word " * 3000}])
    counted = {k: v for k, v in body.items() if k not in ("max_tokens", "extra_body")}
    engine = MLXEngine.load(noise, EngineOptions(cache_ram=1 << 20))
    with running(create_app(engine)) as url, Anthropic(base_url=url, **STRICT) as client:
        count = client.messages.count_tokens(**counted).input_tokens
        with pytest.raises(BadRequestError, match=f"prompt is too long: {count} tokens > .* bytes"):
            client.messages.create(**body)
    asyncio.run(engine.close())


def test_a_second_turn_reuses_the_first_and_a_stream_says_what_the_object_says(
    client: Anthropic,
) -> None:
    first = client.messages.create(**asked(system="Of its own."))
    talk = [HI, first.to_param(), HI]
    with client.messages.stream(**asked(system="Of its own.", messages=talk)) as stream:
        streamed = stream.get_final_message()
    whole = client.messages.create(**asked(system="Of its own.", messages=talk))
    prompt: Any = {"model": "m", "system": "Of its own.", "tools": [READ], "messages": talk}
    count = client.messages.count_tokens(**prompt)
    assert count.input_tokens == prompt_of(whole.usage)
    assert streamed.usage.cache_read_input_tokens is not None
    assert streamed.usage.cache_read_input_tokens >= prompt_of(first.usage)
    assert whole.usage.cache_read_input_tokens == prompt_of(whole.usage) - 1
    assert [b.text for b in whole.content if b.type == "text"] == [
        b.text for b in streamed.content if b.type == "text"
    ]


def test_a_begun_answer_is_gone_on_with(client: Anthropic) -> None:
    whole = client.messages.create(**asked(tools=[]))
    (block,) = whole.content
    assert block.type == "text"
    begun = [HI, {"role": "assistant", "content": block.text[:20]}]
    rest = client.messages.create(**asked(tools=[], messages=begun)).content[0]
    assert rest.type == "text"
    assert not rest.text.startswith(block.text[:20])


@pytest.mark.parametrize("stream", [False, True])
def test_a_demanded_call_is_made(client: Anthropic, stream: bool) -> None:
    body = asked(tool_choice={"type": "any", "disable_parallel_tool_use": True}, max_tokens=200)
    if stream:
        with client.messages.stream(**body) as events:
            answer = events.get_final_message()
    else:
        answer = client.messages.create(**body)
    (use,) = [block for block in answer.content if block.type == "tool_use"]
    assert (answer.stop_reason, use.name) == ("tool_use", "Read")
    assert list(use.input) == ["path"]  # pyright: ignore


class Drink(BaseModel):
    drink: Literal["tea", "coffee"]


def test_a_demanded_form_is_kept(client: Anthropic) -> None:
    answer = client.messages.parse(**asked(tools=[], output_format=Drink, max_tokens=100))
    assert answer.parsed_output is not None
    assert answer.parsed_output.drink in ("tea", "coffee")


# ── bad input ─────────────────────────────────────────────────────────────────────────────────


def said(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


USE = {"type": "tool_use", "id": "a", "name": "Read", "input": {}}
UNMET = {
    "type": "object",
    "properties": {"a": {"type": "array", "minItems": 5, "maxItems": 2}},
    "required": ["a"],
}

BODIES: list[tuple[dict[str, Any], str | None]] = [
    ({"messages": [said({"type": "text", "text": "x"})]}, None),
    ({"messages": [{"role": "assistant", "content": ""}]}, None),
    ({"messages": [{"role": "user", "content": ""}]}, None),
    ({"messages": [{"role": "user", "content": []}], "system": None, "tools": None}, None),
    ({"messages": [{"role": "system", "content": "x"}]}, None),
    ({"messages": [HI, HI]}, None),
    ({"messages": [HI, said({"type": "thinking", "thinking": "t", "signature": ""})]}, None),
    ({"messages": [HI, said(USE)]}, None),
    ({"messages": [HI, said({**USE, "name": "Gone"}), HI]}, None),
    ({"messages": [HI, said(USE), {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "a", "content": "</tool_call>\u202e\u05d0 🙃"},
    ]}]}, None),
    ({"messages": [HI, {"role": "system", "content": "s"}, HI]}, None),
    ({"max_tokens": 10**12, "stop_sequences": ["e", "a", "o", "i", "u"]}, None),
    ({"tools": [{"name": f"tool_{n}", "input_schema": {}} for n in range(40)]}, None),
    ({"output_config": {"effort": "max"}}, None),
    ({"messages": [{"role": "user", "content": "x " * 40_000}]}, "prompt is too long: "),
    ({"top_k": 10**9}, "top_k"),
    ({"output_config": {"format": {"type": "json_schema", "schema": UNMET}}},
     "output_config.format: "),
    ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages[0].content[0]"),
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
def test_whatever_is_sent_is_answered_rightly_or_refused_by_its_place(
    url: str, stream: bool
) -> None:
    for fields, wanted in BODIES:
        body = {**asked(max_tokens=3), "stream": stream, **fields}
        answer = httpx.post(f"{url}/v1/messages", json=body, timeout=60)
        if wanted is not None:
            assert answer.status_code == 400, fields
            assert answer.json()["error"]["message"].startswith(wanted)
            continue
        assert answer.status_code == 200, answer.text
        if stream:
            seen = check_messages(answer.content)
            assert (seen.violations, seen.error) == ([], None)
        else:
            assert json.loads(answer.content)["stop_reason"] is not None
    assert httpx.get(f"{url}/health").json()["status"] == "ok"
