"""Messages of a chat body: what means the same, and what cannot be one conversation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmx.core.errors import RequestError
from llmx.core.types import Message, ToolCall
from llmx.core.wire.chat_request import parse_chat

USER = {"role": "user", "content": "Hi"}


def call(identity: str, arguments: Any = "{}", name: str = "f") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": identity, "type": "function", "function": function}


def calls(*made: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(made), **more}


def result(identity: str, content: Any = "42") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": identity, "content": content}


def parse(*messages: dict[str, Any], **body: Any) -> tuple[Message, ...]:
    raw = json.dumps({"messages": list(messages), **body}).encode()
    return parse_chat(raw, request_id="r1").generation.messages


def refused(*messages: Any, **body: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        parse(*messages, **body)
    return caught.value


# ── the same conversation in other words ──────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["developer", "system", "user", "assistant"])
def test_a_string_and_its_parts_are_one_message(role: str) -> None:
    text = {"type": "text", "text": "Hé 🙃 שלום </tool_call>"}
    marked = {**text, "prompt_cache_breakpoint": {"mode": "x"}, "cache_control": {}}
    same = [
        parse(USER, {"role": role, "content": text["text"]}),
        parse(USER, {"role": role, "content": [text]}),
        parse(USER, {"role": role, "content": [{"type": "text", "text": ""}, marked]}),
    ]
    assert same == [same[0]] * 3


def test_where_the_first_of_several_parts_ends_is_known_and_makes_no_difference() -> None:
    """A rule of hygiene looks for a line that is a part by itself."""
    parts = [{"type": "text", "text": text} for text in ("", "billing", "Be kind.")]
    (in_parts,) = parse({"role": "user", "content": parts})
    assert (in_parts.content, in_parts.first_part) == ("billingBe kind.", 7)
    assert in_parts == Message("user", "billingBe kind.")
    (one,) = parse({"role": "user", "content": parts[:2]})
    assert (one.content, one.first_part) == ("billing", None)


def test_a_results_parts_are_its_text() -> None:
    made = calls(call("c1"))
    parts = [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]
    assert parse(USER, made, result("c1", parts)) == parse(USER, made, result("c1"))


@pytest.mark.parametrize("content", [None, "", [], [{"type": "text", "text": ""}]])
def test_an_assistant_may_say_nothing_beside_its_calls(content: Any) -> None:
    messages = parse(USER, calls(call("c1"), content=content), result("c1"))
    assert messages[1] == Message("assistant", "", (ToolCall("c1", "f", "{}"),))


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning_content": "hm", "reasoning": "something else"},
        {"reasoning_content": "hm", "reasoning": {"effort": "low"}},
    ],
)
def test_what_an_assistant_thought_is_kept(fields: dict[str, Any]) -> None:
    assert parse(USER, {"role": "assistant", "content": "x", **fields})[1].reasoning == "hm"


@pytest.mark.parametrize("empty", [{"reasoning_content": ""}, {"reasoning_content": None}, {}])
def test_no_thought_is_none(empty: dict[str, Any]) -> None:
    assert parse(USER, {"role": "assistant", "content": "x", **empty})[1].reasoning is None


def test_reasoning_belongs_to_assistants() -> None:
    assert parse({**USER, "reasoning_content": "hm"}) == parse(USER)


@pytest.mark.parametrize(
    "fields",
    [
        {"content": [{"type": "refusal", "refusal": "No."}]},
        {"content": None, "refusal": "No."},
        {"refusal": "No."},
    ],
)
def test_a_refusal_is_what_was_said(fields: dict[str, Any]) -> None:
    assert parse(USER, {"role": "assistant", **fields})[1] == Message("assistant", "No.")


def test_a_call_of_a_custom_tool_has_its_text_as_its_argument() -> None:
    made = {"id": "c1", "type": "custom", "custom": {"name": "note", "input": 'a "b" é'}}
    messages = parse(USER, calls(made), result("c1"))
    assert messages[1].tool_calls == (ToolCall("c1", "note", '{"input": "a \\"b\\" é"}'),)


@pytest.mark.parametrize("arguments", ["", "  ", "{}", {}])
def test_a_call_without_arguments_has_an_empty_object(arguments: Any) -> None:
    (made,) = parse(USER, calls(call("c1", arguments)), result("c1"))[1].tool_calls
    assert json.loads(made.arguments) == {}


@pytest.mark.parametrize(
    "value", ["</tool_call>", "é🙃 שלום", "\u0000", '"\\\n', "x" * 1_000_000, "<|im_end|>"]
)
def test_any_text_may_stand_in_arguments(value: str) -> None:
    arguments = json.dumps({"text": value})
    (made,) = parse(USER, calls(call("c1", arguments)), result("c1"))[1].tool_calls
    assert made.arguments == arguments


# ── who answers whom ──────────────────────────────────────────────────────────────────────────


def test_results_may_come_in_any_order_and_late() -> None:
    messages = parse(
        USER, calls(call("a"), call("b"), call("c")), result("c"), USER, result("a"), result("b")
    )
    assert [m.tool_call_id for m in messages if m.role == "tool"] == ["c", "a", "b"]


def test_a_call_that_was_never_answered_is_taken() -> None:
    assert len(parse(USER, calls(call("a"), call("b")), result("b"), USER)) == 4


def test_a_server_that_counts_its_calls_from_0_each_turn_is_taken() -> None:
    turn = [USER, calls(call("call_0")), result("call_0")]
    assert len(parse(*turn, *turn, *turn)) == 9


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([USER, result("c1")], "messages[1].tool_call_id"),
        ([result("c1"), calls(call("c1"))], "messages[0].tool_call_id"),
        ([USER, calls(call("c1")), result("c2")], "messages[2].tool_call_id"),
        (
            [USER, calls(call("c1")), result("c1"), result("c1")],
            "messages[3].tool_call_id",
        ),
        ([USER, calls(call("c1")), {"role": "tool", "content": "x"}], "messages[2].tool_call_id"),
        ([USER, calls(call("c1"), call("c2"), call("c1"))], "messages[1].tool_calls[2].id"),
        ([USER, calls(call(""))], "messages[1].tool_calls[0].id"),
        ([USER, calls(call("c1", name=""))], "messages[1].tool_calls[0].function.name"),
        ([{**USER, "tool_calls": [call("c1")]}], "messages[0].tool_calls"),
    ],
)
def test_a_conversation_that_cannot_be_is_refused_at_its_place(
    messages: list[Any], param: str
) -> None:
    assert refused(*messages).param == param


@pytest.mark.parametrize(
    "arguments",
    ["{", "{'a': 1}", '{"a": 1} and', "[1]", '"{}"', "5", "null", '{"a": NaN}', "[" * 100_000],
)
def test_arguments_that_are_no_object_are_refused_at_their_place(arguments: str) -> None:
    error = refused(USER, calls(call("c0"), call("c1", arguments)), result("c1"))
    assert error.param == "messages[1].tool_calls[1].function.arguments"
    assert len(str(error)) < 200


# ── what is not read ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_id": "f"}},
        {"type": "video_url"},
    ],
)
@pytest.mark.parametrize("role", ["user", "tool"])
def test_what_is_no_text_is_refused_at_its_place(part: dict[str, Any], role: str) -> None:
    content = [{"type": "text", "text": "See:"}, part]
    before = [USER, calls(call("c1"))]
    error = refused(*before, {"role": role, "tool_call_id": "c1", "content": content})
    assert (error.param, error.code) == ("messages[2].content[1].type", "unsupported_value")
    assert part["type"] in str(error)


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "assistant", "function_call": {"name": "f"}}, "messages[1].function_call"),
        ({"role": "function", "name": "f", "content": "x"}, "messages[1].role"),
        ({"role": "assistant", "content": [{"type": "refusal"}]}, "messages[1].content[0].refusal"),
        (
            {"role": "assistant", "content": "x", "reasoning_content": 3},
            "messages[1].reasoning_content",
        ),
    ],
)
def test_what_is_old_or_wrong_is_named(message: dict[str, Any], param: str) -> None:
    assert refused(USER, message).param == param


# ── an answer that is begun ───────────────────────────────────────────────────────────────────

BEGUN = {"role": "assistant", "content": "Once upon"}


def continues(**body: Any) -> bool:
    raw = json.dumps({"messages": [USER, BEGUN], **body}).encode()
    return parse_chat(raw, request_id="r1").generation.continues


def test_the_last_message_is_gone_on_with_where_that_is_asked() -> None:
    assert not continues()
    assert continues(continue_final_message=True)
    assert continues(continue_final_message=True, add_generation_prompt=False)


def test_only_an_assistants_message_can_be_gone_on_with() -> None:
    body = {"continue_final_message": True}
    assert refused(BEGUN, USER, **body).param == "messages[1].role"
    assert refused(USER, calls(call("c1")), **body).param == "messages[1].role"
    error = refused(USER, BEGUN, **body, add_generation_prompt=True)
    assert error.param == "add_generation_prompt"
