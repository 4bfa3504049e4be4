"""What the demo model is to learn from: the language of its tables, its conversations, its batches.

Nothing here needs PyTorch; training itself is tried by `make demo-model-train`.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from jsonschema import Draft202012Validator
from tokenizers import Tokenizer

from tools.demo_model.batches import LONGEST, STAGES, batch, cut, plan
from tools.demo_model.cases import TASKS, Setting
from tools.demo_model.conversations import Plan, Writer
from tools.demo_model.evaluate import Score, judge, read_calls
from tools.demo_model.grammar import expand, fill, places
from tools.demo_model.rendering import pieces, said, sample
from tools.demo_model.toolbox import intents, nouns
from tools.demo_model.values import KINDS, value


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Tokenizer:
    return Tokenizer.from_file(str(demo / "tokenizer.json"))


def test_a_phrase_takes_one_of_its_choices_and_keeps_its_places() -> None:
    made = {expand("[What is|Tell me|[Do|Will] say] {x}[?|]", Random(n)) for n in range(200)}
    begins = ("What is", "Tell me", "Do say", "Will say")
    assert made == {f"{begin} {{x}}{end}" for begin in begins for end in ("?", "")}
    assert places("a {x} b {y}") == {"x", "y"}
    assert fill("a {x} b {y}", {"x": "1", "y": "{z}"}) == "a 1 b {z}"


@pytest.mark.parametrize("phrase", ["[a|b", "a]", "[a[b]"])
def test_a_phrase_with_a_bracket_too_many_or_too_few_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        expand(phrase, Random(0))


def test_what_is_held_out_is_never_trained_on() -> None:
    for split in (intents, nouns):
        assert split(True)
        assert not set(split(True)) & set(split(False))
    names = {name.replace("_", "").lower() for one in intents(False) for name in one.names}
    kept = {name.replace("_", "").lower() for one in intents(True) for name in one.names}
    assert not names & kept


@pytest.mark.parametrize("kind", KINDS)
def test_an_argument_has_the_characters_of_the_request(kind: str) -> None:
    for number in range(50):
        drawn = value(kind, Random(number))
        if isinstance(drawn.json, list):
            assert all(part in drawn.text for part in drawn.json)
        elif not isinstance(drawn.json, bool):
            assert json.dumps(drawn.json, ensure_ascii=False).strip('"') == drawn.text


@pytest.mark.parametrize("number", range(30))
def test_every_call_keeps_its_schema_and_every_answer_is_learnt(
    number: int, tokenizer: Tokenizer
) -> None:
    rng = Random(number)
    conversation = Writer(plan(STAGES[number % len(STAGES)], rng), rng).write()
    schemas = {t["function"]["name"]: t["function"]["parameters"] for t in conversation.tools}
    answers = [m for m in conversation.messages if m["role"] == "assistant"]
    for message in answers:
        for call in message.get("tool_calls", ()):
            name, arguments = call["function"]["name"], json.loads(call["function"]["arguments"])
            Draft202012Validator(schemas[name]).validate(arguments)
    made = sample(conversation, tokenizer)
    learnt = tokenizer.decode(made.tokens[made.said].tolist(), skip_special_tokens=False)
    assert learnt == "".join(said(message) + "<|im_end|>" for message in answers)


def test_a_row_is_cut_between_messages_only(tokenizer: Tokenizer) -> None:
    conversation = Writer(Plan(tools=3, turns=6), Random(1)).write()
    row = sample(conversation, tokenizer)
    short = cut(row, len(row.tokens) - 1)
    assert short is not None
    assert len(short.tokens) in row.seams
    assert cut(row, LONGEST) is row
    assert cut(row, 1) is None


def test_a_batch_is_the_same_whenever_it_is_made(tokenizer: Tokenizer) -> None:
    one, again = (batch(1234, 3000, 8192, 0, tokenizer) for _ in range(2))
    assert len(one) == len(again)
    for left, right in zip(one, again, strict=True):
        assert (left.tokens == right.tokens).all()
        assert (left.positions == right.positions).all()
        assert (left.weights == right.weights).all()
    other = batch(1235, 3000, 8192, 0, tokenizer)
    assert other[0].tokens.shape != one[0].tokens.shape or (other[0].tokens != one[0].tokens).any()


@pytest.mark.parametrize("task", TASKS)
def test_the_right_answer_is_judged_right_and_another_wrong(task: str) -> None:
    for number in range(10):
        case = TASKS[task](Setting(tools=6), Random(number))
        calls = [
            f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments)}}}\n</tool_call>'
            for name, arguments in case.calls
        ]
        right = "\n".join(calls) or f"It is {case.contains}."
        assert judge(case, right).whole
        wrong = "It is something else." if case.contains or case.calls else "<tool_call>\n{}"
        assert not judge(case, wrong).whole


def test_a_call_that_cannot_be_read_is_no_call() -> None:
    assert read_calls("<tool_call>\n{\n</tool_call>") is None
    assert read_calls("text") == []


def test_a_score_has_its_wilson_interval() -> None:
    low, high = Score(80, 100).interval()
    assert (round(low, 3), round(high, 3)) == (0.711, 0.867)


def test_a_held_out_prompt_is_shown_as_the_model_sees_it() -> None:
    case = TASKS["single call"](Setting(tools=2), Random(3))
    text = "".join(part for part, _ in pieces(case.conversation))
    assert text.startswith("<|im_start|>system\n")
    assert text.endswith("<|im_end|>\n")
