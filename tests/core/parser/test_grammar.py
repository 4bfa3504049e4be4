"""What a family's grammar lets through, its scanner reads as the call that it is."""

from __future__ import annotations

import json
from functools import cache
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
from llmx.core.parser.grammar.lark import MAX_TEXT, Lark, Unenforceable
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


@cache
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
    for seed in range(2):
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


BY_NAME = [family for family in ENFORCED if family.name in (
    "qwen3_coder", "seed_oss", "minimax_m2", "minicpm5", "muse_spark", "deepseek_v32", "pythonic",
    "glm47", "longcat",
)]  # fmt: skip


@pytest.mark.parametrize("family", BY_NAME, ids=lambda family: family.name)
def test_a_name_that_a_form_cannot_write_is_refused_or_left_out(family: Family) -> None:
    """Written, it would be read as another name, and its value as a part of its neighbours'."""
    odd = object_of(**{"a>b": {"type": "boolean"}, "ok": {"enum": [1]}, 'x"y': {"type": "null"}})
    bench = bench_of(family)
    fine = tool("fine", object_of(a={"type": "integer"}), strict=True)
    bench.compile(demand(fine, tool("odd", odd)))
    for is_strict, choice in ((True, ToolChoice()), (False, ToolChoice("required"))):
        asked = demand(fine, tool("odd", odd, strict=is_strict), choice=choice)
        with pytest.raises(RequestError, match="a>b") as caught:
            bench.compile(asked)
        assert caught.value.param == "tools[1]"
    loose = tool("odd", {**odd, "required": ["ok"]})
    drawn = bench.tokens(sample_call(bench, family, loose))
    ((_, arguments),) = play(family, drawn, prepared([loose])).calls
    assert json.loads(arguments) == {"ok": 1}


@pytest.mark.parametrize("name", ["pythonic", "llama4"])
@pytest.mark.parametrize("odd", ["class", "\ufb01le", "a-b"])
def test_what_is_no_name_in_python_is_refused(name: str, odd: str) -> None:
    bench = bench_of(FAMILIES[name])
    tools = [tool("look", object_of(**{odd: {"type": "null"}}))]
    if odd.isascii():
        tools.append(tool(odd))
    for one in tools:
        with pytest.raises(RequestError, match=odd):
            bench.compile(demand(one, choice=ToolChoice("required")))


@pytest.mark.parametrize("family", BY_NAME, ids=lambda family: family.name)
def test_line_breaks_at_the_ends_of_values_are_kept(family: Family) -> None:
    bench = bench_of(family)
    for text in ("\nRome", "\n", "Rome\n", "\n\nRome\n", ""):
        look = tool("look", object_of(city={"enum": [text]}, n={"enum": [text, 1]}), strict=True)
        ((_, arguments),) = play(
            family,
            bench.tokens(sample_call(bench, family, look)),
            prepared([look], constrained=True),
        ).calls
        assert json.loads(arguments)["city"] == text
        assert json.loads(arguments)["n"] in (text, 1)


@pytest.mark.parametrize("name", ["minimax_m2", "glm47", "qwen3_coder"])
def test_a_text_has_its_length_when_it_is_read(name: str) -> None:
    """A line break that a model begins with is framing to the reader."""
    family = FAMILIES[name]
    bench = bench_of(family)
    look = strict_look(type="string", minLength=2, maxLength=3)
    quiet = Thinking(enabled=False)
    constraint = bench.compile(demand(look, choice=ToolChoice("required"), thinking=quiet))
    call = bench.text(sample_call(bench, family, strict_look(enum=["\na"])))
    if name == "qwen3_coder":
        assert "\n\na\n" in call
        return
    begin, _, end = call.partition("\n\na\n")
    assert end
    for value, is_allowed in (("a\n", True), ("\na", False), ("\nab", False)):
        spelled = bench.tokenizer.encode(begin + value + end).ids
        assert follows(bench, constraint, spelled) == is_allowed, value


def test_definitions_that_many_ways_lead_to_are_written_once() -> None:
    """Written out, the last one of these would stand 3 ** 10 times."""
    definitions: dict[str, Json] = {
        f"d{n}": object_of(**{name: {"$ref": f"#/$defs/d{n + 1}"} for name in "abc"})
        for n in range(10)
    }
    definitions["d10"] = {"type": "null"}
    schema = {**object_of(a={"$ref": "#/$defs/d0"}), "$defs": definitions}
    for name in ("gemma4", "function_gemma"):
        bench_of(FAMILIES[name]).compile(demand(tool("deep", schema, strict=True)))


def test_a_grammar_that_becomes_too_long_is_refused_while_it_is_made() -> None:
    lark = Lark({})
    with pytest.raises(Unenforceable):
        [lark.rule(f'"{n}"') for n in range(MAX_TEXT)]
    shared = {"big": {"enum": ["x" * 4000]}}
    many = {f"p{n}": {"type": "integer", "minimum": n} for n in range(200)}
    look = tool("look", {**object_of(**many), "$defs": shared}, strict=True)
    with pytest.raises(RequestError, match="look") as caught:
        bench_of(FAMILIES["glm47"]).compile(demand(look))
    assert caught.value.param == "tools[0]"


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


def test_a_name_that_gemma_cannot_write_is_refused_where_a_call_is_demanded() -> None:
    odd = tool("odd", object_of(**{'<|"|>': {"type": "boolean"}}))
    good = tool("good", object_of(a={"type": "boolean"}), strict=True)
    bench = bench_of(FAMILIES["gemma4"])
    bench.compile(demand(good, odd))
    with pytest.raises(RequestError, match="odd") as refused:
        bench.compile(demand(good, odd, choice=ToolChoice("required")))
    assert refused.value.param == "tools[1]"
