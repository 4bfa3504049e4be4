"""Events become an object or a stream that keeps OpenAI's grammar."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from llmx.core.types import (
    CacheReport,
    Event,
    Finished,
    FinishReason,
    Prefilled,
    Started,
    TextDelta,
    Timings,
    Usage,
)
from llmx.core.wire.api import Head
from llmx.core.wire.chat_frames import ChatAnswer, ChatStream
from llmx.core.wire.errors import ApiError, server_error
from tests.sse import chat_chunks, failed_chunks, text_of

HEAD = Head("chatcmpl-1", "demo", 1_700_000_000, "0")
USAGE = Usage(prompt_tokens=10, cached_tokens=4, written_tokens=5, completion_tokens=2)
BEGIN: list[Event] = [Started(10, CacheReport(4, 4, "diverged")), Prefilled(6, 6)]
TEXT: list[Event] = [TextDelta('Hé "x"\n\n'), TextDelta("data: 🙃\u2028")]
USAGE_BODY = {
    "prompt_tokens": 10,
    "completion_tokens": 2,
    "total_tokens": 12,  # 10 + 2
    "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 0},
    "llmx": {
        "ram_tokens": 4,
        "disk_tokens": 0,
        "computed_tokens": 6,  # 10 - 4
        "written_tokens": 5,
        "matched": 4,
        "shared": 4,
        "part": None,
        "reason": "diverged",
    },
}


def finished(reason: FinishReason, fault: str | None = None) -> Finished:
    return Finished(reason, USAGE, Timings(), fault=fault)


def stream(events: list[Event], *, include_usage: bool = False) -> bytes:
    wire = ChatStream(HEAD, include_usage)
    return b"".join([*wire.opening(), *(f for event in events for f in wire.frames(event))])


def whole(events: list[Event]) -> bytes | ApiError | None:
    answer = ChatAnswer(HEAD)
    *before, last = [answer.add(event) for event in events]
    assert before == [None] * len(before)
    return last


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_an_answer_has_every_field_that_clients_rely_on(reason: FinishReason) -> None:
    body = whole([*BEGIN, *TEXT, finished(reason)])
    assert isinstance(body, bytes)
    ChatCompletion.model_validate_json(body, strict=True)
    message = {"role": "assistant", "content": 'Hé "x"\n\ndata: 🙃\u2028', "refusal": None}
    assert json.loads(body) == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "demo",
        "system_fingerprint": "llmx-0",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": USAGE_BODY,
    }


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_a_stream_is_a_sentence_of_the_grammar(reason: FinishReason) -> None:
    chunks = chat_chunks(stream([*BEGIN, *TEXT, finished(reason)]))
    for chunk in chunks:
        ChatCompletionChunk.model_validate_json(json.dumps(chunk), strict=True)
    assert text_of(chunks) == 'Hé "x"\n\ndata: 🙃\u2028'
    assert chunks[-1]["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": reason,
    }
    assert all("usage" not in chunk for chunk in chunks)


def test_the_usage_comes_in_a_chunk_of_its_own_where_asked() -> None:
    *chunks, last = chat_chunks(stream([*BEGIN, *TEXT, finished("stop")], include_usage=True))
    assert [chunk["usage"] for chunk in chunks] == [None] * 4  # role, two texts, finish
    assert (last["choices"], last["usage"]) == ([], USAGE_BODY)


def test_progress_makes_no_chunk() -> None:
    assert stream(BEGIN) == stream([])


def test_a_keepalive_is_a_chunk_that_adds_nothing() -> None:
    wire = ChatStream(HEAD, include_usage=False)
    raw = b"".join([*wire.opening(), wire.keepalive(), *wire.frames(finished("stop"))])
    assert [c["choices"][0]["delta"] for c in chat_chunks(raw)][1:] == [{}, {}]


def test_a_failing_engine_ends_the_stream_with_its_fault_and_no_done() -> None:
    raw = stream([*BEGIN, TextDelta("Hal"), finished("error", "out of memory")])
    chunks, error = failed_chunks(raw)
    assert text_of(chunks) == "Hal"
    assert (error["message"], error["type"]) == ("out of memory", "server_error")


def test_a_server_that_ends_says_that_the_answer_is_incomplete() -> None:
    _, error = failed_chunks(stream([*BEGIN, finished("cancelled")]))
    assert "incomplete" in error["message"]
    assert error["code"] == "not_ready"


@pytest.mark.parametrize(("reason", "status"), [("error", 500), ("cancelled", 503)])
def test_an_answer_that_failed_is_an_error(reason: FinishReason, status: int) -> None:
    error = whole([*BEGIN, TextDelta("Hal"), finished(reason)])
    assert isinstance(error, ApiError)
    assert error.status == status


def test_an_error_frame_keeps_its_line() -> None:
    assert (
        ChatStream(HEAD, False).failure(server_error("a\nb")).count(b"\n") == 2
    )  # the two that end the frame


TEXTS = st.text(min_size=1, max_size=20)


@given(texts=st.lists(TEXTS | st.none(), max_size=12), has_usage=st.booleans())
def test_every_stream_keeps_the_grammar_and_loses_no_text(
    texts: list[str | None], has_usage: bool
) -> None:
    """None stands for a keepalive."""
    wire = ChatStream(HEAD, has_usage)
    frames = wire.opening()
    for text in texts:
        frames += [wire.keepalive()] if text is None else wire.frames(TextDelta(text))
    frames += wire.frames(finished("length"))
    chunks = chat_chunks(b"".join(frames))
    assert text_of(chunks) == "".join(text or "" for text in texts)
    assert len(chunks) == 1 + len(texts) + 1 + has_usage  # role, texts, finish, usage
