"""Demanded calls and JSON under a schema, over both APIs, from a model that knows nothing.

The bundled model's weights are noise: every valid answer of it is valid by the grammar alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI, BadRequestError

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.server.app import create_app
from llmx.core.types import Json
from tests.constraining import object_of
from tests.serving import running

WORD = {"type": "string", "maxLength": 5}
NESTED = object_of(
    name=WORD,
    tags={"type": "array", "items": WORD, "maxItems": 2},
    place={"anyOf": [{"type": "null"}, object_of(street=WORD, number={"type": "integer"})]},
    kind={"enum": ["a", "b"]},
)
SCHEMAS: dict[str, Json] = {"look": object_of(city=WORD, near=NESTED), "now": object_of()}
CHAT_TOOLS: Any = [
    {"type": "function", "function": {"name": name, "parameters": schema}}
    for name, schema in SCHEMAS.items()
]
MESSAGES_TOOLS: Any = [{"name": name, "input_schema": schema} for name, schema in SCHEMAS.items()]
FORMAT: Any = {
    "type": "json_schema",
    "json_schema": {"name": "thing", "strict": True, "schema": NESTED},
}
ASK: Any = [{"role": "user", "content": "Go on."}]
ENOUGH = 400  # tokens: above the longest sentence of either


@pytest.fixture(scope="module")
def url(noise: Path) -> Iterator[str]:
    engine = MLXEngine.load(noise)
    with running(create_app(engine)) as url:
        yield url
    asyncio.run(engine.close())


def check_call(name: str, arguments: Json) -> None:
    jsonschema.validate(arguments, SCHEMAS[name])


async def call_by_chat(client: AsyncOpenAI, seed: int) -> None:
    got = await client.chat.completions.create(
        model="m", messages=ASK, tools=CHAT_TOOLS, tool_choice="required", seed=seed,
        max_tokens=ENOUGH,
    )  # fmt: skip
    (choice,) = got.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls
    for call in choice.message.tool_calls:
        assert call.type == "function"
        check_call(call.function.name, json.loads(call.function.arguments))


async def value_by_chat(client: AsyncOpenAI, seed: int) -> None:
    stream = await client.chat.completions.create(
        model="m", messages=ASK, response_format=FORMAT, seed=seed, max_tokens=ENOUGH, stream=True
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    jsonschema.validate(json.loads(text), NESTED)


async def call_by_messages(client: AsyncAnthropic, seed: int) -> None:
    async with client.messages.stream(
        model="m", messages=ASK, tools=MESSAGES_TOOLS, tool_choice={"type": "any"},
        max_tokens=ENOUGH, extra_body={"seed": seed},
    ) as stream:  # fmt: skip
        got = await stream.get_final_message()
    assert got.stop_reason == "tool_use"
    assert got.content
    for block in got.content:
        assert block.type == "tool_use"
        check_call(block.name, block.input)


async def value_by_messages(client: AsyncAnthropic, seed: int) -> None:
    schema = {"type": "json_schema", "schema": NESTED}
    got = await client.messages.create(
        model="m", messages=ASK, max_tokens=ENOUGH,
        extra_body={"seed": seed, "output_config": {"format": schema}},
    )  # fmt: skip
    assert got.stop_reason == "end_turn"
    (block,) = got.content
    assert block.type == "text"
    jsonschema.validate(json.loads(block.text), NESTED)


@pytest.mark.parametrize(
    "seeds", [range(4), pytest.param(range(4, 100), marks=pytest.mark.slow)], ids=["4", "100"]
)
def test_every_seed_gives_what_was_demanded_over_both_apis(url: str, seeds: range) -> None:
    async def one(ask: Callable[[Any, int], Awaitable[None]], client: Any, seed: int) -> None:
        async with room:
            await ask(client, seed)

    async def all_of_them() -> None:
        async with (
            AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as chat,
            AsyncAnthropic(base_url=url, api_key="none", max_retries=0) as messages,
        ):
            ways: Sequence[tuple[Any, Any]] = [
                (call_by_chat, chat),
                (value_by_chat, chat),
                (call_by_messages, messages),
                (value_by_messages, messages),
            ]
            await asyncio.gather(*(one(*way, seed) for seed in seeds for way in ways))

    room = asyncio.Semaphore(32)
    asyncio.run(all_of_them())


def test_what_cannot_be_enforced_is_a_typed_400_and_not_a_wish(url: str) -> None:
    schema = object_of(a={"not": {"type": "string"}})
    wanted: Any = {"type": "json_schema", "json_schema": {"strict": True, "schema": schema}}

    async def ask() -> None:
        async with AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
            await client.chat.completions.create(model="m", messages=ASK, response_format=wanted)

    with pytest.raises(BadRequestError) as caught:
        asyncio.run(ask())
    assert caught.value.param == "response_format"
    assert "#/properties/a/not" in str(caught.value)
