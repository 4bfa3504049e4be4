"""Rendering: the tokens of the template, boundaries where parts begin, clear refusals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from llmx.core.errors import ModelError, RequestError
from llmx.core.prompt.renderer import Renderer
from llmx.core.types import Boundary, Message, ToolCall
from tests.core.prompt.tokenizers_made import LITERALS, MAKERS, TEMPLATES, make

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
    assert rendered.boundaries[-1] == Boundary(len(rendered.tokens), "generation prompt")
    for part, next_content in [
        ("template", "You keep a garden."),
        ("tools+system", "What grows in May?"),
        ("message 1 (user)", 'look", "arguments"'),  # no content: the name of the call
        ("message 2 (assistant)", "peas and beans"),
        ("message 3 (tool)", "Peas and beans."),
        ("message 4 (assistant)", "Und im Juni?"),
        ("message 5 (user)", "<|im_end|>"),
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
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "RecursionError"),
        ("{{ 'a' * 10 ** 20 }}", "OverflowError"),
        ("{{ range(10 ** 9) | list }}", "OverflowError"),
        ("{{ messages.append(1) }}", "unsafe"),
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


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (Message("user", "What grows?"), "What grows?"),
        (Message("tool", "  peas\n", tool_call_id="c1"), "peas"),
        (Message("assistant", "Peas and"), "Peas and"),
    ],
)
def test_the_end_of_the_last_message_is_a_boundary_whatever_its_role(
    renderer: Renderer, tokenizer: Any, last: Message, said: str
) -> None:
    rendered = renderer.render([*CONVERSATION[:3], last], TOOLS)
    begin, end, whole = rendered.boundaries[-3:]
    assert end.part == f"message 3 ({last.role})"
    assert whole == Boundary(len(rendered.tokens), "generation prompt")
    assert tokenizer.decode(rendered.tokens[begin.position : end.position]).strip() == said


def test_the_tools_are_a_part_of_their_own_without_a_system_message(renderer: Renderer) -> None:
    rendered = renderer.render([Message("user", "What grows?")], TOOLS)
    assert [b.part for b in rendered.boundaries] == [
        "tools",
        "message 0 (user)",
        "generation prompt",
    ]


# ── with a memory ─────────────────────────────────────────────────────────────────────────────

CALL = ToolCall("c", "look", '{"where": "here"}')
CONTENTS = st.one_of(
    st.sampled_from(["", " ", "Hello", "  peas", "beans \n", "x" * 3000, "<think>a</think>b"]),
    st.sampled_from(["<|im_end|>", "<|im_start|>user\nHello", "user", "<s>", "Hello<|im_end|>\n"]),
    st.lists(st.sampled_from([*LITERALS, "e", "\u0301", " ", "\n", "peas"]), max_size=9).map(
        "".join
    ),
)
MESSAGES = st.one_of(
    st.builds(Message, st.sampled_from(["user", "assistant", "tool"]), CONTENTS),
    st.builds(Message, st.just("assistant"), CONTENTS, st.just((CALL,))),
)
TURNS = st.lists(st.lists(MESSAGES, min_size=1, max_size=3), min_size=2, max_size=5)


@cache
def made(name: str) -> Any:
    return make(name, odd=True)


@pytest.mark.parametrize("template", TEMPLATES)
@settings(max_examples=25)
@given(turns=TURNS, tools=st.booleans(), edited=CONTENTS, name=st.sampled_from([*MAKERS]))
def test_a_memory_changes_nothing(
    template: str, turns: list[list[Message]], tools: bool, edited: str, name: str
) -> None:
    """Turn by turn, then with an earlier message edited, then the first turns again."""
    tokenizer, source = made(name), TEMPLATES[template]
    with_memory = Renderer(tokenizer, source)
    conversation = [Message("system", "You keep a garden.")]
    asked: list[list[Message]] = []
    for turn in turns:
        conversation = conversation + turn
        asked.append(conversation)
    place = len(conversation) // 2
    changed = [*conversation]
    changed[place] = replace(changed[place], content=edited)
    for messages in [*asked, changed, *asked]:
        try:
            fresh = Renderer(tokenizer, source, memory_bytes=0).render(messages, TOOLS * 2 * tools)
        except RequestError as refused:
            with pytest.raises(RequestError, match=re.escape(str(refused))):
                with_memory.render(messages, TOOLS * 2 * tools)
            continue
        warm = with_memory.render(messages, TOOLS * 2 * tools)
        whole = tokenizer(fresh.text, add_special_tokens=False)["input_ids"]
        assert (warm.text, list(warm.tokens)) == (fresh.text, whole)
        assert warm.boundaries == fresh.boundaries


class CountingTemplates:
    """A tokenizer that counts the messages and tools that its template is run on."""

    is_fast = True

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.backend_tokenizer = inner.backend_tokenizer
        self.runs: list[tuple[int, int]] = []

    def apply_chat_template(self, conversation: list[Any], **kwargs: Any) -> Any:
        self.runs.append((len(conversation), len(kwargs["tools"] or ())))
        return self._inner.apply_chat_template(conversation, **kwargs)

    def __call__(self, text: str, **kwargs: Any) -> Any:
        return self._inner(text, **kwargs)


@pytest.mark.parametrize("template", ["chat", "trimming", "thinking is dropped from old turns"])
def test_a_tool_loop_costs_one_run_of_the_template_and_the_new_text(template: str) -> None:
    """Beside it, the marked run is of a few messages and one tool."""
    tokenizer = CountingTemplates(made("byte-level"))
    renderer = Renderer(tokenizer, TEMPLATES[template])
    conversation = [Message("system", "You keep a garden. " * 200), Message("user", "Weed it.")]
    renderer.render(conversation, TOOLS * 5)
    for turn in range(10):
        new = [Message("assistant", "", (CALL,)), Message("tool", f"{turn} weeds")]
        conversation += new
        tokenizer.runs.clear()
        rendered = renderer.render(conversation, TOOLS * 5)
        whole, marked = tokenizer.runs
        assert whole == (len(conversation), 5)
        assert marked[0] <= 6  # system, user, the last known pair, the new pair
        assert marked[1] == 1
        assert rendered.fresh < 300


def test_threads_share_a_renderer(renderer: Renderer) -> None:
    conversations = [[Message("user", f"{n} " * 50)] * 3 for n in range(8)]
    wanted = [renderer.render(conversation) for conversation in conversations]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(renderer.render, conversations * 4))
    assert [r.tokens for r in found] == [r.tokens for r in wanted] * 4
    assert [r.boundaries for r in found] == [r.boundaries for r in wanted] * 4


# ── the template itself ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("template", TEMPLATES.values())
def test_a_good_template_passes_the_check(tokenizer: Any, template: str) -> None:
    Renderer(tokenizer, template).check()


def test_a_template_may_refuse_tools(tokenizer: Any) -> None:
    refusing = "{% if tools %}{{ raise_exception('no tools') }}{% endif %}{{ messages[0].content }}"
    Renderer(tokenizer, refusing).check()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% for m in messages %}\n{{ m.content }", r"line 2"),
        ("\n\n{% nonsense %}", r"line 3.*nonsense"),
        ("\n{{ 1 // 0 }}", r"line 2.*ZeroDivisionError"),
        ("\n{{ messages[7].content }}", r"line 2"),
        ("{{ nobody() }}", r"line 1.*nobody"),
        (
            "x\n{% if tools %}\n{{ tools[0].function.nothing.at_all }}{% endif %}",
            r"one tool .line 3",
        ),
        ("", "to nothing"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tokenizer: Any, template: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Renderer(tokenizer, template).check()


def test_a_model_without_a_template_does_not_pass_the_check(demo: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(demo)
    tokenizer.chat_template = None
    with pytest.raises(ModelError, match="chat template"):
        Renderer(tokenizer).check()
