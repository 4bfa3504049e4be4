"""What a family's grammar lets through, its scanner reads as the call that it is."""

from __future__ import annotations

import json

import jsonschema
import pytest

from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.families.base import Family
from llmx.core.parser.grammar.forms import form_of
from llmx.core.types import Json, OutputFormat, ToolChoice
from tests.constraining import Bench, demand, object_of, tool
from tests.parsing import play, prepared

WORD = {"type": "string", "maxLength": 6}
LOOK = object_of(
    city=WORD,
    days={"type": "integer"},
    kind={"enum": ["a", "b", None, 3]},
    near={"type": "array", "items": object_of(w=WORD), "maxItems": 2},
    maybe={"type": ["boolean", "null"]},
    place={"anyOf": [{"type": "integer"}, WORD]},
    ref={"$ref": "#/$defs/word"},
)
LOOK["required"] = ["city", "near", "place"]
LOOK["$defs"] = {"word": WORD}
TOOLS = (tool("look", LOOK), tool("now"))
SCHEMAS: dict[str, Json] = {"look": LOOK, "now": object_of()}

ENFORCED = [family for name, family in FAMILIES.items() if form_of(name, {}) is not None]


def bench_of(family: Family, *, is_special: bool) -> Bench:
    """`is_special`: each of the family's markers is one token, where it looks like one."""
    return Bench(family, markers=family.markers if is_special else ())


@pytest.mark.parametrize("is_special", [True, False], ids=["tokens", "spelled"])
@pytest.mark.parametrize("family", ENFORCED, ids=lambda family: family.name)
def test_calls_that_a_grammar_makes_are_read_and_valid(family: Family, is_special: bool) -> None:
    bench = bench_of(family, is_special=is_special)
    constraint = bench.compile(demand(*TOOLS, choice=ToolChoice("required")))
    names = set[str]()
    for seed in range(12):
        ids = bench.draw(constraint, seed)
        outcome = play(family, bench.tokens(ids), prepared(TOOLS, constrained=True))
        assert outcome.calls, bench.text(ids)
        assert (outcome.text.strip(), outcome.flags) == ("", ()), bench.text(ids)
        for name, arguments in outcome.calls:
            names.add(name)
            jsonschema.validate(json.loads(arguments), SCHEMAS[name])
    assert names == {"look", "now"}


@pytest.mark.parametrize("family", ENFORCED, ids=lambda family: family.name)
def test_a_named_tool_is_called_once_where_calls_are_not_parallel(family: Family) -> None:
    bench = bench_of(family, is_special=True)
    choice = ToolChoice("required", names=("now",), parallel=False)
    constraint = bench.compile(demand(*TOOLS, choice=choice))
    for seed in range(3):
        tokens = bench.tokens(bench.draw(constraint, seed))
        assert play(family, tokens, prepared(TOOLS)).calls == [("now", "{}")]


@pytest.mark.parametrize("family", ENFORCED, ids=lambda family: family.name)
def test_an_answer_under_a_schema_is_the_text_of_the_answer(family: Family) -> None:
    bench = bench_of(family, is_special=True)
    schema = object_of(a=WORD)
    constraint = bench.compile(demand(output=OutputFormat(schema)))
    tokens = bench.tokens(bench.draw(constraint, 1))
    asked = prepared(())
    jsonschema.validate(json.loads(play(family, tokens, asked).text), schema)


def test_every_family_is_enforced_or_refused_by_name() -> None:
    """A family that is added must be thought of here."""
    refused = sorted(set(FAMILIES) - {family.name for family in ENFORCED})
    assert refused == []
