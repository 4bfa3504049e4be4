"""What a family's grammar lets through, its scanner reads as the call that it is."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from llmx.core.errors import RequestError
from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.families.base import Family
from llmx.core.parser.grammar.forms import form_of
from llmx.core.types import GenerationRequest, Json, OutputFormat, Thinking, ToolChoice
from tests.constraining import Bench, demand, object_of, tool
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
    assert refused == ["function_gemma", "gemma4", "kimi_k3", "llama4", "pythonic"]
    for name in refused:
        with pytest.raises(RequestError, match=name):
            bench_of(FAMILIES[name]).compile(demanded())
