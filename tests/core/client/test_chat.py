"""The measuring client, over real sockets, against our server and against odd ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from llmx.core.client.chat import CHAT, ChatClient
from llmx.core.client.failures import HttpError, TimedOut
from llmx.core.client.reply import Reply
from llmx.core.client.transcript import SaidCall
from llmx.core.errors import ConfigError, Unreachable
from tests.core.client.raw import STREAM, nobody, sending, silence
from tests.core.server.support import house
from tests.serving import running

DONE = b"data: [DONE]\n\n"
SSE = "text/event-stream"
HI = ({"role": "user", "content": "Hi"},)
TOOL = {"type": "function", "function": {"name": "f"}}
CHUNKED = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\nNot Found"


def ask(url: str, *, deadline_s: float = 20, **options: Any) -> Reply:
    return asyncio.run(_ask(url, deadline_s, **options))


async def _ask(url: str, deadline_s: float, api_key: str | None = None, **options: Any) -> Reply:
    async with ChatClient(url, api_key) as client:
        return await client.chat(HI, max_tokens=8, deadline_s=deadline_s, **options)


def data(*bodies: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(body).encode() + b"\n\n" for body in bodies)


def delta(finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish_reason}]}


# ── what it reads ─────────────────────────────────────────────────────────────────────────────


def test_our_own_server_is_read_to_the_last_count() -> None:
    with house(["Hello", " there"]) as server:
        reply = ask(server.url, model="any")
        (record,) = server.records.wait()
    assert (reply.text, reply.finish_reason, reply.model) == ("Hello there", "stop", "scripted")
    assert reply.prompt_tokens == record.usage.prompt
    assert (reply.cached_tokens, reply.completion_tokens) == (0, 2)
    assert reply.ttft_s is not None
    assert 0 < reply.ttft_s <= reply.total_s
    assert reply.status == 200
    assert reply.headers["x-request-id"].startswith("chatcmpl-")


def test_the_request_is_greedy_and_streams_its_usage() -> None:
    with house(["x"]) as server:
        ask(
            server.url,
            extra={"cache": False},
            tools=({"type": "function", "function": {"name": "f"}},),
        )
        (request,) = server.engine.requests
        (record,) = server.records.wait()
    assert request.sampling.temperature == 0
    assert (request.sampling.max_tokens, request.cache) == (8, False)
    assert [tool["function"]["name"] for tool in request.tools] == ["f"]
    assert record.stream is True


def test_reasoning_and_calls_are_kept_apart_and_ids_of_calls_are_not_kept() -> None:
    call = {"index": 0, "id": "random", "function": {"name": "Read", "arguments": '{"a"'}}
    rest = {"index": 0, "function": {"arguments": ": 1}"}}
    other = {"index": 1, "id": "x", "function": {"name": "Write", "arguments": "{}"}}
    chunks = data(
        delta(reasoning="hm"),
        delta(reasoning_content="m"),
        delta(content="ok"),
        delta(tool_calls=[call]),
        delta(tool_calls=[rest, other]),
        delta("tool_calls"),
    )
    with sending(STREAM, chunks, DONE) as url:
        reply = ask(url)
    assert (reply.text, reply.reasoning) == ("ok", "hmm")
    assert reply.calls == (SaidCall("Read", '{"a": 1}'), SaidCall("Write", "{}"))
    assert reply.said == ("ok", "hmm", reply.calls)


def test_what_a_server_does_not_report_is_unknown() -> None:
    with sending(STREAM, data(delta(content="x"), delta("stop")), DONE) as url:
        reply = ask(url)
    assert (reply.prompt_tokens, reply.cached_tokens, reply.completion_tokens) == (None, None, None)


@pytest.mark.parametrize(
    "details", [None, {}, {"cached_tokens": None}, {"cached_tokens": "many"}, 3]
)
def test_cached_tokens_of_no_number_are_unknown_and_not_zero(details: Any) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": details}
    with sending(STREAM, data(delta("stop"), {"choices": [], "usage": usage}), DONE) as url:
        reply = ask(url)
    assert (reply.prompt_tokens, reply.cached_tokens) == (5, None)


def test_comments_and_empty_deltas_are_no_first_token() -> None:
    quiet = data(delta(role="assistant"), delta(content=""), delta(tool_calls=[]), delta("stop"))
    with sending(STREAM, b": keepalive 1/9\n\n", quiet, DONE) as url:
        reply = ask(url)
    assert reply.ttft_s is None
    assert reply.is_silent


@pytest.mark.parametrize(
    "said", [{"content": "x"}, {"reasoning": "x"}, {"tool_calls": [{"function": {"name": "f"}}]}]
)
def test_text_reasoning_or_a_call_is_a_first_token(said: dict[str, Any]) -> None:
    with sending(STREAM, data(delta(role="assistant"), delta(**said), delta("stop")), DONE) as url:
        assert ask(url).ttft_s is not None


def test_a_stream_may_end_with_a_reason_and_no_done() -> None:
    with sending(STREAM, data(delta(content="x"), delta("length"))) as url:
        assert ask(url).finish_reason == "length"


def test_an_answer_in_one_piece_has_no_time_to_a_first_token() -> None:
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    content = json.dumps({**body, "usage": {"prompt_tokens": 3}}).encode()
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        f"content-length: {len(content)}\r\n\r\n"
    )
    with sending(head.encode(), content) as url:
        reply = ask(url)
    assert (reply.text, reply.prompt_tokens, reply.ttft_s) == ("x", 3, None)


def test_requests_one_after_another_use_one_connection() -> None:
    ports: list[int] = []

    async def chat(request: Request) -> Response:
        assert request.client is not None
        ports.append(request.client.port)
        return Response(data(delta(content="x"), delta("stop")) + DONE, media_type=SSE)

    async def ask_three_times(url: str) -> None:
        async with ChatClient(url) as client:
            for _ in range(3):
                await client.chat(HI, max_tokens=1)

    with running(Starlette(routes=[Route(CHAT, chat, methods=["POST"])])) as url:
        asyncio.run(ask_three_times(url))
    assert len(ports) == 3
    assert len(set(ports)) == 1


# ── how it fails ──────────────────────────────────────────────────────────────────────────────


def test_a_refused_connection_names_the_url() -> None:
    with nobody() as url, pytest.raises(Unreachable, match=f"{url}.*: connection refused"):
        ask(url)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70])
def test_a_name_that_is_none_is_unreachable(host: str) -> None:
    with pytest.raises(Unreachable, match=f"http://{host}"):
        ask(host)


def test_a_server_that_never_answers_times_out() -> None:
    with silence() as url, pytest.raises(TimedOut, match=f"POST {url}.*within 0.2 s"):
        ask(url, deadline_s=0.2)


def test_a_server_that_only_says_it_is_alive_times_out_too() -> None:
    """Each comment comes in time; the answer does not."""

    async def comments() -> AsyncIterator[bytes]:
        while True:
            yield b": keepalive\n\n"
            await asyncio.sleep(0.01)

    async def chat(request: Request) -> Response:
        return StreamingResponse(comments(), media_type=SSE)

    with (
        running(Starlette(routes=[Route(CHAT, chat, methods=["POST"])])) as url,
        pytest.raises(TimedOut),
    ):
        ask(url, deadline_s=0.2)


@pytest.mark.parametrize(
    "portions",
    [
        (b"",),
        (b"HTTP/1.1 200",),
        (STREAM,),
        (STREAM, data(delta(content="x"))),
        (STREAM, data(delta(content="x")), b'data: {"choices": [{"ind'),
        (b"HTTP/1.1 200 OK\r\n", CHUNKED),
    ],
)
def test_an_answer_that_breaks_off_is_unreachable(portions: tuple[bytes, ...]) -> None:
    with sending(*portions) as url, pytest.raises(Unreachable, match=url):
        ask(url)


def test_an_error_status_carries_the_servers_own_words() -> None:
    with house(["x"], api_key="right") as server:
        with pytest.raises(HttpError, match="HTTP 401: This server needs its API key") as raised:
            ask(server.url)
        assert (raised.value.asks_for_key, raised.value.kind) == (True, "refused")
        assert ask(server.url, api_key="right").text == "x"


def test_an_error_without_a_body_of_json_is_shown_as_it_came() -> None:
    with sending(NOT_FOUND) as url, pytest.raises(HttpError, match="HTTP 404: Not Found"):
        ask(url)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "refused"), (429, "busy"), (503, "busy"), (500, "failed")]
)
def test_whose_fault_an_error_is(status: int, kind: str) -> None:
    assert HttpError("GET x", status, "y").kind == kind


@pytest.mark.parametrize(
    ("chunk", "said"),
    [
        (b'data: {"error": {"message": "out of memory", "type": "x"}}\n\n', "out of memory"),
        (b'data: {"error": "out of memory"}\n\n', "out of memory"),
        (b"data: {nonsense\n\n", "no chat completion: '{nonsense'"),
        (b"data: 7\n\n", "no chat completion: '7'"),
        (b'data: {"hello": 1}\n\n', "no chat completion"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "no chat completion"),
    ],
)
def test_an_error_inside_the_stream_is_the_servers_failure(chunk: bytes, said: str) -> None:
    with sending(STREAM, chunk) as url, pytest.raises(HttpError, match=said) as raised:
        ask(url)
    assert (raised.value.status, raised.value.kind) == (200, "failed")


def test_a_page_is_no_answer() -> None:
    page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<p>Hi</p>"
    with sending(page) as url, pytest.raises(HttpError, match="text/html, no stream of events"):
        ask(url)


@pytest.mark.parametrize("key", ["", "two words", "new\nline", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_at_once(key: str) -> None:
    with pytest.raises(ConfigError, match="API key"):
        ChatClient("localhost:1", key)


# ── the other requests ────────────────────────────────────────────────────────────────────────


def test_models_and_health_of_our_server() -> None:
    async def get(url: str) -> tuple[list[Any], Any]:
        async with ChatClient(url) as client:
            return await client.models(), await client.health_json()

    with house(["x"]) as server:
        models, health = asyncio.run(get(server.url))
    assert [model["id"] for model in models] == ["scripted"]
    assert (health.status, health.body["server"]) == (200, "llmx")


def test_a_server_without_models_says_so() -> None:
    async def get(url: str) -> None:
        async with ChatClient(url) as client:
            answer = await client.health_json()
            assert (answer.status, answer.body) == (404, None)
            await client.models()

    with sending(NOT_FOUND) as url, pytest.raises(HttpError, match="/v1/models answered HTTP 404"):
        asyncio.run(get(url))
