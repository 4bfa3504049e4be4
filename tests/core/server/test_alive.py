"""Signs of life: what a client hears while the engine has nothing to say yet, on every API.

Clients count real events only: a comment or a ping does not reset their clocks.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import anthropic
import httpx
import pytest
from openai import APIError

from llmx.core.engine.scripted import Gate, Item, ScriptedEngine, Special
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import Prefilled
from llmx.core.wire.check.chat import check_chat
from llmx.core.wire.check.messages import check_messages
from tests.core.server.support import CHAT, House, asked, house
from tests.serving import eventually
from tests.sse import chat_chunks, failed_chunks, text_of

SHORT_S = 0.02  # between two signs of life; 10 s in real life
SIGNS = 3


@dataclass(frozen=True)
class Api:
    path: str
    body: dict[str, Any]
    opening: bytes  # is in the first event
    sign: re.Pattern[bytes]  # in every sign of life, and in nothing else
    text: Callable[[bytes], str]  # of a whole stream, which is checked against its grammar
    failure: Callable[[bytes], str]  # the message of a stream that broke off, checked as well


def data_of(raw: bytes) -> list[str]:
    return [frame.removeprefix("data: ") for frame in raw.decode().split("\n\n") if frame]


def completion_text(raw: bytes) -> str:
    *chunks, done = data_of(raw)
    assert done == "[DONE]"
    choices = [json.loads(chunk)["choices"][0] for chunk in chunks]
    assert [choice["finish_reason"] for choice in choices[-2:]] == [None, "stop"]
    return "".join(choice["text"] for choice in choices)


def messages_text(raw: bytes) -> str:
    seen = check_messages(raw)
    assert (seen.violations, seen.error, seen.stop_reason) == ([], None, "end_turn")
    return "".join(block.text for block in seen.blocks)


def messages_failure(raw: bytes) -> str:
    seen = check_messages(raw)
    assert (seen.violations, seen.stop_reason) == ([], None)
    assert isinstance(seen.error, dict)
    return seen.error["message"]


APIS = {
    "chat": Api(
        path=CHAT,
        body=asked(stream=True),
        opening=b'"role":"assistant"',
        sign=re.compile(rb'"delta":\{\},"logprobs":null,"finish_reason":null'),
        text=lambda raw: text_of(chat_chunks(raw)),
        failure=lambda raw: failed_chunks(raw)[1]["message"],
    ),
    "completions": Api(
        path="/v1/completions",
        body={"model": "any", "prompt": "Hi", "stream": True},
        opening=b'"object":"text_completion"',
        sign=re.compile(rb'"text":"","logprobs":null,"finish_reason":null'),
        text=completion_text,
        failure=lambda raw: json.loads(data_of(raw)[-1])["error"]["message"],
    ),
    "messages": Api(
        path="/v1/messages",
        body=asked(stream=True, max_tokens=64),
        opening=b"event: message_start",
        sign=re.compile(  # outside of a block, and inside
            rb'"message_delta","delta":\{"stop_reason":null|"delta":\{"type":"\w+","\w+":""\}'
        ),
        text=messages_text,
        failure=messages_failure,
    ),
}


def signs_in(raw: bytes, api: Api) -> int:
    return len(api.sign.findall(raw))


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest) -> Api:
    return APIS[request.param]


@contextmanager
def opened(server: House, api: Api) -> Iterator[httpx.Response]:
    with httpx.stream("POST", server.url + api.path, json=api.body, timeout=60) as answer:
        assert answer.status_code == 200
        yield answer


def read_on(answer: httpx.Response, api: Api, then: Callable[[], object]) -> bytes:
    """The whole stream; `then` is called once, when the third sign of life has come."""
    raw, is_called = b"", False
    for piece in answer.iter_raw():
        raw += piece
        if not is_called and signs_in(raw, api) >= SIGNS:
            is_called = True
            then()
    return raw


def first_tokens(server: House) -> float:
    """How many times to first token `/metrics` has seen."""
    samples = (line.split() for line in httpx.get(f"{server.url}/metrics").text.splitlines())
    name = "llmx_time_to_first_token_seconds_count"
    return sum(float(sample[-1]) for sample in samples if sample[0].startswith(name))


@pytest.mark.parametrize("reported", [(), (Prefilled(1, 9),)], ids=["silent", "reported"])
def test_a_long_prefill_has_an_opening_at_once_and_signs_of_life_after_it(
    api: Api, reported: tuple[Item, ...]
) -> None:
    """The first event comes while the engine stands; so do the signs, before any token."""
    gate = Gate()
    with house([*reported, gate, "x"], keepalive_s=SHORT_S) as server:
        with opened(server, api) as answer:
            raw = read_on(answer, api, then=gate.open)
        assert api.opening in api.sign.split(raw)[0]
        assert api.text(raw) == "x"


def test_who_waits_in_the_queue_has_them_too(api: Api) -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "first"], ["second"], slots=1)
    with house(engine=engine, keepalive_s=SHORT_S) as server, server.open(stream=True):
        eventually(gate.reached.is_set)
        with opened(server, api) as answer:
            assert engine.stats().queued == 1
            raw = read_on(answer, api, then=gate.open)
    assert api.text(raw) == "second"


def test_an_answer_that_stands_still_in_the_middle_has_them_too(api: Api) -> None:
    gate = Gate()
    with house(["Hal", gate, "lo"], keepalive_s=SHORT_S) as server, opened(server, api) as answer:
        assert api.text(read_on(answer, api, then=gate.open)) == "Hallo"


SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
ARGUMENTS = '{"path": "/ab"}'


def stalled(place: str, gate: Gate) -> AbstractContextManager[House]:
    """A server whose model stands still in its reasoning, or in the arguments of its call."""
    thought: list[Item] = [Special("<think>"), "h", "m", Special("</think>")]
    call: list[Item] = [
        Special("<tool_call>"),
        '{"name": "Read", "arguments": {"path": "/a',
        'b"}}',
    ]
    part = thought if place == "reasoning" else call
    part.insert(2, gate)
    engine = ScriptedEngine(
        [*thought, *call, Special("</tool_call>")],
        family=Hermes(),
        thinking=ThinkMarkers("<think>", "</think>"),
    )
    return house(engine=engine, keepalive_s=SHORT_S)


def read_on_of(server: House, api: Api, gate: Gate) -> bytes:
    with opened(server, api) as answer:
        return read_on(answer, api, then=gate.open)


@pytest.mark.parametrize("place", ["reasoning", "call"])
def test_a_stall_inside_of_reasoning_and_of_a_call_is_bridged_on_chat(place: str) -> None:
    gate = Gate()
    function = {"name": "Read", "parameters": SCHEMA}
    body = asked(stream=True, tools=[{"type": "function", "function": function}])
    with stalled(place, gate) as server:
        raw = read_on_of(server, replace(APIS["chat"], body=body), gate)
    seen = check_chat(raw)
    assert seen.violations == []
    choice = seen.choices[0]
    assert (choice.reasoning_content, choice.finish_reason) == ("hm", "tool_calls")
    assert choice.calls[0].arguments == ARGUMENTS


@pytest.mark.parametrize("place", ["reasoning", "call"])
def test_a_stall_inside_of_reasoning_and_of_a_call_is_bridged_on_messages(place: str) -> None:
    gate = Gate()
    body = asked(stream=True, max_tokens=99, tools=[{"name": "Read", "input_schema": SCHEMA}])
    with stalled(place, gate) as server:
        raw = read_on_of(server, replace(APIS["messages"], body=body), gate)
    seen = check_messages(raw)
    assert (seen.violations, seen.stop_reason) == ([], "tool_use")
    assert [block.text for block in seen.blocks] == ["hm", ARGUMENTS]


def test_they_are_no_first_token_in_trace_and_metrics(api: Api) -> None:
    gate, told = Gate(), list[float]()

    def go_on() -> None:
        told.append(time.time())
        gate.open()

    with house([gate, "x"], keepalive_s=SHORT_S) as server:
        with opened(server, api) as answer:
            read_on(answer, api, then=go_on)
        record = server.records.one()
    assert record.t_first is not None
    assert record.t_first > told[0] - SHORT_S  # the first sign came before: two clocks are compared
    assert record.res.text == "x"


def test_an_engine_that_fails_before_its_first_token_ends_the_stream_as_the_api_says(
    api: Api,
) -> None:
    gate = Gate()
    script: list[Item] = [gate, RuntimeError("the device is gone")]
    with house(script, ["x"], keepalive_s=SHORT_S) as server:
        with opened(server, api) as answer:
            assert api.failure(read_on(answer, api, then=gate.open)) == "the device is gone"
        record = server.records.one()
        assert (record.t_first, record.finish) == (None, "error")
        assert first_tokens(server) == 0
        with opened(server, api) as answer:
            assert api.text(answer.read()) == "x"
        server.records.wait(2)
        assert first_tokens(server) == 1


def test_who_leaves_after_signs_of_life_alone_stops_the_engine(api: Api) -> None:
    gate = Gate()
    with house([gate, "x"], keepalive_s=SHORT_S) as server:
        with opened(server, api) as answer:
            pieces = answer.iter_raw()
            raw = b""
            while signs_in(raw, api) < SIGNS:
                raw += next(pieces)
        eventually(lambda: server.engine.cancelled)
        assert server.records.one().finish == "cancelled"


def test_a_request_without_stream_waits_as_long_as_it_takes(api: Api) -> None:
    """Nothing can be sent before its status; what it computed is there for who asks again."""
    gate = Gate()
    body = {**api.body, "stream": False}
    with house([gate, "x"], keepalive_s=SHORT_S) as server, server.send(api.path, body) as waiting:
        eventually(gate.reached.is_set)
        waiting.settimeout(5 * SHORT_S)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        waiting.settimeout(60)
        gate.open()
        assert waiting.recv(65536).startswith(b"HTTP/1.1 200 ")


# ── the official clients ──────────────────────────────────────────────────────────────────────


def test_the_openai_client_reads_on_over_signs_of_life_and_raises_for_a_failure() -> None:
    gate = Gate()
    script: list[Item] = [gate, "Hal", RuntimeError("the device is gone")]
    heard: list[str | None] = []
    with house(script, keepalive_s=SHORT_S) as server, server.openai() as client:
        stream = client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "Hi"}], stream=True
        )

        def read_to_its_end() -> None:
            for chunk in stream:
                heard.append(chunk.choices[0].delta.content)
                if heard.count(None) == SIGNS:
                    gate.open()

        with pytest.raises(APIError, match="the device is gone"):
            read_to_its_end()
    assert "".join(text or "" for text in heard) == "Hal"


def test_the_anthropic_client_reads_on_over_signs_of_life_and_raises_for_a_failure() -> None:
    """Its accumulator takes them: the message so far is what was said."""
    gate = Gate()
    script: list[Item] = [gate, "Hal", RuntimeError("the device is gone")]
    heard: list[str] = []
    with (
        house(script, keepalive_s=SHORT_S) as server,
        anthropic.Anthropic(base_url=server.url, api_key="none", max_retries=0) as client,
        client.messages.stream(
            model="any", max_tokens=9, messages=[{"role": "user", "content": "Hi"}]
        ) as stream,
    ):

        def read_to_its_end() -> None:
            signs = 0
            for event in stream:
                signs += event.type == "message_delta"
                if signs == SIGNS:
                    gate.open()
                if event.type == "text":
                    heard.append(event.text)

        with pytest.raises(anthropic.APIError, match="the device is gone"):
            read_to_its_end()
    assert "".join(heard) == "Hal"
