"""Answers that come back: rendered from the tokens that were generated, or by the template."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from llmx.core.prompt.history import Answer, History, Values
from llmx.core.prompt.hygiene import Hygiene
from llmx.core.prompt.renderer import Rendered, Renderer
from llmx.core.types import GenerationRequest, HygieneRule, Message, ToolCall
from tests.core.prompt.tokenizers_made import TEMPLATES

HEAD = (Message("system", "You keep a garden."), Message("user", "What grows in May?"))
NEXT = Message("user", "And in June?")
TOOLS = ({"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}},)
CALLED = '<tool_call>\n{"name":"look",  "arguments":{"b":1,"a":"x"}}\n</tool_call>'
CALL = ToolCall("call_1", "look", '{"b":1,"a":"x"}')


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Any:
    return AutoTokenizer.from_pretrained(demo)


@pytest.fixture
def renderer(tokenizer: Any) -> Renderer:
    return renderer_of(tokenizer)


def renderer_of(
    tokenizer: Any, *off: HygieneRule, template: str | None = None, **options: Any
) -> Renderer:
    return Renderer(
        tokenizer,
        template,
        hygiene=Hygiene(off),
        decode=lambda ids: tokenizer.decode(list(ids), skip_special_tokens=False),
        end_tokens=[tokenizer.convert_tokens_to_ids("<|im_end|>")],
        **options,
    )


def request(*messages: Message, **more: Any) -> GenerationRequest:
    return GenerationRequest(id="r", messages=messages, tools=TOOLS, **more)


def drawn(tokenizer: Any, text: str, seed: int = 0) -> tuple[int, ...]:
    """Tokens of the text as a model may draw them: other than a tokenizer would cut it."""
    rng = random.Random(seed)
    ids: list[int] = []
    while text:
        length = rng.randint(1, 4)
        ids += tokenizer(text[:length], add_special_tokens=False)["input_ids"]
        text = text[length:]
    return tuple(ids)


def answered(
    renderer: Renderer, tokenizer: Any, text: str, answer: Message, *before: Message, **more: Any
) -> tuple[Rendered, tuple[int, ...]]:
    """The prompt, and the tokens of an answer that is remembered."""
    asked = request(*(before or HEAD), **more)
    rendered, ids = renderer.prepare(asked), drawn(tokenizer, text)
    assert tokenizer.decode(list(ids)) == text
    renderer.remember(asked, rendered, answer, ids)
    return rendered, ids


SAID = "Peas, broad beans and the first radishes."


def test_the_next_turn_goes_on_from_the_tokens_of_the_answer(
    renderer: Renderer, tokenizer: Any
) -> None:
    answer = Message("assistant", SAID)
    prompt, ids = answered(renderer, tokenizer, SAID, answer)
    plain = renderer.render([*HEAD, answer, NEXT], TOOLS)
    after = renderer.prepare(request(*HEAD, answer, NEXT))
    assert after.text == plain.text
    assert after.tokens != plain.tokens
    assert after.tokens[: len(prompt.tokens) + len(ids)] == prompt.tokens + ids
    assert (after.seam, after.rules) == ("generated", ("generated_history",))
    rest = tokenizer.decode(after.tokens[len(prompt.tokens) + len(ids) :])
    assert rest == "<|im_end|>\n<|im_start|>user\nAnd in June?<|im_end|>\n<|im_start|>assistant\n"
    assert after.fresh == len(rest)


def test_a_call_that_the_template_writes_otherwise_stands_as_it_was_written(
    renderer: Renderer, tokenizer: Any
) -> None:
    """It comes back with its keys in another order, with blanks and another id."""
    sent = ToolCall("toolu_9", "look", '{ "a": "x", "b": 1 }')
    prompt, ids = answered(renderer, tokenizer, CALLED, Message("assistant", "", (CALL,)))
    result = Message("tool", "peas", tool_call_id="toolu_9")
    after = renderer.prepare(request(*HEAD, Message("assistant", "", (sent,)), result))
    assert after.tokens[: len(prompt.tokens) + len(ids)] == prompt.tokens + ids
    assert after.text.startswith(prompt.text + CALLED + "<|im_end|>\n<|im_start|>user\n")
    assert after.text.count("look") == plain_count(renderer)


def plain_count(renderer: Renderer) -> int:
    """How often the tool's name stands in the prompt as the template writes it."""
    message = Message("assistant", "", (CALL,))
    return renderer.render([*HEAD, message, Message("tool", "peas")], TOOLS).text.count("look")


