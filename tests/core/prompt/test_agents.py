"""What two conversations of an agent share, at its full size, and what changes nothing at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from llmx.core.prompt.hygiene import Hygiene
from llmx.core.prompt.renderer import Rendered, Renderer
from llmx.core.types import HygieneRule
from llmx.core.wire.chat_request import parse_chat
from llmx.core.wire.diagnosis_store import DiagnosisStore
from llmx.core.wire.messages_request import MessagesParser
from tests.agents import MARKER, agent_body, on_chat

QUESTIONS = ("Why does the import fail?", "Write a test for the parser, please.")
CALL = {"type": "tool_use", "id": "toolu_1", "name": "Tool03", "input": {"option_0": "a", "n": 1}}


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Any:
    return AutoTokenizer.from_pretrained(demo)


@pytest.fixture(scope="module")
def renderer(tokenizer: Any) -> Renderer:
    return Renderer(tokenizer)


def render(renderer: Renderer, body: dict[str, Any], *, chat: bool = False) -> Rendered:
    raw = json.dumps(on_chat(body) if chat else body).encode()
    if chat:
        return renderer.prepare(parse_chat(raw, request_id="r").generation)
    return renderer.prepare(MessagesParser(DiagnosisStore())(raw, request_id="r").generation)


def shared(one: Rendered, other: Rendered) -> float:
    """The part of the shorter prompt that both begin with."""
    pairs = list(zip(one.tokens, other.tokens, strict=False))
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
    return same / len(pairs)


@pytest.mark.parametrize(
    ("off", "least", "most"), [((), 0.9, 1.0), (("attribution_line",), 0.0, 0.01)]
)
def test_other_questions_and_attributions_share_nine_tenths(
    tokenizer: Any, off: tuple[HygieneRule, ...], least: float, most: float
) -> None:
    renderer = Renderer(tokenizer, hygiene=Hygiene(off))
    one, other = (
        render(renderer, agent_body(question, hash))
        for question, hash in zip(QUESTIONS, ("a1b", "77f"), strict=True)
    )
    assert len(one.tokens) > 15_000
    assert least <= shared(one, other) <= most


def test_a_conversation_that_is_resumed_begins_as_it_did(renderer: Renderer) -> None:
    """With its marker moved to the new end."""
    body = agent_body(QUESTIONS[0], "a1b")
    before = render(renderer, body)
    del body["messages"][0]["content"][1]["cache_control"]
    said = [{"type": "text", "text": "Go on.", "cache_control": MARKER}]
    body["messages"] += [
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}]},
        {"role": "user", "content": said},
    ]
    assert shared(before, render(renderer, body)) > 0.99


@cache
def talk() -> dict[str, Any]:
    """Small, with a call, its result, and a system message at its end."""
    body = agent_body(QUESTIONS[0], "a1b", share=0.05)
    body["messages"] += [
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, CALL]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "found"}],
        },
        {"role": "system", "content": "Be brief."},
    ]
    return body


def with_string_contents(body: dict[str, Any]) -> None:
    first = body["messages"][0]
    first["content"] = "".join(block["text"] for block in first["content"])
    body["messages"][4]["content"] = [{"type": "text", "text": "Be brief."}]


def with_moved_markers(body: dict[str, Any]) -> None:
    del body["messages"][0]["content"][1]["cache_control"]
    body["messages"][3]["content"][0]["cache_control"] = MARKER
    body["tools"][-1]["cache_control"] = MARKER
    body["cache_control"] = MARKER


def with_other_ids(body: dict[str, Any]) -> None:
    body["messages"][2]["content"][1] = CALL | {"id": "toolu_other"}
    body["messages"][3]["content"][0]["tool_use_id"] = "toolu_other"


def with_empty_parts(body: dict[str, Any]) -> None:
    body["messages"][0]["content"].insert(0, {"type": "text", "text": ""})
    body["system"].append({"type": "text", "text": ""})


def with_another_attribution(body: dict[str, Any]) -> None:
    body["system"][0]["text"] = body["system"][0]["text"].replace("a1b", "c3d")


def without_attribution(body: dict[str, Any]) -> None:
    del body["system"][0]


def with_metadata(body: dict[str, Any]) -> None:
    body |= {"metadata": {"user_id": '{"session_id": "s"}'}, "service_tier": "auto"}
    body |= {"context_management": {"edits": []}, "diagnostics": {"previous_message_id": None}}


def with_a_tool_choice(body: dict[str, Any]) -> None:
    body["tool_choice"] = {"type": "any", "disable_parallel_tool_use": True}


def with_strict_tools(body: dict[str, Any]) -> None:
    body["tools"][0] |= {"strict": True, "type": "custom", "defer_loading": False}


@pytest.mark.parametrize(
    "change",
    [
        with_string_contents, with_moved_markers, with_other_ids, with_empty_parts,
        with_another_attribution, without_attribution, with_metadata, with_a_tool_choice,
        with_strict_tools,
    ],
)  # fmt: skip
def test_what_a_template_cannot_see_changes_no_token(
    renderer: Renderer, change: Callable[[dict[str, Any]], None]
) -> None:
    body = copy.deepcopy(talk())
    change(body)
    assert render(renderer, body).tokens == render(renderer, talk()).tokens


def test_both_apis_give_the_same_prompt(renderer: Renderer) -> None:
    body = copy.deepcopy(talk())
    without_attribution(body)
    one, other = render(renderer, body), render(renderer, body, chat=True)
    assert one.tokens == other.tokens
    assert one.boundaries == other.boundaries


def test_a_system_message_stays_where_it_is_and_turns_only_add(renderer: Renderer) -> None:
    body = talk()
    turns = [
        render(renderer, body | {"messages": body["messages"][:count]}) for count in range(2, 6)
    ]
    for before, after in pairwise(turns):
        end = before.boundaries[-2].position
        assert after.tokens[:end] == before.tokens[:end]
    assert turns[-1].text.index("Be brief.") > turns[-1].text.index("found")


def test_a_tool_that_is_found_does_not_shift_what_stands_before(renderer: Renderer) -> None:
    """A deferred tool in the middle of the list, and the result that refers to it."""
    body = copy.deepcopy(talk())
    body["tools"][7] |= {"defer_loading": True}
    before = render(renderer, body | {"messages": body["messages"][:3]})
    reference = [{"type": "tool_reference", "tool_name": "Tool07"}]
    body["messages"][3]["content"][0]["content"] = reference
    after = render(renderer, body)
    end = before.boundaries[-2].position
    assert after.tokens[:end] == before.tokens[:end]
    assert '"name": "Tool07"' not in before.text
    assert after.text.count('"name": "Tool07"') == 1
    assert after.rules == ("attribution_line", "deferred_tools")
