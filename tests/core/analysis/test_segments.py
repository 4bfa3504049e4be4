"""Bodies as prompt segments: compared as a server reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from llmx.core.analysis.segments import Splitter
from llmx.core.analysis.trie import Prompt, Segment
from llmx.core.server.recording import Api
from llmx.core.trace.record import TraceRecord, TraceRequest, TraceServer
from llmx.core.types import HygieneRule
from tests.core.trace.records import chat, record, tool

TOOL = chat(("user", "u"), tools=[tool("A")])


def labels(prompt: Prompt) -> list[str]:
    return [prompt.label(at) for at in range(len(prompt.segments))]


def test_system_and_tools_come_before_the_messages() -> None:
    body = chat(("system", "s"), ("user", "u"), ("tool", "t"), tools=[tool("Read"), tool("Grep")])
    prompt = Splitter().split_chat(body)
    assert labels(prompt) == [
        "system", "tool Read", "tool Grep", "message 1 (user)", "message 2 (tool)",
    ]  # fmt: skip
    assert prompt.segments[0].data == b"s"
    assert prompt.last_message == 2
    assert prompt.nbytes == sum(len(segment.data) for segment in prompt.segments)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (chat(("user", "ab")), chat(("user", [{"type": "text", "text": "ab"}]))),
        (
            chat(("user", "ab")),
            chat(("user", [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])),
        ),
        (chat(("user", "ä")), chat(("user", "ä")).replace(b"\\u00e4", "ä".encode())),
        (chat(("system", "s")), chat(("developer", "s"))),
        (TOOL, TOOL.replace(b" ", b"")),
    ],
)
def test_spelling_makes_no_difference(one: bytes, other: bytes) -> None:
    splitter = Splitter()
    assert splitter.split_chat(one).segments == splitter.split_chat(other).segments


def test_the_order_of_keys_in_a_tool_does() -> None:
    turned = dict(reversed(tool("A")["function"].items()))
    splitter = Splitter()
    one = splitter.split_chat(chat(("user", "u"), tools=[tool("A")]))
    other = splitter.split_chat(
        chat(("user", "u"), tools=[{"type": "function", "function": turned}])
    )
    assert one.segments[0] != other.segments[0]


def test_calls_and_parts_are_segments_of_their_message() -> None:
    messages = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "A"}}]},
        {"role": "assistant", "content": ""},
    ]
    prompt = Splitter().split_chat(json.dumps({"messages": messages}).encode())
    assert labels(prompt) == [
        "message 0 (user) part", "message 1 (assistant) call", "message 2 (assistant)",
    ]  # fmt: skip


def test_tools_stay_in_the_prompt_whatever_the_choice() -> None:
    body = json.loads(chat(("user", "u"), tools=[tool("A")])) | {"tool_choice": "none"}
    assert labels(Splitter().split_chat(json.dumps(body).encode())) == [
        "tool A",
        "message 0 (user)",
    ]


# ── Messages ──────────────────────────────────────────────────────────────────────────────────

TALK: dict[str, Any] = {
    "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
    "tools": [{"name": "A", "description": "does", "input_schema": {"type": "object"}}],
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "u"}]},
        {"role": "system", "content": "agents"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "x"},
                {"type": "text", "text": "look"},
                {"type": "tool_use", "id": "1", "name": "A", "input": {"b": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "1", "content": "r"},
                {"type": "text", "text": "and now?", "cache_control": {"type": "ephemeral"}},
            ],
        },
    ],
}


def test_a_messages_body_has_the_segments_of_its_prompt() -> None:
    prompt = Splitter().split_messages(json.dumps(TALK).encode())
    assert labels(prompt) == [
        "system", "tool A", "message 0 (user)", "message 1 (system)",
        "message 2 (assistant) reasoning", "message 2 (assistant)", "message 2 (assistant) call",
        "message 3 (tool)", "message 3 (user)",
    ]  # fmt: skip


def test_a_conversation_has_equal_segments_on_both_apis() -> None:
    function = tool("A")["function"] | {"parameters": {"type": "object"}}
    messages = chat(
        ("system", "s"), ("user", "u"), ("tool", "r"), tools=[tool("A") | {"function": function}]
    )
    splitter = Splitter()
    one = splitter.split_chat(messages).segments
    talk = TALK | {
        "messages": [
            TALK["messages"][0],
            {"role": "user", "content": [TALK["messages"][3]["content"][0]]},
        ]
    }
    assert splitter.split_messages(json.dumps(talk).encode()).segments == one


LINE = "x-anthropic-billing-header: cch={};"


@pytest.mark.parametrize("api", ["chat", "messages"])
def test_an_attribution_line_counts_unless_the_server_left_it_out(api: Api) -> None:
    def segment(hash: str, rules: list[HygieneRule]) -> Segment:
        blocks = [{"type": "text", "text": LINE.format(hash)}, {"type": "text", "text": "s"}]
        body = chat(("system", LINE.format(hash) + "\ns"), ("user", "u"))
        if api == "messages":
            body = json.dumps({"system": blocks, "messages": TALK["messages"][:1]}).encode()
        made = structs.replace(record(1, body), api=api, server=TraceServer(rules=rules))
        split = Splitter().split(made)
        assert split is not None
        return split.segments[0]

    assert segment("1", []) != segment("2", [])
    assert segment("1", ["attribution_line"]) == Segment("system", "", "", b"s")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"messages": 1}', b'{"messages": [{}]}', b"\xff", b"[" * 99_999]
)
def test_what_cannot_be_parsed_is_one_segment(body: bytes) -> None:
    prompt = Splitter().split_chat(body)
    assert labels(prompt) == ["body"]
    assert prompt.segments[0].data == body


def test_a_body_that_was_not_recorded_or_is_damaged_is_unknown() -> None:
    missing = TraceRecord(id="a", api="chat", req=TraceRequest())
    damaged = TraceRecord(id="a", api="chat", req=TraceRequest(raw_b64="x"))
    assert Splitter().split(missing) is None
    assert Splitter().split(damaged) is None


def test_equal_parts_are_kept_once() -> None:
    splitter = Splitter()
    first = splitter.split(record(0, chat(("system", "s" * 99), ("user", "a"))))
    second = splitter.split(record(1, chat(("system", "s" * 99), ("user", "b"))))
    assert first is not None
    assert second is not None
    assert first.segments[0] is second.segments[0]
