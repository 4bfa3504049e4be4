"""Chat completions through real sockets, read by the official client."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from openai import APIError, BadRequestError, InternalServerError, RateLimitError
from openai.types.chat import ChatCompletionMessageParam

from llmx.core.engine.scripted import Gate, Item, ScriptedEngine
from llmx.core.errors import BudgetExceeded
from llmx.core.types import GenerationRequest, Prefilled
from tests.core.server.support import CHAT, House, asked, house, read
from tests.serving import eventually
from tests.sse import chat_chunks, failed_chunks, text_of

HELLO: list[Item] = ["Hel", "lo", b" \xf0\x9f", b"\x99\x83", "!"]
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hi"}]


def echo(request: GenerationRequest) -> list[Item]:
    """Answers with the question, a letter a token."""
    return list(request.messages[-1].content)


# ── the answer ────────────────────────────────────────────────────────────────────────────────


def test_the_official_client_reads_an_answer() -> None:
    with house(HELLO) as server, server.openai() as client:
        answer = client.chat.completions.create(model="any", messages=MESSAGES)
    assert answer.choices[0].message.content == "Hello 🙃!"
    assert (answer.choices[0].finish_reason, answer.model) == ("stop", "scripted")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 5)
    assert [request.id for request in server.engine.requests] == [answer.id]


def test_the_official_client_reads_a_stream() -> None:
    with house(HELLO) as server, server.openai() as client:
        stream = client.chat.completions.create(
            model="any",
            messages=MESSAGES,
            stream=True,
            stream_options={"include_usage": True},
        )
        *chunks, last = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello 🙃!"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.usage is not None
    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (3, 5)


def test_the_official_async_client_reads_both() -> None:
    async def both(server: House) -> list[str | None]:
        async with server.async_openai() as client:
            create = client.chat.completions.create
            whole = await create(model="any", messages=MESSAGES)
            stream = await create(model="any", messages=MESSAGES, stream=True)
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
        return [whole.choices[0].message.content, "".join(pieces)]

    with house(HELLO) as server:
        assert asyncio.run(both(server)) == ["Hello 🙃!", "Hello 🙃!"]


def test_the_bytes_of_a_stream_keep_the_grammar() -> None:
    with house(HELLO) as server:
        answer = server.post(stream=True, stream_options={"include_usage": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert text_of(chat_chunks(answer.content)) == "Hello 🙃!"


def test_usage_is_the_same_streamed_and_not_and_tells_the_cached_tokens() -> None:
    with house(engine=ScriptedEngine(HELLO, cached_tokens=2)) as server:
        whole = server.post().json()["usage"]
        streamed = server.post(stream=True, stream_options={"include_usage": True})
    assert whole["prompt_tokens_details"] == {"cached_tokens": 2, "cache_write_tokens": 1}  # of 3
    assert chat_chunks(streamed.content)[-1]["usage"] == whole


def test_each_token_is_sent_when_it_is_there() -> None:
    """The first text is read while the engine still waits before the second."""
    gate = Gate()
    with (
        house(["one", gate, "two"]) as server,
        httpx.stream("POST", server.url + CHAT, json=asked(stream=True)) as answer,
    ):
        seen = b""
        for piece in answer.iter_bytes():
            seen += piece
            if b"one" in seen:
                gate.open()
    assert text_of(chat_chunks(seen)) == "onetwo"


@pytest.mark.parametrize("stream", [False, True])
def test_limits_and_stop_strings_are_kept(stream: bool) -> None:
    with house(["a", "b E", "ND", "c"]) as server:

        def ask(**options: Any) -> tuple[str, str | None]:
            body = server.post(stream=stream, **options)
            if stream:
                chunks = chat_chunks(body.content)
                return text_of(chunks), chunks[-1]["choices"][0]["finish_reason"]
            choice = body.json()["choices"][0]
            return choice["message"]["content"], choice["finish_reason"]

        assert ask() == ("ab ENDc", "stop")
        assert ask(stop=["END"]) == ("ab ", "stop")
        assert ask(max_tokens=2) == ("ab E", "length")
        assert ask(max_tokens=2, stop="END") == ("ab E", "length")


def test_eight_clients_at_once_get_the_answers_that_they_get_alone() -> None:
    questions = [f"question {n} " + "äöü" * n for n in range(8)]

    def ask(server: House, content: str, stream: bool) -> str | None:
        with server.openai() as client:
            create = client.chat.completions.create
            messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": content}]
            if not stream:
                answer = create(model="any", messages=messages)
                return answer.choices[0].message.content
            chunks = create(model="any", messages=messages, stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    with house(echo) as server, ThreadPoolExecutor(8) as pool:
        for stream in (False, True):
            answers = pool.map(lambda q: ask(server, q, stream), questions)  # noqa: B023
            assert list(answers) == questions


# ── waiting ───────────────────────────────────────────────────────────────────────────────────


def test_a_long_prefill_is_bridged_by_chunks_that_add_nothing() -> None:
    gate = Gate()
    with (
        house([Prefilled(1, 9), gate, "x"], keepalive_s=0.02) as server,
        httpx.stream("POST", server.url + CHAT, json=asked(stream=True)) as answer,
    ):
        raw = b""
        for piece in answer.iter_bytes():
            raw += piece
            if raw.count(b'"delta":{}') == 3:
                gate.open()
    chunks = chat_chunks(raw)
    assert text_of(chunks) == "x"
    assert sum(chunk["choices"][0]["delta"] == {} for chunk in chunks) >= 4  # 3 and the finish


def test_a_queued_stream_has_its_headers_before_it_has_a_slot() -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "first"], ["second"], slots=1)
    with house(engine=engine) as server, server.open(stream=True):
        eventually(gate.reached.is_set)
        with httpx.stream("POST", server.url + CHAT, json=asked(stream=True)) as answer:
            assert (answer.status_code, engine.stats().queued) == (200, 1)
            gate.open()
            assert text_of(chat_chunks(answer.read())) == "second"


@pytest.mark.parametrize("stream", [False, True])
def test_a_full_queue_is_a_429_that_says_when_to_come_back(stream: bool) -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "x"], slots=1, queue=1)
    with house(engine=engine) as server, server.open(), server.open():
        eventually(lambda: engine.stats().queued == 1)
        answer = server.post(stream=stream)
        with server.openai() as client, pytest.raises(RateLimitError):
            client.chat.completions.create(model="any", messages=MESSAGES)
        gate.open()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json()["error"]["code"] == "queue_full"


def test_a_reader_that_does_not_read_holds_nobody_back() -> None:
    """Its answer is far beyond what sockets buffer, and is whole when it reads at last."""
    words: list[Item] = ["word " * 20_000] * 200  # 20 MB
    with house(words, echo) as server, server.open(stream=True) as slow:
        eventually(lambda: server.engine.stats().finished.get("stop") == 1)
        assert server.post(content="quick").json()["choices"][0]["message"]["content"] == "quick"
        chunks = chat_chunks(read(slow))
    assert text_of(chunks) == "".join(map(str, words))
    assert len(chunks) < 100  # of 200 deltas: what waited was joined


# ── failures ──────────────────────────────────────────────────────────────────────────────────


def test_a_prompt_beyond_the_context_is_named_by_its_code() -> None:
    with house(engine=ScriptedEngine(HELLO, context=8)) as server, server.openai() as client:
        with pytest.raises(BadRequestError) as caught:
            client.chat.completions.create(
                model="any", messages=[{"role": "user", "content": "12345678"}], stream=True
            )
        assert caught.value.code == "context_length_exceeded"
        assert server.post(content="123456").status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_beyond_the_memory_budget_is_a_400_also_as_a_stream(stream: bool) -> None:
    with house([BudgetExceeded(9, 8)]) as server:
        answer = server.post(stream=stream)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "kv_budget_exceeded"


def test_an_engine_that_fails_on_the_way_ends_the_stream_with_its_fault() -> None:
    with house(["Hal", RuntimeError("the device is gone")]) as server, server.openai() as client:
        _, error = failed_chunks(server.post(stream=True).content)
        with pytest.raises(APIError, match="the device is gone"):
            list(client.chat.completions.create(model="any", messages=MESSAGES, stream=True))
    assert error["message"] == "the device is gone"


def test_an_engine_that_fails_is_a_500_of_a_whole_answer() -> None:
    script: list[Item] = ["Hal", RuntimeError("the device is gone")]
    with (
        house(script) as server,
        server.openai() as client,
        pytest.raises(InternalServerError, match="the device is gone"),
    ):
        client.chat.completions.create(model="any", messages=MESSAGES)


def broken(request: GenerationRequest) -> list[Item]:
    raise ZeroDivisionError("a defect of ours")


@pytest.mark.parametrize("stream", [False, True])
def test_a_defect_of_ours_is_a_500_that_shows_no_insides_and_the_server_lives_on(
    stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with house(broken, HELLO) as server:
        answer = server.post(stream=stream)
        assert server.post().status_code == 200
    assert answer.status_code == 500
    assert "defect of ours" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["error"]["message"]
    assert "defect of ours" in caplog.text


@pytest.mark.parametrize("stream", [False, True])
def test_an_engine_that_is_closed_under_a_request_says_so(stream: bool) -> None:
    gate = Gate()
    with house(["Hal", gate, "lo"]) as server, ThreadPoolExecutor(1) as pool:
        pending = pool.submit(server.post, stream=stream)
        eventually(gate.reached.is_set)
        server.engine.state = "closed"
        gate.open()
        answer = pending.result()
    error = failed_chunks(answer.content)[1] if stream else answer.json()["error"]
    assert (answer.status_code, error["code"]) == (200 if stream else 503, "not_ready")


@pytest.mark.parametrize("state", ["loading", "failed", "closed"])
def test_an_engine_that_takes_no_requests_is_a_503_with_a_delay(state: str) -> None:
    with house(HELLO) as server:
        server.engine.state = state  # pyright: ignore[reportAttributeAccessIssue]
        answer = server.post()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
    assert int(answer.headers["retry-after"]) >= 1
