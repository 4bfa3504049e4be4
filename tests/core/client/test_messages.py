"""The client for Messages: what it reads of streams, whole answers and counts."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.client.messages_transcript import MessagesTranscript
from llmx.core.client.reply import Reply
from llmx.core.client.transcript import Counts, NoChunk
from llmx.core.errors import Unreachable
from tests.core.client.raw import STREAM, sending
from tests.core.server.support import house

HELLO = [{"role": "user", "content": "Hello"}]


def ask(url: str, **fields: Any) -> Reply:
    async def asked() -> Reply:
        async with ChatClient(url, timeout_s=20) as client:
            return await client.messages(HELLO, max_tokens=8, **fields)

    return asyncio.run(asked())


def event(kind: str, **body: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **body})}\n\n".encode()


START = event("message_start", message={"id": "m1", "model": "x", "usage": {"input_tokens": 30}})


@pytest.mark.parametrize("stream", [True, False])
def test_our_server_is_read_as_a_stream_and_whole(stream: bool) -> None:
    with house(["Hi", " there"]) as served:
        reply = ask(served.url, system="Be brief.", stream=stream)
    assert (reply.text, reply.finish_reason) == ("Hi there", "end_turn")
    assert reply.prompt_tokens is not None
    assert reply.id is not None
    assert (reply.ttft_s is None) == (not stream)


def test_the_prompt_is_what_was_computed_read_and_written() -> None:
    counts = {"input_tokens": 2, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 8}
    end = event("message_delta", delta={"stop_reason": "end_turn"}, usage=counts)
    with sending(STREAM, START, end, event("message_stop")) as url:
        reply = ask(url)
    assert (reply.prompt_tokens, reply.cached_tokens, reply.created_tokens) == (30, 20, 8)
    assert reply.counted == {"usage": counts}


def test_a_ping_an_empty_delta_and_a_role_are_no_first_token() -> None:
    transcript = MessagesTranscript()
    for body in (
        {"type": "message_start", "message": {"role": "assistant"}},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ""}},
    ):
        assert not transcript.add(json.dumps(body))
    delta = {"type": "thinking_delta", "thinking": "hm"}
    assert transcript.add(json.dumps({"type": "content_block_delta", "index": 0, "delta": delta}))
    assert (transcript.reasoning, transcript.counts, transcript.counted) == ("hm", Counts(), None)


def test_a_call_is_put_together_from_its_pieces() -> None:
    transcript = MessagesTranscript()
    block = {"type": "tool_use", "id": "1", "name": "Read", "input": {}}
    transcript.add(json.dumps({"type": "content_block_start", "index": 1, "content_block": block}))
    for piece in ('{"path"', ': "x"}'):
        delta = {"type": "input_json_delta", "partial_json": piece}
        transcript.add(json.dumps({"type": "content_block_delta", "index": 1, "delta": delta}))
    (call,) = transcript.calls
    assert (call.name, call.arguments) == ("Read", '{"path": "x"}')


def test_an_error_in_the_stream_and_an_end_without_one_are_failures() -> None:
    error = event("error", error={"type": "overloaded_error", "message": "full"})
    with sending(STREAM, START, error) as url, pytest.raises(HttpError, match="full"):
        ask(url)
    with sending(STREAM, START) as url, pytest.raises(Unreachable, match="before it was complete"):
        ask(url)
    with pytest.raises(NoChunk):
        MessagesTranscript().add("[1, 2]")
