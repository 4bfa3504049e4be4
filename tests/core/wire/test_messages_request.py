"""A Messages body becomes the request that the same talk on Chat becomes, or a placed error."""

import json
from typing import Any

import pytest

from llmx.core.errors import RequestError
from llmx.core.types import (
    GenerationRequest,
    Message,
    OutputFormat,
    SamplingParams,
    Thinking,
    ToolCall,
    ToolChoice,
)
from llmx.core.wire.chat_request import parse_chat
from llmx.core.wire.diagnosis_store import DiagnosisStore
from llmx.core.wire.messages_request import MessagesParser, MessagesRequest, parse_count
from llmx.core.wire.messages_signature import hidden_text, signature

READ = {
    "name": "Read",
    "description": "Read a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
}
ODD = "</tool_call> 🙃 \u202e\u05e9\u05dc\u05d5\u05dd\u0000"  # right to left, with a zero
LATE = {**READ, "name": "Late", "defer_loading": True}


def body(*messages: Any, **fields: Any) -> dict[str, Any]:
    first = {"role": "user", "content": "Hi"}
    return {"model": "m", "max_tokens": 9, "messages": list(messages) or [first], **fields}


def request(*messages: Any, **fields: Any) -> MessagesRequest:
    raw = json.dumps(body(*messages, **fields)).encode()
    return MessagesParser(DiagnosisStore())(raw, request_id="msg_1")


