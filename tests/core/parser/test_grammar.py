"""What a family's grammar lets through, its scanner reads as the call that it is."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import mlx.core as mx
import numpy as np
import pytest

from llmx.core.engine.constraint import Constraint
from llmx.core.errors import RequestError
from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.families.base import Family
from llmx.core.parser.grammar.forms import form_of
from llmx.core.types import GenerationRequest, Json, OutputFormat, Thinking, ToolChoice
from tests.constraining import ENDS, Bench, demand, object_of, tool
from tests.parsing import play, prepared

WORD = {"type": "string", "maxLength": 6}
LOOK = object_of(
    city=WORD,
    days={"type": "integer"},
    kind={"enum": ["a", "b", None, 3]},
    near={"type": "array", "items": object_of(w=WORD), "maxItems": 1},
    maybe={"type": ["boolean", "null"]},
    place={"anyOf": [{"type": "integer"}, WORD]},
    ref={"$ref": "#/$defs/word"},
)
LOOK["required"] = ["city", "near", "place"]
LOOK["$defs"] = {"word": WORD}
TOOLS = (tool("look", LOOK), tool("now"))
SCHEMAS: dict[str, Json] = {"look": LOOK, "now": object_of()}

ENFORCED = [family for name, family in FAMILIES.items() if form_of(name, {}) is not None]


SPELLED = [FAMILIES[name] for name in ("hermes", "qwen3_coder", "glm47", "deepseek_v31")]


def bench_of(family: Family, *, is_special: bool = True) -> Bench:
    """`is_special`: each of the family's markers is one token."""
    return Bench(family, markers=family.markers if is_special else ())


def demanded(**choice: Any) -> GenerationRequest:
    """Without reasoning: noise would not come to its end."""
    calls = ToolChoice("required", **choice)
    return demand(*TOOLS, choice=calls, thinking=Thinking(enabled=False))


@pytest.mark.parametrize(
    ("family", "is_special"),
    [*((family, True) for family in ENFORCED), *((family, False) for family in SPELLED)],
    ids=lambda one: "" if isinstance(one, bool) else one.name,
)
def test_calls_that_a_grammar_makes_are_read_and_valid(family: Family, is_special: bool) -> None:
    bench = bench_of(family, is_special=is_special)
    constraint = bench.compile(demanded())
    for seed in range(4):
        ids = bench.draw(constraint, seed)
        outcome = play(family, bench.tokens(ids), prepared(TOOLS, constrained=True))
        assert outcome.calls, bench.text(ids)
        assert (outcome.text.strip(), outcome.flags) == ("", ()), bench.text(ids)
        for name, arguments in outcome.calls:
            jsonschema.validate(json.loads(arguments), SCHEMAS[name])


@pytest.mark.parametrize("family", ENFORCED, ids=lambda family: family.name)
def test_a_named_tool_is_called_once_where_calls_are_not_parallel(family: Family) -> None:
    bench = bench_of(family)
    constraint = bench.compile(demanded(names=("now",), parallel=False))
    tokens = bench.tokens(bench.draw(constraint, 1))
    assert play(family, tokens, prepared(TOOLS)).calls == [("now", "{}")]


@pytest.mark.parametrize("family", ENFORCED, ids=lambda family: family.name)
def test_an_answer_under_a_schema_is_the_text_of_the_answer(family: Family) -> None:
    bench = bench_of(family)
    schema = object_of(a=WORD)
    output = demand(output=OutputFormat(schema), thinking=Thinking(enabled=False))
    constraint = bench.compile(output)
    tokens = bench.tokens(bench.draw(constraint, 1))
    asked = prepared(())
    jsonschema.validate(json.loads(play(family, tokens, asked).text), schema)


