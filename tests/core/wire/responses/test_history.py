"""Items to messages: in order, in place, and alike whether they were kept or sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.engine.answered import Answered
from llmx.core.errors import RequestError
from llmx.core.types import Event, Message, ReasoningDelta, TextDelta, ToolCall
from llmx.core.wire.body import parse_body
from llmx.core.wire.responses.body import CreateBody
from llmx.core.wire.responses.history import told_of
from llmx.core.wire.responses.input_items import items_of
from llmx.core.wire.responses.items import Item
from llmx.core.wire.responses.sealed import Seal
from tests.core.wire.responses.support import finished, told
from tests.core.wire.responses.test_machine import FORM, STARTED, call

SEAL = Seal()


def items(*given: Any) -> tuple[Item, ...]:
    body = parse_body(json.dumps({"input": given}).encode(), CreateBody)
    return items_of(body.input or [], {}).items


def messages(*given: Any, instructions: str | None = None) -> tuple[Message, ...]:
    return told_of(
        instructions, items(*given), place=lambda i: f"input[{i}]", unseal=SEAL.unseal
    ).messages


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def fc(call_id: str, name: str = "f", arguments: str = "{}", **more: Any) -> Any:
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
        **more,
    }


def fco(call_id: str, output: Any = "1") -> Any:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


# ── one by one ────────────────────────────────────────────────────────────────────────────────


def test_a_developer_is_a_system_in_its_place() -> None:
    """Codex begins with one and appends others late: hoisting them would move the prefix."""
    found = messages(
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "A"}]},
        user("B"),
        {"role": "system", "content": "C"},
        instructions="I",
    )
    assert [(m.role, m.content) for m in found] == [
        ("system", "I"), ("system", "A"), ("user", "B"), ("system", "C")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    ["x", [{"type": "input_text", "text": "x"}], [{"type": "input_text", "text": ""},
     {"type": "input_text", "text": "x", "prompt_cache_breakpoint": {"mode": "explicit"}}]],
    ids=["string", "part", "empty part"],
)  # fmt: skip
def test_a_string_and_a_part_are_the_same(content: Any) -> None:
    assert messages({"role": "user", "content": content}) == (Message("user", "x"),)


def test_the_items_of_one_answer_are_one_message() -> None:
    found = messages(
        user("Q"),
        {"type": "reasoning", "id": "rs_1", "summary": [],
         "content": [{"type": "reasoning_text", "text": "Hm"}], "encrypted_content": None},
        {"type": "message", "role": "assistant", "phase": "commentary",
         "content": [{"type": "output_text", "text": "See"}]},
        fc("c1", arguments='{"a":1}'), fc("c2", "g", namespace="ns"),
        fco("c2", [{"type": "input_text", "text": "2"}]), fco("c1"),
    )  # fmt: skip
    calls = (ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "ns__g", "{}"))
    assert found[1:] == (
        Message("assistant", "See", calls, reasoning="Hm"),
        Message("tool", "2", tool_call_id="c2"),
        Message("tool", "1", tool_call_id="c1"),
    )


def test_a_text_right_behind_a_text_is_another_message() -> None:
    said = {"role": "assistant", "content": "x"}
    assert [m.content for m in messages(user("Q"), said, said)] == ["Q", "x", "x"]


def test_a_refusal_is_what_was_said() -> None:
    part = {"type": "refusal", "refusal": "No."}
    assert messages({"role": "assistant", "content": [part]})[0].content == "No."


def test_a_custom_call_comes_back_as_it_was_written() -> None:
    made = {"type": "custom_tool_call", "call_id": "c", "name": "patch", "input": 'a"b'}
    out = {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"}
    found = messages(made, out)
    assert found[0].tool_calls == (ToolCall("c", "patch", '{"input": "a\\"b"}'),)


def test_sealed_reasoning_is_read_here_and_left_out_elsewhere() -> None:
    """Clients that keep no plain text send back only what was sealed."""
    mine = {"type": "reasoning", "summary": [], "encrypted_content": SEAL.seal("Hm é")}
    assert messages(mine, {"role": "assistant", "content": "a"})[0].reasoning == "Hm é"
    other = {**mine, "encrypted_content": Seal().seal("Hm")}
    given = items(other, {"role": "assistant", "content": "a"})
    found = told_of(None, given, place=lambda i: f"input[{i}]", unseal=SEAL.unseal)
    assert found.messages[0].reasoning is None
    assert found.warnings == ("input[0]: reasoning that another server sealed was left out",)


def test_a_call_that_was_cut_is_left_out_with_its_output() -> None:
    cut = fc("c", arguments='{"a', status="incomplete")
    assert messages(user("Q"), cut, fco("c"), user("R")) == (
        Message("user", "Q"),
        Message("user", "R"),
    )


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ([fco("x")], "input[0].call_id"),
        ([fc("x"), fco("x"), fco("x")], "input[2].call_id"),
        ([fco("x"), fc("x")], "input[0].call_id"),
        ([fc("x", arguments="[1]")], "input[0].arguments"),
    ],
    ids=["no call", "answered twice", "answered before", "no object"],
)
def test_what_cannot_be_rendered_is_refused_by_its_place(given: Any, param: str) -> None:
    with pytest.raises(RequestError) as caught:
        messages(*given)
    assert caught.value.param == param


def test_foreign_items_are_left_out_and_said_so() -> None:
    raw = json.dumps({"input": [{"type": "web_search_call", "id": "ws"}, user("Q")]}).encode()
    taken = items_of(parse_body(raw, CreateBody).input or [], {})
    assert [item["type"] for item in taken.items] == ["message"]
    assert (taken.places, taken.warnings) == (
        (1,), ("input[0]: an item of type web_search_call was left out",)
    )  # fmt: skip


# ── kept or sent again ────────────────────────────────────────────────────────────────────────

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)
CALLS = st.sampled_from([("weather", '{"a": 1}'), ("crm__find", "{}"), ("patch", '{"input": "x"}')])
ANSWERS = st.lists(st.one_of(TEXTS.map(TextDelta), TEXTS.map(ReasoningDelta), CALLS), max_size=6)


@given(ANSWERS)
def test_an_answer_that_is_sent_again_is_the_one_that_was_kept(steps: list[Any]) -> None:
    """Whatever of ids and status a client keeps."""
    events: list[Event] = [STARTED]
    for at, step in enumerate(steps):
        events += call(*step, index=at) if isinstance(step, tuple) else [step]
    _, made = told([*events, finished()], FORM)
    kept = made.state.output
    whole = messages(user("Q"), *kept)
    bare = [{k: v for k, v in item.items() if k not in ("id", "status")} for item in kept]
    assert messages(user("Q"), *bare) == whole
    direct = told_of(None, (*items(user("Q")), *kept), place=str, unseal=SEAL.unseal).messages
    assert direct == whole


@given(ANSWERS)
def test_an_answer_comes_back_as_the_engine_keeps_it(steps: list[Any]) -> None:
    """One message with all texts, all reasoning and all calls: so its very tokens are found."""
    events: list[Event] = [STARTED]
    for at, step in enumerate(steps):
        events += call(*step, index=at) if isinstance(step, tuple) else [step]
    events.append(finished())
    _, made = told(events, FORM)
    answered = Answered()
    kept = [answered.told(event) for event in events][-1]
    assert kept is not None
    *_, back = messages(user("Q"), *made.state.output)
    calls = [(one.id, one.name) for one in kept.tool_calls]
    assert (back.content, back.reasoning) == (kept.content, kept.reasoning)
    assert [(one.id, one.name) for one in back.tool_calls] == calls