def asked(*messages: Any, **fields: Any) -> GenerationRequest:
    return request(*messages, **fields).generation


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def said(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def text(value: str, **fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": value, **fields}


def use(identity: str = "toolu_1", name: str = "Read", **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": identity, "name": name, "input": given}


def result(content: Any = None, identity: str = "toolu_1", **fields: Any) -> dict[str, Any]:
    content = {} if content is None else {"content": content}
    return {"type": "tool_result", "tool_use_id": identity, **content, **fields}


# ── what is the same however it is spelled ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        "Hi",
        [text("Hi")],
        [text("Hi", cache_control={"type": "ephemeral", "ttl": "1h"})],
        [text(""), text("Hi"), text("")],
        [text("H"), text("i", citations=[])],
    ],
)
def test_a_content_is_what_it_says(content: Any) -> None:
    one = {"role": "user", "content": content}
    assert asked(one, system=content).messages == (Message("system", "Hi"), Message("user", "Hi"))


def test_of_several_system_blocks_the_end_of_the_first_is_known() -> None:
    (system, _) = asked(system=[text("x-anthropic-billing-header: a"), text("You are.")]).messages
    assert (system.content, system.first_part) == ("x-anthropic-billing-header: aYou are.", 29)


@pytest.mark.parametrize("system", [None, "", [], [text("")]])
def test_an_empty_system_is_none(system: Any) -> None:
    assert asked(system=system).messages == (Message("user", "Hi"),)


def test_a_system_message_stays_where_it_is() -> None:
    late = {"role": "system", "content": [text("Agents: none.")]}
    roles = [m.role for m in asked(user(text("a")), late, system="s").messages]
    assert roles == ["system", "user", "system"]


def test_unknown_fields_and_betas_are_ignored() -> None:
    more = {
        "service_tier": "auto",
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "container": None,
        "mcp_servers": [],
        "cache_control": {"type": "ephemeral"},
        "speed": "fast",
        "nobody_knows": [1, {"a": None}],
    }
    assert asked(**more) == asked()


# ── the same talk on both APIs ────────────────────────────────────────────────────────────────

CHAT_TALK: dict[str, Any] = {
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "Read",
                "description": "Read a file.",
                "parameters": READ["input_schema"],
            },
        }
    ],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Read a and b."},
        {
            "role": "assistant",
            "content": "Reading.",
            "reasoning_content": "Two files.",
            "tool_calls": [
                {
                    "id": f"toolu_{name}",
                    "type": "function",
                    "function": {"name": "Read", "arguments": json.dumps({"path": f"{name} é"})},
                }
                for name in "ab"
            ],
        },
        {"role": "tool", "tool_call_id": "toolu_a", "content": "A"},
        {"role": "tool", "tool_call_id": "toolu_b", "content": [{"type": "text", "text": "B"}]},
        {"role": "user", "content": [{"type": "text", "text": "And now?"}]},
    ],
}
MESSAGES_TALK: dict[str, Any] = {
    "system": [text("Be brief.", cache_control={"type": "ephemeral"})],
    "tools": [{**READ, "type": "custom", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        user(text("Read a and b.")),
        said(
            {"type": "thinking", "thinking": "Two files.", "signature": ""},
            text("Reading."),
            use("toolu_a", path="a é"),
            use("toolu_b", path="b é"),
        ),
        user(
            result("A", "toolu_a", is_error=False),
            result([text("B")], "toolu_b"),
            text("And now?", cache_control={"type": "ephemeral"}),
        ),
    ],
}


def test_the_same_talk_on_chat_has_the_same_values() -> None:
    chat = parse_chat(json.dumps(CHAT_TALK).encode(), request_id="x").generation
    mine = asked(*MESSAGES_TALK["messages"], **{k: MESSAGES_TALK[k] for k in ("system", "tools")})
    # Arguments are JSON text there as the client wrote it, and ours here: equal as values.
    assert [parsed(m) for m in mine.messages] == [parsed(m) for m in chat.messages]
    assert mine.tools == chat.tools
    assert (mine.tool_choice, mine.thinking, mine.output) == (
        chat.tool_choice,
        chat.thinking,
        chat.output,
    )


def parsed(message: Message) -> tuple[Any, ...]:
    calls = [(c.id, c.name, json.loads(c.arguments)) for c in message.tool_calls]
    return (message.role, message.content, message.reasoning, message.tool_call_id, calls)


# ── results and calls ─────────────────────────────────────────────────────────────────────────


def test_results_and_texts_of_one_message_keep_their_order() -> None:
    call = ToolCall("toolu_1", "Read", '{"path": "a"}')
    talk = (
        user(text("go")),
        said(use(path="a")),
        user(text("first"), result("R"), text("then"), text("this")),
    )
    assert asked(*talk).messages == (
        Message("user", "go"),
        Message("assistant", "", (call,)),
        Message("user", "first"),
        Message("tool", "R", tool_call_id="toolu_1"),
        Message("user", "thenthis"),
    )


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (result(), ("", False, ())),
        (result(""), ("", False, ())),
        (result("no such file", is_error=True), ("no such file", True, ())),
        (result([]), ("", False, ())),
        (result([text("a"), text(""), text("b")]), ("ab", False, ())),
        (
            result([text("Found."), {"type": "tool_reference", "tool_name": "Late"}]),
            ("Found.", False, ("Late",)),
        ),
        (
            result(ODD),
            (ODD, False, ()),
        ),
    ],
)
def test_a_result_in_every_shape(block: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    *_, last = asked(said(use()), user(block), tools=[READ, LATE]).messages
    assert last.role == "tool"
    assert (last.content, last.is_error, last.references) == wanted


def test_deferred_and_strict_stand_where_no_template_looks() -> None:
    function = {"name": "Late", "description": "Read a file.", "parameters": READ["input_schema"]}
    (tool,) = asked(tools=[{**LATE, "strict": True, "input_examples": [{}]}]).tools
    assert tool == {
        "type": "function",
        "function": function,
        "strict": True,
        "defer_loading": True,
    }


def test_an_argument_of_a_megabyte_and_200_tools_are_taken() -> None:
    tools = [{**READ, "name": f"tool_{n}"} for n in range(200)]
    big = "é</tool_call>" * 80_000
    call = use(path=big)
    generation = asked(said(call), user(result("R")), tools=tools)
    assert json.loads(generation.messages[0].tool_calls[0].arguments) == {"path": big}
    assert len(generation.tools) == 200


def test_thinking_comes_back_as_it_was_and_redacted_thinking_as_nothing() -> None:
    blocks = [
        {"type": "thinking", "thinking": "One. ", "signature": "llmx"},
        {"type": "redacted_thinking", "data": "opaque"},
        {"type": "thinking", "thinking": "", "signature": signature("Two.")},
        {"type": "thinking", "thinking": "", "signature": "of another server"},
    ]
    (first, *_) = asked(said(*blocks, text("So.")), user(text("ok"))).messages
    assert (first.reasoning, first.content) == ("One. Two.", "So.")


@pytest.mark.parametrize(
    "one", [None, "", "llmx", "llmx:", "llmx:x", "llmx:é", "llmx:/w==", "else"]
)
def test_a_signature_that_carries_nothing(one: str | None) -> None:
    assert hidden_text(one) == ""


# ── the end of the conversation ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", ["The best is (", [text("The best is (")]])
def test_a_last_assistant_message_is_the_beginning_of_the_answer(content: Any) -> None:
    generation = asked(user(text("Q")), {"role": "assistant", "content": content})
    assert generation.continues
    assert generation.messages[-1] == Message("assistant", "The best is (")


@pytest.mark.parametrize("content", ["", [], [text("")]])
def test_an_empty_one_is_not_there(content: Any) -> None:
    generation = asked(user(text("Q")), {"role": "assistant", "content": content})
    assert (generation.continues, len(generation.messages)) == (False, 1)


def test_a_call_at_the_end_is_not_continued() -> None:
    generation = asked(user(text("Q")), said(text("a"), use()))
    assert not generation.continues


# ── options ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        (None, ToolChoice()),
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "any"}, ToolChoice("required")),
        (
            {"type": "any", "disable_parallel_tool_use": True},
            ToolChoice("required", parallel=False),
        ),
        (
            {"type": "tool", "name": "Read", "disable_parallel_tool_use": False},
            ToolChoice("required", ("Read",)),
        ),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice(parallel=False)),
    ],
)
def test_the_choice_of_tools(choice: Any, wanted: ToolChoice) -> None:
    assert asked(tools=[READ], tool_choice=choice).tool_choice == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, Thinking()),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, Thinking(True)),
        ({"thinking": {"type": "disabled"}}, Thinking(False)),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, Thinking()),
        ({"thinking": {"type": "between_tools"}}, Thinking()),
        ({"output_config": {"effort": "low"}}, Thinking(None, "low")),
    ],
)
def test_thinking(fields: Any, wanted: Thinking) -> None:
    assert asked(**fields).thinking == wanted