def test_turn_after_turn_each_prompt_begins_with_the_last_one_and_its_answer(
    renderer: Renderer, tokenizer: Any
) -> None:
    messages = HEAD
    for turn in range(6):
        if turn % 2:
            text, answer = f"{SAID} {turn}", Message("assistant", f"{SAID} {turn}")
            said = Message("user", "Go on.")
        else:
            text, answer = CALLED, Message("assistant", "", (replace(CALL, id=f"c{turn}"),))
            said = Message("tool", f"{turn} peas", tool_call_id=f"c{turn}")
        prompt, ids = answered(renderer, tokenizer, text, answer, *messages)
        messages = (*messages, answer, said)
        after = renderer.prepare(request(*messages))
        assert after.tokens[: len(prompt.tokens) + len(ids)] == prompt.tokens + ids
        assert [b.part for b in after.boundaries][-3:] == [
            f"message {len(messages) - 2} (assistant)",
            f"message {len(messages) - 1} ({said.role})",
            "generation prompt",
        ]
        positions = [b.position for b in after.boundaries]
        assert positions == sorted(set(positions))
        assert positions[-1] == len(after.tokens)


def test_the_parts_are_those_of_the_template(renderer: Renderer, tokenizer: Any) -> None:
    answer = Message("assistant", SAID)
    answered(renderer, tokenizer, SAID, answer)
    plain = renderer.render([*HEAD, answer, NEXT], TOOLS)
    after = renderer.prepare(request(*HEAD, answer, NEXT))
    assert [b.part for b in after.boundaries] == [b.part for b in plain.boundaries]


# ── where it must not ─────────────────────────────────────────────────────────────────────────

Change = Callable[[Message], tuple[Message, ...]]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: (*HEAD, replace(m, content=m.content + " Really.")),
        lambda m: (*HEAD, replace(m, content=m.content.upper())),
        lambda m: (*HEAD, replace(m, reasoning="I thought.")),
        lambda m: (*HEAD, replace(m, tool_calls=(CALL,))),
        lambda m: (HEAD[0], Message("user", "What grows in April?"), m),
        lambda m: (Message("system", "You keep bees."), HEAD[1], m),
        lambda m: (*HEAD, Message("user", "And?"), m),
    ],
)
def test_another_answer_or_another_prompt_is_the_templates(
    renderer: Renderer, tokenizer: Any, change: Change
) -> None:
    answer = Message("assistant", SAID)
    answered(renderer, tokenizer, SAID, answer)
    messages = (*change(answer), NEXT)
    after = renderer.prepare(request(*messages))
    assert after.tokens == renderer.render(messages, TOOLS).tokens
    assert "generated_history" not in after.rules


def test_what_another_namespace_was_answered_is_not_known(
    renderer: Renderer, tokenizer: Any
) -> None:
    answer = Message("assistant", SAID)
    answered(renderer, tokenizer, SAID, answer, namespace="one")
    messages = (*HEAD, answer, NEXT)
    plain = renderer.render(messages, TOOLS).tokens
    assert renderer.prepare(request(*messages, namespace="two")).tokens == plain
    assert renderer.prepare(request(*messages)).tokens == plain
    assert renderer.prepare(request(*messages, namespace="one")).tokens != plain


def test_a_rule_that_is_off_remembers_nothing(tokenizer: Any) -> None:
    renderer = renderer_of(tokenizer, "generated_history")
    answer = Message("assistant", SAID)
    answered(renderer, tokenizer, SAID, answer)
    after = renderer.prepare(request(*HEAD, answer, NEXT))
    assert after.tokens == renderer.render([*HEAD, answer, NEXT], TOOLS).tokens
    assert after.seam is None


def test_an_end_token_that_is_said_is_not_the_end(renderer: Renderer, tokenizer: Any) -> None:
    """The answer's text holds it, and the template writes the call behind it otherwise."""
    text = "Say <|im_end|> when done.\n" + CALLED
    answer = Message("assistant", "Say <|im_end|> when done.", (CALL,))
    answered(renderer, tokenizer, text, answer)
    messages = (*HEAD, answer, Message("tool", "peas", tool_call_id="call_1"))
    after = renderer.prepare(request(*messages))
    assert after.tokens == renderer.render(messages, TOOLS).tokens
    assert after.seam == "template"


