"""What differs between two prompts is named, at its byte; prompts are kept within a limit."""

import json
from typing import Any

import pytest

from llmx.core.index.tokens import pack
from llmx.core.types import HygieneRule, Prepared
from llmx.core.wire.diagnosis import Diagnosis, Fingerprint, compare, fingerprint
from llmx.core.wire.diagnosis_store import DiagnosisStore
from llmx.core.wire.messages_request import MessagesParser

READ = {"name": "Read", "input_schema": {"type": "object"}}
LATE = {"name": "Late", "input_schema": {"type": "object"}, "defer_loading": True}


def prompt(
    *, tokens: list[int] | None = None, rules: tuple[HygieneRule, ...] = (), **fields: Any
) -> Fingerprint:
    body = {
        "model": "m",
        "max_tokens": 9,
        "system": "Be brief.",
        "tools": [READ],
        "messages": [{"role": "user", "content": "Hi"}],
        **fields,
    }
    request = MessagesParser(DiagnosisStore())(json.dumps(body).encode(), request_id="msg_1")
    ids = tuple(tokens if tokens is not None else range(10))
    generation = request.generation
    prepared = Prepared(generation, ids, pack(ids), (), 9, 0.0, rules=rules)
    return fingerprint(prepared, request.model)


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def said(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def use(identity: str, path: str = "a") -> dict[str, Any]:
    return {"type": "tool_use", "id": identity, "name": "Read", "input": {"path": path}}


def result(identity: str, content: str = "R") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": identity, "content": content}


TOLD = '{"name": "Read", "'  # up to the description
BEFORE = prompt(messages=[user("Hi"), said({"type": "text", "text": "Yes"}), user("Ho")])


@pytest.mark.parametrize(
    ("fields", "kind", "part", "offset"),
    [
        ({"model": "other"}, "model", "model", 0),
        ({"system": "Be long."}, "system", "system", 3),
        ({"system": "Be brief. Now."}, "system", "system", 9),
        ({"system": None}, "system", "system", 0),
        ({"tools": [{**READ, "description": "x"}]}, "tools", "tool Read", len(TOLD)),
        ({"tools": []}, "tools", "tool Read", 0),
        ({"tools": [{**READ, "name": "Write"}, READ]}, "tools", "tool Write", 0),
        ({"tools": [READ, {**READ, "name": "Write"}]}, "tools", "tool Write", 0),
        ({"thinking": {"type": "disabled"}}, "parameters", "thinking", 1),
        ({"tool_choice": {"type": "any"}}, "parameters", "tool_choice", 2),
        ({"messages": [user("He")]}, "messages", "message 1 (user)", 1),
        ({"messages": [user("Hi")]}, "messages", "message 2 (assistant)", 0),  # it shrank
        ({"messages": [user("Hi"), user("é")]}, "messages", "message 2 (user)", 0),
        (
            {"model": "other", "system": "x", "tools": [], "messages": [user("x")]},
            "model",
            "model",
            0,
        ),
        ({"system": "x", "messages": [user("x")]}, "system", "system", 0),
    ],
)
def test_the_first_part_that_differs_is_named(
    fields: dict[str, Any], kind: str, part: str, offset: int
) -> None:
    found = compare(BEFORE, prompt(tokens=[0, 1, 2, 77], **fields))
    assert (found.verdict, found.kind, found.part) == ("changed", kind, part)
    assert found.offset == offset
    assert (found.reusable_tokens, found.missed_tokens) == (3, 7)  # of 10


TALK = [user("Hi"), said(use("toolu_1")), user([result("toolu_1")])]


@pytest.mark.parametrize(
    "now",
    [
        {"messages": TALK},
        {"messages": [*TALK, said({"type": "text", "text": "So."}), user("And?")]},
        {"messages": [user([{"type": "text", "text": "Hi"}]), *TALK[1:]]},
        {"messages": [TALK[0], said(use("toolu_9")), user([result("toolu_9")])]},
        {"messages": TALK, "cache_control": {"type": "ephemeral"}, "metadata": {"user_id": "u"}},
        {"messages": TALK, "temperature": 0, "max_tokens": 1, "stream": True},
        {"messages": TALK, "system": [{"type": "text", "text": "Be brief.", "cache_control": {}}]},
        {"messages": TALK, "tools": [{**READ, "cache_control": {"type": "ephemeral"}}]},
        {"messages": TALK, "tools": [{**READ, "strict": True}]},
        {"messages": TALK, "tools": [LATE, READ], "rules": ("deferred_tools",)},
    ],
)
def test_what_is_no_part_of_the_prompt_is_no_difference(now: dict[str, Any]) -> None:
    found = compare(prompt(messages=TALK), prompt(**now))
    assert found == Diagnosis("same", missed_tokens=0, reusable_tokens=10)


def test_a_tool_that_stands_in_the_head_is_a_difference() -> None:
    assert compare(prompt(), prompt(tools=[LATE, READ])).part == "tool Late"


def test_an_attribution_line_is_a_difference_only_where_it_is_rendered() -> None:
    lines = [[{"type": "text", "text": f"x-anthropic-billing-header: {n}"}] for n in "ab"]
    system = [[*line, {"type": "text", "text": "Be brief."}] for line in lines]
    one, other = (prompt(system=blocks, rules=("attribution_line",)) for blocks in system)
    assert compare(one, other).verdict == "same"
    assert compare(one, prompt()).verdict == "same"  # which has none
    one, other = (prompt(system=blocks) for blocks in system)
    assert compare(one, other).kind == "system"


def test_a_begun_answer_may_go_on_otherwise() -> None:
    begun = prompt(messages=[user("Hi"), said({"type": "text", "text": "He"})])
    later = prompt(messages=[user("Hi"), said({"type": "text", "text": "Hello"}), user("x")])
    assert compare(begun, later).verdict == "same"


# ── the store ─────────────────────────────────────────────────────────────────────────────────


def test_a_prompt_is_found_in_its_own_namespace_only() -> None:
    store = DiagnosisStore()
    store.add("one", "msg_1", BEFORE)
    found = store.diagnose("one", "msg_1", BEFORE)
    assert (found.verdict, found.previous) == ("same", "msg_1")
    assert store.diagnose("two", "msg_1", BEFORE) == Diagnosis("unknown", "msg_1")
    assert store.diagnose("one", "msg_2", BEFORE) == Diagnosis("unknown", "msg_2")


def test_what_turns_have_in_common_is_kept_once() -> None:
    store, size = DiagnosisStore(), 100_000
    turns = [[user("x" * size)] + [user(f"{n}") for n in range(turn)] for turn in range(20)]
    for number, messages in enumerate(turns):
        store.add("", f"msg_{number}", prompt(messages=messages))
    assert len(store) == 20
    assert store.nbytes < 2 * size


def test_the_oldest_goes_when_the_limit_is_reached_and_its_bytes_with_it() -> None:
    store = DiagnosisStore(limit_bytes=40_000)
    for number in range(50):
        store.add("", f"msg_{number}", prompt(messages=[user(f"{number:>5}" * 1000)]))
        if number:
            assert store.diagnose("", "msg_0", BEFORE).verdict != "unknown"  # asked for each time
        assert store.nbytes <= 40_000
    assert store.diagnose("", "msg_49", BEFORE).verdict == "changed"
    assert store.diagnose("", "msg_1", BEFORE).verdict == "unknown"
    store.add("", "msg_50", prompt(messages=[user("x" * 100_000)]))  # larger than the limit
    assert store.diagnose("", "msg_50", BEFORE).verdict == "unknown"
    assert store.diagnose("", "msg_49", BEFORE).verdict == "changed"


def test_an_id_that_comes_again_replaces_the_one_before() -> None:
    store = DiagnosisStore()
    store.add("", "msg_1", BEFORE)
    size = store.nbytes
    store.add("", "msg_1", BEFORE)
    assert (len(store), store.nbytes) == (1, size)