@pytest.mark.parametrize("where", ["output_config", "output_format"])
def test_a_format_is_a_schema(where: str) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    form = {"type": "json_schema", "schema": schema}
    fields = {"output_config": {"format": form}} if where == "output_config" else {where: form}
    assert asked(**fields).output == OutputFormat(schema)


def test_sampling_has_the_defaults_of_this_api() -> None:
    assert asked().sampling == SamplingParams(max_tokens=9, temperature=1.0)
    given = {"temperature": 0, "top_p": 0.5, "top_k": 4, "stop_sequences": ["a", "b"]}
    wanted = SamplingParams(max_tokens=9, temperature=0, top_p=0.5, top_k=4, stop=("a", "b"))
    assert asked(**given).sampling == wanted


def test_no_tokens_means_that_the_prompt_is_stored_only() -> None:
    assert not asked(max_tokens=0).generate


@pytest.mark.parametrize(
    ("user_id", "session"),
    [
        (json.dumps({"device_id": "d", "session_id": "s-1"}), "s-1"),
        ("somebody", None),
        ("[1]", None),
        ("{}", None),
        ('{"session_id": 3}', None),
        (None, None),
    ],
)
def test_the_session_stands_in_the_user_id(user_id: str | None, session: str | None) -> None:
    one = request(metadata={"user_id": user_id})
    assert (one.user, one.conversation) == (user_id, session)


def test_a_vendors_tool_beside_others_is_left_out_with_a_flag() -> None:
    one = request(tools=[{"type": "web_search_20250305", "name": "web_search"}, READ])
    assert [tool["function"]["name"] for tool in one.generation.tools] == ["Read"]
    assert one.remarks.flags == ["vendor_tool_ignored"]


def test_a_count_leaves_out_what_forces_the_answer() -> None:
    schema = {"type": "json_schema", "schema": {"type": "object"}}
    tools = [{**READ, "strict": True}]
    fields = {"tools": tools, "tool_choice": {"type": "any"}, "output_config": {"format": schema}}
    raw = body(user(text("Q")), said(text("A")), **fields)
    del raw["max_tokens"]
    counted = parse_count(json.dumps(raw).encode(), request_id="x")
    real = asked(user(text("Q")), said(text("A")), **fields)
    assert (counted.messages, counted.continues) == (real.messages, True)
    assert [{**tool, "strict": True} for tool in counted.tools] == list(real.tools)
    assert (counted.tool_choice, counted.output) == (ToolChoice(), None)