def test_reasoning_that_a_template_drops_from_old_turns_stays_dropped(tokenizer: Any) -> None:
    """Its own answer is known, and not used: the template says otherwise by intent."""
    template = TEMPLATES["thinking is dropped from old turns"]
    renderer = renderer_of(tokenizer, template=template, think=("<think>", "</think>"))
    text = f"<think>\nLet me see.\n</think>\n\n{SAID}"
    answer = Message("assistant", SAID, reasoning="Let me see.")
    prompt, ids = answered(renderer, tokenizer, text, answer)
    result = Message("tool", "more")
    inside = renderer.prepare(request(*HEAD, answer, result))  # of the same turn: it is kept
    assert inside.tokens[: len(prompt.tokens) + len(ids)] == prompt.tokens + ids
    after = renderer.prepare(request(*HEAD, answer, NEXT))
    assert "Let me see" not in after.text
    assert after.tokens == renderer.render([*HEAD, answer, NEXT], TOOLS).tokens
    assert after.seam == "template"


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_is_misled(tokenizer: Any, template: str) -> None:
    """Whatever it does with contents: what is rendered says the same as it does by itself."""
    renderer = renderer_of(tokenizer, template=TEMPLATES[template])
    answer = Message("assistant", f" {SAID}", (CALL,))
    text = f"{SAID}\nlook({{'b':1,'a':'x'}})"
    prompt, ids = answered(renderer, tokenizer, text, answer)
    messages = (*HEAD, answer, Message("tool", "peas", tool_call_id="call_1"), answer, NEXT)
    after, plain = renderer.prepare(request(*messages)), renderer.render(messages, TOOLS)
    if after.seam == "generated":
        place = len(prompt.text) + len(text)
        assert after.text[:place] == prompt.text + text
        assert plain.text.endswith(after.text[place:])
        assert after.tokens[: len(prompt.tokens) + len(ids)] == prompt.tokens + ids
    else:
        assert after.tokens == plain.tokens
    for said in ("You keep a garden.", "What grows in May?", "peas", "And in June?"):
        assert after.text.count(said) == plain.text.count(said)


def test_a_tokenizer_without_exact_cuts_renders_by_the_template(tokenizer: Any) -> None:
    renderer = Renderer(tokenizer, hygiene=Hygiene(), decode=tokenizer.decode, end_tokens=())
    answer = Message("assistant", SAID)
    answered(renderer, tokenizer, SAID, answer)
    after = renderer.prepare(request(*HEAD, answer, NEXT))
    assert after.tokens == renderer.render([*HEAD, answer, NEXT], TOOLS).tokens


# ── the store ─────────────────────────────────────────────────────────────────────────────────


def test_the_oldest_answers_go_first(renderer: Renderer) -> None:
    written = renderer.prepare(request(*HEAD)).written
    assert written is not None
    one = Answer(written, (1, 2, 3))
    history = History(limit_bytes=3 * one.nbytes)
    messages = [Message("assistant", f"answer {number}") for number in range(5)]
    for message in messages[:3]:
        history.add("", 2, message, one)
    assert [len(list(history.candidates("", [*HEAD, m]))) for m in messages[:1]] == [1]  # used
    for message in messages[3:]:
        history.add("", 2, message, one)
    assert history.nbytes <= 3 * one.nbytes
    known = [bool(list(history.candidates("", [*HEAD, message]))) for message in messages]
    assert known == [True, False, False, True, True]


def test_the_same_answer_to_the_same_prompt_is_kept_once(renderer: Renderer) -> None:
    written = renderer.prepare(request(*HEAD)).written
    assert written is not None
    history = History()
    for ids in ((1, 2), (3, 4)):
        history.add("", 2, Message("assistant", "Done."), Answer(written, ids))
    (found,) = history.candidates("", [*HEAD, Message("assistant", " Done.\n")])
    assert found.answer.ids == (3, 4)
    assert len(history) == 1
    assert history.nbytes == found.answer.nbytes


def test_few_of_those_that_say_the_same_are_kept(renderer: Renderer) -> None:
    history = History()
    for number in range(20):
        written = renderer.prepare(request(HEAD[0], Message("user", f"{number}?"))).written
        assert written is not None
        history.add("", 2, Message("assistant", "Done."), Answer(written, (1,)))
    assert len(history) == 8
    assert history.nbytes == sum(
        found.answer.nbytes
        for found in history.candidates("", [*HEAD, Message("assistant", "Done.")])
    )


