"""Rendering: the tokens of the template, boundaries where parts begin, clear refusals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from llmx.core.errors import RequestError
from llmx.core.prompt.renderer import Renderer
from llmx.core.types import Message, ToolCall

CONVERSATION = (
    Message("system", "You keep a garden."),
    Message("user", "What grows in May?"),
    Message("assistant", "", (ToolCall("c1", "look", '{"where": "garden", "when": "May"}'),)),
    Message("tool", "peas and beans", tool_call_id="c1", name="look"),
    Message("assistant", "Peas and beans."),
    Message("user", "Und im Juni? 🌱"),
)
TOOLS = (
    {
        "type": "function",
        "function": {
            "name": "look",
            "description": "Look around.",
            "parameters": {"type": "object", "properties": {"where": {"type": "string"}}},
        },
    },
)


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Any:
    return AutoTokenizer.from_pretrained(demo)


@pytest.fixture(scope="module")
def renderer(tokenizer: Any) -> Renderer:
    return Renderer(tokenizer)


def test_the_tokens_are_those_of_the_rendered_text(renderer: Renderer, tokenizer: Any) -> None:
    rendered = renderer.render(CONVERSATION, TOOLS)
    assert list(rendered.tokens) == tokenizer(rendered.text, add_special_tokens=False)["input_ids"]
    assert "look" in rendered.text
    assert "peas and beans" in rendered.text


def test_each_boundary_lies_where_the_next_content_begins(
    renderer: Renderer, tokenizer: Any
) -> None:
    rendered = renderer.render(CONVERSATION, TOOLS)
    parts = {b.part: b.position for b in rendered.boundaries}
    assert list(parts.values()) == sorted(parts.values())
    assert rendered.boundaries[-1].position == len(rendered.tokens)
    for part, next_content in [
        ("template", "You keep a garden."),
        ("message 0 (system)", "What grows in May?"),
        ("message 1 (user)", "peas and beans"),
        ("message 4 (assistant)", "Und im Juni?"),
    ]:
        after = tokenizer.decode(rendered.tokens[parts[part] :])
        assert after.startswith(next_content), part


def test_a_conversation_that_goes_on_keeps_its_tokens(renderer: Renderer) -> None:
    """Up to the last boundary before the generation prompt: append-only growth."""
    whole = renderer.render(CONVERSATION, TOOLS)
    for length in range(2, len(CONVERSATION)):
        part = renderer.render(CONVERSATION[:length], TOOLS)
        if part.boundaries[-1].part == "prompt":
            continue
        shared = part.boundaries[-2].position
        assert whole.tokens[:shared] == part.tokens[:shared]


def test_text_that_looks_like_a_mark_is_left_alone(renderer: Renderer) -> None:
    message = Message("user", "[deadbeef:0] and [0123456789abcdef:1]")
    assert message.content in renderer.render([message]).text


@pytest.mark.parametrize("content", [" leading space", "\n", "", "x"])
def test_odd_contents_render_as_without_marks(
    renderer: Renderer, tokenizer: Any, content: str
) -> None:
    rendered = renderer.render([Message("user", content)])
    plain = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    assert rendered.text == plain


def test_a_template_that_looks_at_the_content_falls_back_to_one_boundary(tokenizer: Any) -> None:
    shouting = "{% for m in messages %}{{ m.content | upper }}{% endfor %}"
    lengths = "{% for m in messages %}{{ m.content | length }} {% endfor %}"
    for template in (shouting, lengths):
        rendered = Renderer(tokenizer, template).render([Message("user", "abc")])
        assert [b.part for b in rendered.boundaries][-1] in {"prompt", "message 0 (user)"}
        assert rendered.boundaries[-1].position == len(rendered.tokens)
    assert Renderer(tokenizer, lengths).render([Message("user", "abc")]).text == "3 "


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ raise_exception('roles must alternate') }}", "roles must alternate"),
        ("{{ messages[7].content }}", "cannot render"),
        ("{% for m in messages %}{{ m.content + 1 }}{% endfor %}", "cannot render"),
    ],
)
def test_a_template_that_refuses_is_a_request_error(
    tokenizer: Any, template: str, said: str
) -> None:
    with pytest.raises(RequestError, match=said) as refused:
        Renderer(tokenizer, template).render([Message("user", "abc")])
    assert refused.value.param == "messages"


def test_a_conversation_that_renders_to_nothing_is_refused(tokenizer: Any) -> None:
    with pytest.raises(RequestError, match="empty prompt"):
        Renderer(tokenizer, "").render([Message("user", "abc")])


@pytest.mark.parametrize("arguments", ["not json", "[1, 2]", '{"a": ', "[" * 5000])
def test_arguments_that_are_no_object_reach_the_template_as_text(
    renderer: Renderer, arguments: str
) -> None:
    call = Message("assistant", "", (ToolCall("c", "look", arguments),))
    messages: Sequence[Message] = (Message("user", "x"), call)
    assert renderer.render(messages).tokens
