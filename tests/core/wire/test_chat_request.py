"""A body becomes a request, or one error that names the first wrong field."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from llmx.core.errors import RequestError
from llmx.core.types import GenerationRequest, Message, SamplingParams, ToolCall
from llmx.core.wire.chat_request import ChatBody, ChatRequest, parse_chat

USER = {"role": "user", "content": "Hi"}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a town.",
        "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
    },
}


def parse(**body: Any) -> ChatRequest:
    return parse_chat(json.dumps({"messages": [USER], **body}).encode(), request_id="r1")


def called(identity: str, arguments: Any = "{}", name: str = "f") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": identity, "type": "function", "function": function}


def refusal(raw: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        parse_chat(raw, request_id="r1")
    assert "\n" not in str(caught.value)
    return caught.value


# ── messages ──────────────────────────────────────────────────────────────────────────────────


def test_the_smallest_body_leaves_everything_to_the_model() -> None:
    request = parse()
    assert request.generation == GenerationRequest("r1", (Message("user", "Hi"),))
    assert request.generation.sampling == SamplingParams()
    assert (request.options.stream, request.options.model) == (False, None)


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": "Hi"}],
        [{"type": "text", "text": ""}, {"type": "text", "text": "Hi"}],
        [{"type": "text", "text": "H"}, {"type": "text", "text": "i", "cache_control": {}}],
    ],
)
def test_a_list_of_text_parts_is_the_same_message_as_the_string(content: Any) -> None:
    message = {"role": "user", "content": content}
    assert parse(messages=[message]).generation == parse().generation


def test_every_role_is_taken_and_developer_means_system() -> None:
    asked: list[dict[str, Any]] = [
        {"role": "developer", "content": "x"},
        {"role": "system", "content": "x"},
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": "x", "tool_calls": [called("c1")]},
        {"role": "tool", "content": "x", "tool_call_id": "c1"},
    ]
    messages = parse(messages=asked).generation.messages
    assert [m.role for m in messages] == ["system", "system", "user", "assistant", "tool"]


@pytest.mark.parametrize("content", [{"content": None}, {}, {"content": ""}, {"content": []}])
def test_an_assistant_message_may_have_calls_and_no_content(content: dict[str, Any]) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    messages = parse(
        messages=[
            USER,
            {"role": "assistant", "tool_calls": [call], **content},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "2"}]},
        ]
    ).generation.messages
    assert messages[1] == Message("assistant", "", (ToolCall("c1", "f", '{"a": 1}'),))
    assert messages[2] == Message("tool", "2", tool_call_id="c1")


def test_arguments_sent_as_an_object_become_json_text() -> None:
    call = {"id": "c1", "function": {"name": "f", "arguments": {"town": "Köln"}}}
    messages = parse(messages=[{"role": "assistant", "tool_calls": [call]}]).generation.messages
    assert messages[0].tool_calls == (ToolCall("c1", "f", '{"town": "Köln"}'),)


# ── tools ─────────────────────────────────────────────────────────────────────────────────────


def test_tools_keep_their_order_and_lose_what_no_template_shows() -> None:
    marked = {**WEATHER, "cache_control": {"type": "ephemeral"}}
    other = {"type": "function", "function": {"name": "a", "strict": False, "parameters": None}}
    tools = parse(tools=[marked, other]).generation.tools
    assert tools == (WEATHER, {"type": "function", "function": {"name": "a"}})


@pytest.mark.parametrize(("choice", "mode"), [(None, "auto"), ("auto", "auto"), ("none", "none")])
def test_the_choice_leaves_the_tools_in_the_prompt(choice: str | None, mode: str) -> None:
    generation = parse(tools=[WEATHER], tool_choice=choice).generation
    assert (len(generation.tools), generation.tool_choice.mode) == (1, mode)


# ── sampling and options ──────────────────────────────────────────────────────────────────────


def test_every_sampling_field_arrives() -> None:
    sampling = parse(
        max_tokens=5,
        temperature=0,
        top_p=0.5,
        top_k=3,
        min_p=0.1,
        seed=-7,
        stop=["a", "b"],
        presence_penalty=1,
        frequency_penalty=-2,
        repetition_penalty=1.1,
    ).generation.sampling
    assert sampling == SamplingParams(5, 0.0, 0.5, 3, 0.1, -7, ("a", "b"), 1.0, -2.0, 1.1)


def test_null_means_not_given() -> None:
    names = set(ChatBody.model_fields) - {"messages"}
    assert parse(**dict.fromkeys(names)) == parse()


def test_max_completion_tokens_wins_over_max_tokens() -> None:
    assert parse(max_tokens=5, max_completion_tokens=7).generation.sampling.max_tokens == 7


def test_a_limit_beyond_every_context_is_taken() -> None:
    assert parse(max_tokens=10**30).generation.sampling.max_tokens == 10**30


def test_a_top_k_of_minus_one_means_no_limit() -> None:
    assert parse(top_k=-1).generation.sampling.top_k == 0


@pytest.mark.parametrize(("stop", "seen"), [("a", ("a",)), (["a"], ("a",)), ([], ()), (None, ())])
def test_stop_is_a_string_or_a_list(stop: Any, seen: tuple[str, ...]) -> None:
    assert parse(stop=stop).generation.sampling.stop == seen


def test_the_cache_is_used_unless_the_body_says_false() -> None:
    assert [parse(cache=c).generation.cache for c in (None, True, False)] == [True, True, False]


def test_options_of_the_answer_are_kept_apart_from_the_request() -> None:
    options = parse(
        stream=True, stream_options={"include_usage": True}, model="any", user="me"
    ).options
    assert (options.stream, options.include_usage) == (True, True)
    assert (options.model, options.user) == ("any", "me")


def test_unknown_fields_are_ignored_everywhere() -> None:
    message = {**USER, "cache_control": {}, "annotations": 3, "prompt_cache_breakpoint": {}}
    request = parse(
        messages=[message], metadata={"a": 1}, store=True, n=1, tool_choice="auto", verbosity="low"
    )
    assert request == parse()


# ── what is refused ───────────────────────────────────────────────────────────────────────────

TEXT_OR_PARTS = "must be a string or a list of text parts"


@pytest.mark.parametrize(
    ("body", "param", "says"),
    [
        ([], None, "the body: must be an object, got a list of 0"),
        ("x", None, "the body: must be an object, got the string 'x'"),
        ({}, "messages", "is required"),
        ({"messages": []}, "messages", "must hold at least 1, got a list of 0"),
        ({"messages": "Hi"}, "messages", "must be a list, got the string 'Hi'"),
        ({"messages": ["Hi"]}, "messages[0]", "must be an object, got the string 'Hi'"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "is required"),
        (
            {"messages": [USER, {"role": "wizard", "content": "x"}]},
            "messages[1].role",
            "must be 'developer', 'system', 'user', 'assistant' or 'tool', got the string 'wizard'",
        ),
        ({"messages": [{"role": "user"}]}, "messages[0].content", TEXT_OR_PARTS),
        (
            {"messages": [USER, USER, {"role": "user", "content": 5}]},
            "messages[2].content",
            TEXT_OR_PARTS + ", got the number 5",
        ),
        (
            {"messages": [{"role": "tool", "content": None}]},
            "messages[0].content",
            TEXT_OR_PARTS + ", got null",
        ),
        (
            {"messages": [{"role": "user", "content": ["x"]}]},
            "messages[0].content[0]",
            "must be an object, got the string 'x'",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "see"},
                            {"type": "image_url", "image_url": {"url": "data:,"}},
                        ],
                    }
                ]
            },
            "messages[0].content[1].type",
            "must be 'text': this server reads no images, audio or files, "
            "got the string 'image_url'",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages[0].content[0].text",
            "is required",
        ),
        (
            {
                "messages": [
                    {"role": "assistant", "tool_calls": [{"function": {"name": "f"}, "id": "1"}]}
                ]
            },
            "messages[0].tool_calls[0].function.arguments",
            "is required",
        ),
    ],
)
def test_a_wrong_message_is_named(body: Any, param: str | None, says: str) -> None:
    error = refusal(json.dumps(body).encode())
    assert error.param == param
    assert says in str(error)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("max_tokens", True, "must be an integer, got true"),
        ("max_tokens", 0, "greater than or equal to 1, got the number 0"),
        ("max_tokens", -5, "greater than or equal to 1"),
        ("max_tokens", 1.5, "must be an integer, got the number 1.5"),
        ("max_tokens", "5", "must be an integer, got the string '5'"),
        ("max_completion_tokens", -1, "greater than or equal to 1"),
        ("temperature", -0.1, "greater than or equal to 0"),
        ("temperature", 2.1, "less than or equal to 2"),
        ("temperature", False, "must be a number, got false"),
        ("temperature", 10**400, "must be a number that fits a float, got the number 1000"),
        ("top_p", 0, "greater than 0"),
        ("top_p", 1.1, "less than or equal to 1"),
        ("top_k", -2, "greater than or equal to -1"),
        ("top_k", [1], "must be an integer, got a list of 1"),
        ("min_p", 2, "less than or equal to 1"),
        ("seed", "x", "must be an integer"),
        ("stop", 5, "must be a string or a list of strings, got the number 5"),
        ("stop[1]", ["a", 5], "must be a string, got the number 5"),
        ("stop[0]", [None], "must be a string, got null"),
        ("stop[1]", ["a", ""], "must not be empty"),
        ("stop", "", "must not be empty"),
        ("stop", ["a"] * 17, "must hold at most 16, got a list of 17"),
        ("stop", "a" * 1025, "must have at most 1024 characters"),
        ("presence_penalty", 3, "less than or equal to 2"),
        ("frequency_penalty", -3, "greater than or equal to -2"),
        ("repetition_penalty", 0, "greater than 0"),
        ("stream", "yes", "must be true or false, got the string 'yes'"),
        ("stream_options", [], "must be an object, got a list of 0"),
        ("stream_options.include_usage", {"include_usage": 1}, "must be true or false"),
        ("model", 5, "must be a string"),
        ("cache", "no", "must be true or false"),
        ("tools", {}, "must be a list, got an object"),
        ("tools[0].type", [{"type": "mcp"}], "must be 'function', got the string 'mcp'"),
        ("tools[0].function", [{"type": "function"}], "is required"),
        ("tools[0].function.name", [{"type": "function", "function": {"name": ""}}], "empty"),
        (
            "tools[1].function.parameters",
            [WEATHER, {"type": "function", "function": {"name": "f", "parameters": "x"}}],
            "must be an object, got the string 'x'",
        ),
    ],
)
def test_a_wrong_field_is_named_with_what_was_seen_and_wanted(
    field: str, value: Any, says: str
) -> None:
    body = {"messages": [USER], field.split(".")[0].split("[")[0]: value}
    error = refusal(json.dumps(body).encode())
    assert error.param == field
    assert str(error).startswith(f"{field}: ")
    assert says in str(error)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("response_format.type", {"type": "grammar"}),
        ("modalities", ["text", "audio"]),
        ("functions", [{"name": "f"}]),
        ("function_call", {"name": "f"}),
        ("web_search_options", {}),
        ("add_generation_prompt", False),
        ("chat_template_kwargs.chat_template", {"chat_template": "{{ 1 }}"}),
        ("chat_template_kwargs.tools", {"tools": []}),
    ],
)
def test_what_would_change_the_answer_and_is_not_supported_is_refused_by_name(
    field: str, value: Any
) -> None:
    error = refusal(json.dumps({"messages": [USER], field.split(".")[0]: value}).encode())
    assert (error.param, error.code) == (field, "unsupported_value")


def test_what_asks_for_the_default_is_no_reason_to_refuse() -> None:
    request = parse(
        n=1,
        logprobs=False,
        top_logprobs=0,
        logit_bias={},
        add_generation_prompt=True,
        function_call="none",
        response_format={"type": "text"},
        tool_choice="auto",
        modalities=["text"],
        functions=[],
    )
    assert request == parse()


# ── bytes ─────────────────────────────────────────────────────────────────────────────────────


def around(content: bytes) -> bytes:
    return b'{"messages": [{"role": "user", "content": ' + content + b"}]}"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b'{"messages": [',
        around(b'"x"') + b"}",
        around(b'"x') + b"\xff" + b'"',
        around(b'"\xc3"'),  # half a character
        around(b'"\\ud800"'),  # a lone surrogate
        around(b'"\\udc00\\ud800"'),
        around(b'"\x00"'),
        around(b"NaN"),
        b'{"messages": [], "temperature": NaN}',
        b'{"messages": [], "temperature": -Infinity}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"x": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_not_json_is_refused_with_its_position(raw: bytes) -> None:
    error = refusal(raw)
    assert (error.param, error.code) == (None, "invalid_json")
    assert str(error).startswith("The body is invalid JSON: ")
    assert " at line 1 column " in str(error)


def test_depth_that_a_tool_schema_may_have_is_taken() -> None:
    deep: Any = {}
    for _ in range(150):
        deep = {"properties": deep}
    tool = {"type": "function", "function": {"name": "f", "parameters": deep}}
    assert parse(tools=[tool]).generation.tools == (tool,)


def test_of_a_name_given_twice_the_last_counts() -> None:
    raw = b'{"messages": 5, "messages": [{"role": "user", "content": "Hi"}]}'
    assert parse_chat(raw, request_id="r1") == parse()


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [1] * 100},
        {"messages": [{"role": "user", "content": [1] * 100}]},
        {"messages": [{"role": "assistant", "tool_calls": [1] * 100}]},
        {"messages": [USER], "tools": [1] * 100},
        {"messages": [USER], "stop": [1] * 16},
    ],
)
def test_checking_a_list_ends_at_its_first_wrong_item(body: dict[str, Any]) -> None:
    """Or a body of 32 MB would make millions of errors of which one is shown."""
    with pytest.raises(ValidationError) as caught:
        ChatBody.model_validate(body)
    assert caught.value.error_count() == 1


def test_a_long_wrong_value_is_not_repeated_in_full() -> None:
    error = refusal(json.dumps({"messages": [USER], "max_tokens": "9" * 10_000}).encode())
    assert len(str(error)) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(ChatBody.model_fields))
MESSAGE = st.dictionaries(
    st.sampled_from(["role", "content", "tool_calls", "tool_call_id", "name"]),
    st.sampled_from(["user", "assistant", None, [], "x"]) | JSON,
)


@given(st.dictionaries(FIELDS, JSON, max_size=5), st.lists(MESSAGE, max_size=3))
def test_any_json_is_parsed_or_refused(body: dict[str, Any], messages: list[Any]) -> None:
    """No value of any type in any place raises anything but `RequestError`."""
    raw = json.dumps({"messages": messages, **body}).encode()
    with contextlib.suppress(RequestError):
        assert parse_chat(raw, request_id="r1").generation.messages


@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    with pytest.raises(RequestError):
        parse_chat(raw, request_id="r1")