def test_an_answer_with_huge_arguments_is_not_kept(renderer: Renderer) -> None:
    """It comes back by the template: to compare it would hold up all others."""
    written = renderer.prepare(request(*HEAD)).written
    assert written is not None
    history = History()
    call = ToolCall("c", "look", '{"a": "' + "x" * 300_000 + '"}')
    history.add("", 2, Message("assistant", "", (call,)), Answer(written, (1,)))
    assert len(history) == 0


def test_values_are_json_values() -> None:
    def of(arguments: str) -> Values:
        return Values.of(Message("assistant", "", (ToolCall("c", "look", arguments),)))

    assert of('{"a": 1, "b": [1, 2]}') == of('{"b":[1,2],"a":1}')
    assert of('{"a": 1}') != of('{"a": 2}')
    assert of('{"a": 1}') != of('{"a": "1"}')
    assert of("no json") == of("no json")
    assert of("[" * 100_000) != of("no json")


# ── tools that come later ─────────────────────────────────────────────────────────────────────


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}


LOOK, DIG, SOW = tool("look"), tool("dig"), tool("sow")
ASKED = (*HEAD, Message("assistant", SAID))


def with_tools(*tools: dict[str, Any], messages: tuple[Message, ...] = HEAD) -> GenerationRequest:
    return GenerationRequest(id="r", messages=messages, tools=tools)


def test_a_tool_that_a_later_turn_adds_is_described_in_that_turn(
    renderer: Renderer, tokenizer: Any
) -> None:
    """And stays there; another one comes behind it."""
    first = with_tools(LOOK, SOW)
    before, ids = renderer.prepare(first), drawn(tokenizer, SAID)
    renderer.remember(first, before, ASKED[2], ids)
    second = with_tools(LOOK, DIG, SOW, messages=(*ASKED, NEXT))
    after = renderer.prepare(second)
    assert after.tokens[: len(before.tokens) + len(ids)] == before.tokens + ids
    assert after.rules == ("late_tools", "generated_history")
    assert after.text.index("And in June?") < after.text.index('"dig", "parameters"')
    assert after.text.count('"dig", "parameters"') == 1
    other = drawn(tokenizer, "Beans.", seed=1)
    renderer.remember(second, after, Message("assistant", "Beans."), other)
    third = (*ASKED, NEXT, Message("assistant", "Beans."), Message("user", "Go on."))
    fill = tool("fill")
    last = renderer.prepare(with_tools(fill, LOOK, DIG, SOW, messages=third))
    assert last.tokens[: len(after.tokens) + len(other)] == after.tokens + other
    assert last.text.index("Go on.") < last.text.index('"fill", "parameters"')
    assert last.text.count('"dig", "parameters"') == 1


@pytest.mark.parametrize(
    "tools",
    [
        (LOOK,),  # one has gone
        (SOW, LOOK),  # another order
        (LOOK, tool("sow") | {"function": {"name": "sow", "description": "new"}}),
        (DIG, SOW, LOOK),
    ],
)
def test_tools_that_change_otherwise_stand_as_the_client_has_them(
    renderer: Renderer, tokenizer: Any, tools: tuple[dict[str, Any], ...]
) -> None:
    first = with_tools(LOOK, SOW)
    renderer.remember(first, renderer.prepare(first), ASKED[2], drawn(tokenizer, SAID))
    messages = (*ASKED, NEXT)
    after = renderer.prepare(with_tools(*tools, messages=messages))
    assert after.tokens == renderer.render(messages, tools).tokens
    assert after.rules == ()


def test_without_an_answer_or_the_rule_a_new_tool_stands_in_its_place(tokenizer: Any) -> None:
    messages = (*ASKED, NEXT)
    for renderer, namespace in (
        (renderer_of(tokenizer, "late_tools"), ""),
        (renderer_of(tokenizer), "another"),
    ):
        first = with_tools(LOOK, SOW)
        renderer.remember(first, renderer.prepare(first), ASKED[2], drawn(tokenizer, SAID))
        asked = with_tools(LOOK, DIG, SOW, messages=messages)
        after = renderer.prepare(replace(asked, namespace=namespace))
        assert after.tokens == renderer.render(messages, (LOOK, DIG, SOW)).tokens