def test_every_family_is_enforced_or_refused_by_name() -> None:
    """A family that is added must be thought of here."""
    refused = sorted(set(FAMILIES) - {family.name for family in ENFORCED})
    assert refused == ["kimi_k3"]
    for name in refused:
        with pytest.raises(RequestError, match=name):
            bench_of(FAMILIES[name]).compile(demanded())
        with pytest.raises(RequestError, match=name):
            bench_of(FAMILIES[name]).compile(demand(*TOOLS, output=OutputFormat(LOOK)))


def strict_look(**city: Json) -> Json:
    return tool("look", object_of(city=city), strict=True)


@pytest.mark.parametrize("name", ["hermes", "qwen3_coder", "llama3", "harmony"])
def test_a_strict_tool_is_held_to_its_schema_where_text_is_free(name: str) -> None:
    """Markers of hermes and qwen3_coder are spelled here, llama3 has none, harmony's are shared."""
    family = FAMILIES[name]
    bench = bench_of(family, is_special=name == "harmony")
    look = strict_look(enum=["Rome"])
    constraint = bench.compile(demand(look, thinking=Thinking(enabled=False)))
    call = sample_call(bench, family, look)
    assert play(family, bench.tokens(call), prepared([look])).calls
    assert follows(bench, constraint, call)
    assert not follows(bench, constraint, sample_call(bench, family, strict_look(enum=["Oslo"])))
    prose = "<|channel|>final<|message|>It is <now>." if name == "harmony" else "It is <now>."
    assert follows(bench, constraint, bench.tokenizer.encode(prose).ids)


@pytest.mark.parametrize("name", ["qwen3_coder", "glm47"])
def test_a_strict_text_between_tags_says_what_it_cannot_hold(name: str) -> None:
    bench = bench_of(FAMILIES[name])
    for keyword, value in (("pattern", "^a"), ("format", "date"), ("maxLength", 5000)):
        with pytest.raises(RequestError, match=keyword):
            bench.compile(demand(strict_look(type="string", **{keyword: value})))
        loose = tool("look", object_of(city={"type": "string", keyword: value}))
        bench.compile(demand(loose, choice=ToolChoice("required")))


def sample_call(bench: Bench, family: Family, look: Json) -> list[int]:
    quiet = Thinking(enabled=False)
    choice = ToolChoice("required", parallel=False)
    return bench.draw(bench.compile(demand(look, choice=choice, thinking=quiet)), 1)


def follows(bench: Bench, constraint: Constraint, ids: list[int]) -> bool:
    """Whether each of these tokens, and then the end, may be drawn by a model that wants it."""
    guide, history = constraint.guide(0), list[int]()
    for token in [*ids, ENDS[0]]:
        likes = np.zeros((1, bench.width), np.float32)
        likes[0, token] = 1.0
        allowed = np.isfinite(np.array(guide(mx.array(history, dtype=mx.int32), mx.array(likes))))
        if not allowed[0, token]:
            return False
        history.append(token)
    return True


@pytest.mark.parametrize("name", ["gemma4", "function_gemma"])
def test_gemma_writes_names_that_are_no_plain_keys_as_strings(name: str) -> None:
    family = FAMILIES[name]
    names = ("user id", "@type", "x:y", "é", "{,}", "")
    schema = object_of(**{key: {"type": "boolean"} for key in names})
    for strict in (True, False):
        look = tool("look", schema, strict=strict)
        bench = bench_of(family)
        ids = sample_call(bench, family, look)
        ((_, arguments),) = play(family, bench.tokens(ids), prepared([look])).calls
        jsonschema.validate(json.loads(arguments), schema)


@pytest.mark.parametrize("is_demanded", [True, False])
def test_a_name_that_cannot_be_written_is_refused_by_its_tool(is_demanded: bool) -> None:
    odd = tool("odd", object_of(**{'<|"|>': {"type": "boolean"}}))
    good = tool("good", object_of(a={"type": "boolean"}), strict=True)
    choice = ToolChoice("required" if is_demanded else "auto")
    with pytest.raises(RequestError, match="odd") as refused:
        bench_of(FAMILIES["gemma4"]).compile(demand(good, odd, choice=choice))
    assert refused.value.param == "tools[1]"