# ── errors name their place ───────────────────────────────────────────────────────────────────

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ""}}
DOCUMENT = {"type": "document", "source": {"type": "url", "url": "https://x"}}

WRONG: list[tuple[Any, str]] = [
    ({"max_tokens": None}, "max_tokens"),
    ({"max_tokens": "9"}, "max_tokens"),
    ({"max_tokens": -1}, "max_tokens"),
    ({"max_tokens": 1.5}, "max_tokens"),
    ({"messages": []}, "messages"),
    ({"messages": "Hi"}, "messages"),
    ({"messages": [None]}, "messages[0]"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
    ({"messages": [user("x")]}, "messages[0].content[0]"),
    ({"messages": [user({"text": "x"})]}, "messages[0].content[0].type"),
    ({"messages": [user(text("a"), {"type": "text"})]}, "messages[0].content[1].text"),
    ({"messages": [user(text("a"), IMAGE)]}, "messages[0].content[1].type"),
    ({"messages": [user(DOCUMENT)]}, "messages[0].content[0].type"),
    ({"messages": [user(use())]}, "messages[0].content[0].type"),
    ({"messages": [said(result("x"))]}, "messages[0].content[0].type"),
    ({"messages": [{"role": "system", "content": [result("x")]}]}, "messages[0].content[0].type"),
    ({"messages": [user(result("x"))]}, "messages[0].content[0].tool_use_id"),
    (
        {"messages": [said(use()), user(result("x"), result("y"))]},
        "messages[1].content[1].tool_use_id",
    ),
    ({"messages": [said(use(), use())]}, "messages[0].content[1].id"),
    (
        {"messages": [said({**use(), "input": "{}"})]},
        "messages[0].content[0].input",
    ),
    (
        {"messages": [said({"type": "tool_use", "id": "a", "name": "b"})]},
        "messages[0].content[0].input",
    ),
    (
        {"messages": [said(use()), user(result([text("a"), IMAGE]))]},
        "messages[1].content[0].content[1].type",
    ),
    (
        {"messages": [said(use()), user(result([{"type": "tool_reference", "tool_name": "No"}]))]},
        "messages[1].content[0].content[0].tool_name",
    ),
    ({"messages": [said(use()), user(result(5))]}, "messages[1].content[0].content"),
    ({"system": 5}, "system"),
    ({"system": [IMAGE]}, "system[0].type"),
    ({"tools": {}}, "tools"),
    ({"tools": [READ, READ]}, "tools[1].name"),
    ({"tools": [{**READ, "name": "a b"}]}, "tools[0].name"),
    ({"tools": [{"name": "x"}]}, "tools[0].input_schema"),
    ({"tools": [{**READ, "input_schema": {"type": "string"}}]}, "tools[0].input_schema"),
    ({"tools": [{**READ, "input_schema": {"properties": []}}]}, "tools[0].input_schema"),
    ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
    ({"tool_choice": "any"}, "tool_choice"),
    ({"tool_choice": {"type": "any"}}, "tool_choice.type"),
    ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
    ({"tool_choice": {"type": "tool"}, "tools": [READ]}, "tool_choice.name"),
    ({"tool_choice": {"type": "tool", "name": "X"}, "tools": [READ]}, "tool_choice.name"),
    ({"stop_sequences": "a"}, "stop_sequences"),
    ({"stop_sequences": [""]}, "stop_sequences[0]"),
    ({"temperature": 3}, "temperature"),
    ({"top_p": 0}, "top_p"),
    ({"top_k": -1}, "top_k"),
    ({"stream": 1}, "stream"),
    ({"output_config": {"format": {"type": "xml"}}}, "output_config.format.type"),
    ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
    (
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "text"}}}},
        "output_config.format.schema",
    ),
    ({"thread": {"type": "create"}}, "thread"),
    ({"diagnostics": "x"}, "diagnostics"),
    ({"cache_salt": ""}, "cache_salt"),
]


@pytest.mark.parametrize(("fields", "param"), WRONG)
def test_an_error_names_its_place(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        asked(**fields)
    assert caught.value.param == param
    assert str(caught.value).startswith(f"{param}: ")
