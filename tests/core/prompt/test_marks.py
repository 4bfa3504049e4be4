"""A mark in a message is found in the prompt, at its very token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from llmx.core.prompt.checkpoints import Stops
from llmx.core.prompt.renderer import Rendered, Renderer
from llmx.core.types import Boundary, GenerationRequest, Message
from tests.core.prompt.tokenizers_made import TEMPLATES

BOOK = "Chapter one: peas. Chapter two: beans."
ONE = len("Chapter one: peas.")


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Any:
    return AutoTokenizer.from_pretrained(demo)


def renderer_of(tokenizer: Any, template: str | None = None) -> Renderer:
    return Renderer(
        tokenizer,
        template,
        decode=lambda ids: tokenizer.decode(list(ids), skip_special_tokens=False),
        end_tokens=[tokenizer.convert_tokens_to_ids("<|im_end|>")],
    )


def request(*messages: Message) -> GenerationRequest:
    return GenerationRequest(id="r", messages=messages)


def marked(rendered: Rendered) -> list[int]:
    return [boundary.position for boundary in rendered.boundaries if boundary.is_marked]


def before(tokenizer: Any, rendered: Rendered) -> list[str]:
    """The prompt's text up to each mark."""
    return [tokenizer.decode(list(rendered.tokens[:position])) for position in marked(rendered)]


@pytest.mark.parametrize("blanks", ["", "\n  "], ids=["plain", "blanks"])
@pytest.mark.parametrize("template", [None, *TEMPLATES], ids=lambda name: name or "own")
def test_a_mark_is_where_the_text_up_to_it_ends(
    tokenizer: Any, template: str | None, blanks: str
) -> None:
    renderer = renderer_of(tokenizer, TEMPLATES[template] if template else None)
    content = blanks + BOOK + blanks
    places = (len(blanks) + ONE, len(content))
    rendered = renderer.prepare(request(Message("user", content, marks=places)))
    texts = before(tokenizer, rendered)
    assert texts[0].endswith("Chapter one: peas.")
    assert texts[1].rstrip().endswith(BOOK)
    assert len(texts) == 2
    positions = [boundary.position for boundary in rendered.boundaries]
    assert positions == sorted(set(positions))


def test_marks_change_nothing_but_the_boundaries(tokenizer: Any) -> None:
    plain, with_marks = (
        renderer_of(tokenizer).prepare(request(Message("user", BOOK, marks=marks)))
        for marks in ((), (ONE,))
    )
    assert plain.tokens == with_marks.tokens
    assert [b for b in with_marks.boundaries if not b.is_marked] == list(plain.boundaries)
    assert {b.part for b in with_marks.boundaries} == {b.part for b in plain.boundaries}


def test_a_mark_at_a_boundary_marks_that(tokenizer: Any) -> None:
    message = Message("user", BOOK, marks=(len(BOOK),))
    plain = renderer_of(tokenizer).prepare(request(Message("user", BOOK)))
    rendered = renderer_of(tokenizer).prepare(request(message))
    assert marked(rendered) == [plain.boundaries[-2].position]
    assert len(rendered.boundaries) == len(plain.boundaries)


def test_marks_of_messages_that_were_joined_are_found(tokenizer: Any) -> None:
    """This template takes no system message but the first: others become users'."""
    renderer = renderer_of(tokenizer, TEMPLATES["roles alternate"])
    rendered = renderer.prepare(
        request(
            Message("system", "Be brief."),
            Message("system", BOOK, marks=(ONE,)),
            Message("user", "And?"),
        )
    )
    (text,) = before(tokenizer, rendered)
    assert text.endswith("Chapter one: peas.")


def test_marks_stay_where_an_attribution_line_goes(tokenizer: Any) -> None:
    line = "x-anthropic-billing-header: 1\n"
    message = Message("system", line + BOOK, marks=(5, len(line) + ONE))
    rendered = renderer_of(tokenizer).prepare(request(message, Message("user", "Hi")))
    assert "billing" not in rendered.text
    (text,) = before(tokenizer, rendered)
    assert text.endswith("Chapter one: peas.")


def test_marks_are_found_behind_answers_that_stand_as_they_were_generated(tokenizer: Any) -> None:
    """The tokens of such answers are others than those of the template's text."""
    renderer = renderer_of(tokenizer)
    messages = [Message("user", BOOK)]
    for turn in range(3):
        rendered = renderer.prepare(request(*messages))
        text = f"Yes   {turn}."
        ids = [id for char in text for id in tokenizer(char, add_special_tokens=False)["input_ids"]]
        end = tokenizer.convert_tokens_to_ids("<|im_end|>")
        answer = Message("assistant", f"Yes   {turn}.")
        renderer.remember(request(*messages), rendered, answer, (*ids, end))
        messages += [answer, Message("user", f"{turn} {BOOK}", marks=(2 + ONE,))]
        rendered = renderer.prepare(request(*messages))
        assert "generated_history" in rendered.rules
        texts = before(tokenizer, rendered)
        assert len(texts) == turn + 1
        for number, text in enumerate(texts):
            assert text.endswith(f"{number} Chapter one: peas.")


def test_a_prefill_stops_at_every_mark_also_beside_others() -> None:
    near = (
        Boundary(30, "a", is_marked=True),
        Boundary(31, "a", is_marked=True),
        Boundary(90, "b"),
        Boundary(91, "b", is_marked=True),
        Boundary(200, "c"),
    )
    assert {30, 31, 91} <= Stops(anchored=True).plan(near, 0, 200)
    assert Stops(anchored=True).plan(near, 0, 200, marked_only=True) == {30, 31, 91}
    assert Stops(anchored=True).plan(near, 31, 200, marked_only=True) == {91}
    assert Stops(anchored=True, grid=16).plan(near, 0, 200, marked_only=True) == {16, 80}
    assert Stops(anchored=False).plan(near, 0, 200) == set()
