"""The official client beside ours, over the same server: so that not both sides are wrong alike."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest
from openai.types.responses import (
    FunctionToolParam,
    ResponseCompletedEvent,
    ResponseTextDeltaEvent,
)
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import TypeAdapter

from llmx.core.client.chat import ChatClient
from llmx.core.client.reply import Reply
from llmx.core.verify.dialects import Options, asking_odds, send
from llmx.core.verify.prompts import conversation
from llmx.core.verify.workload import Prompt
from llmx.fixtures import agent_tools
from tests.archetypes.served import Archetype, Traits
from tests.archetypes.wires import LOGPROBS
from tests.serving import running

TURNS = (
    {"role": "user", "content": "Remember this: the code word is amber."},
    {"role": "assistant", "content": "OK."},
    {"role": "user", "content": "What is the code word?"},
)
PROMPT = conversation("nonce\n" + "Be brief. " * 40, TURNS, tools=agent_tools()[:2])


def asked(url: str, prompt: Prompt, *, stream: bool = True, top: int = 5) -> Reply:
    async def ask() -> Reply:
        async with ChatClient(url, timeout_s=20) as client:
            extra = asking_odds("responses", top)
            asking = Options(max_tokens=16, model="archetype", extra=extra, stream=stream)
            return await send(client, "responses", prompt, asking)

    return asyncio.run(ask())


def body_of(prompt: Prompt) -> Any:
    """What our client sends, as it arrives."""
    seen: list[Any] = []

    class Seeing(Archetype):
        def _compute(self, wire: Any, body: Any) -> Any:
            seen.append(body)
            return super()._compute(wire, body)

    with running(Seeing(Traits("honest")).app()) as url:
        asked(url, prompt)
    (body,) = seen
    return body


@pytest.mark.parametrize(
    "prompt",
    [
        PROMPT,
        PROMPT.as_one_turn(),
        Prompt(({"role": "system", "content": [{"type": "text", "text": "Hi"}]}, TURNS[0]), ()),
    ],
    ids=["a conversation with tools", "one turn", "a system message of parts"],
)
def test_what_our_client_sends_is_of_the_official_types(prompt: Prompt) -> None:
    body = body_of(prompt)
    tools = body.pop("tools", [])
    TypeAdapter(ResponseCreateParamsStreaming).validate_python(body)
    assert body["store"] is False
    assert len(tools) == len(prompt.tools)
    for tool in tools:  # apart: an iterable is validated as it is read
        TypeAdapter(FunctionToolParam).validate_python(tool)


def test_the_official_client_and_ours_hear_the_same_of_a_stream() -> None:
    """Strictly: each event has to be of its official type, with all that is required there."""
    traits = Traits("honest", tells_odds=True)
    with running(Archetype(traits).app()) as url:
        ours = asked(url, PROMPT)
        with openai.OpenAI(
            base_url=f"{url}/v1", api_key="none", _strict_response_validation=True
        ) as client:
            body = body_of(PROMPT)
            events = list(client.responses.create(**body))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events if event.type != "response.output_text.delta"] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    deltas = [event for event in events if isinstance(event, ResponseTextDeltaEvent)]
    (ended,) = (event for event in events if isinstance(event, ResponseCompletedEvent))
    usage = ended.response.usage
    assert usage is not None
    assert ours.text == "".join(event.delta for event in deltas) == ended.response.output_text
    assert ours.text.strip() == "It is amber."
    assert (ours.prompt_tokens, ours.cached_tokens) == (usage.input_tokens, 0)
    assert usage.input_tokens_details.cached_tokens > usage.input_tokens - 2  # it was asked again
    odds = [(one.token, one.logprob) for event in deltas for one in event.logprobs]
    assert odds == [(one.token, one.logprob) for one in ours.odds]
    assert all(len(one.top) == 5 for one in ours.odds)


def test_the_official_client_and_ours_hear_the_same_of_a_whole_answer() -> None:
    with running(Archetype(Traits("honest", tells_odds=True)).app()) as url:
        streamed, whole = asked(url, PROMPT), asked(url, PROMPT, stream=False)
        with openai.OpenAI(
            base_url=f"{url}/v1", api_key="none", _strict_response_validation=True
        ) as client:
            response = client.responses.create(
                model="archetype",
                input="Hi",
                max_output_tokens=16,
                store=False,
                include=[LOGPROBS],
                top_logprobs=2,
            )
    assert (whole.text, whole.odds) == (streamed.text.strip(), streamed.odds)
    assert response.output_text
    assert response.usage is not None
    details = response.usage.input_tokens_details
    assert details.cached_tokens + details.cache_write_tokens == response.usage.input_tokens
