"""What a constraint lets through, without a model: every draw is among what it allows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import mlx.core as mx
import numpy as np
import pytest
from llguidance import LLParserLimits
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from llmx.core.engine import constraint_grammar
from llmx.core.engine.constraint import Constraint
from llmx.core.engine.constraint_compiler import ConstraintCompiler
from llmx.core.errors import RequestError
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.syntax import Syntax
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import Json, Message, OutputFormat, Thinking, ToolChoice
from tests.constraining import ENDS, Bench, demand, object_of, tool
from tests.parsing import Outcome, play, prepared

WORD = {"type": "string", "maxLength": 6}
NESTED = {
    **object_of(
        title=WORD,
        tags={"type": "array", "items": WORD, "minItems": 1, "maxItems": 3},
        owner=object_of(name=WORD, age={"type": "integer"}, weight={"type": "number"}),
        home={"anyOf": [{"type": "null"}, {"$ref": "#/$defs/place"}]},
        kind={"enum": ["a", "b", 3, None]},
        day={"type": "string", "format": "date"},
    ),
    "$defs": {"place": object_of(street=WORD, number={"type": ["integer", "null"]})},
}
EXPLODING = "^(([a-z]{1,50}|[0-9a-f]{2,40})[^a]{0,30}){1,40}x[a-z]{40}$"
LOOK = tool("look", object_of(city=WORD))
NOW = tool("now")
REQUIRED = ToolChoice("required")
THINK = ThinkMarkers("<think>", "</think>")


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(Hermes())


@pytest.fixture(scope="module")
def thinker() -> Bench:
    return Bench(Hermes(), THINK)


def said(bench: Bench, ids: list[int], *tools: Json, is_thinking: bool = False) -> Outcome:
    return play(
        bench.syntax.family, bench.tokens(ids), prepared(tools, is_thinking=is_thinking),
        thinking=bench.syntax.thinking,
    )  # fmt: skip


def refused(bench: Bench, *tools: Json, **demanded: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        bench.compile(demand(*tools, **demanded))
    return caught.value


# ── values ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(6))
def test_a_text_under_a_schema_is_valid_under_it(bench: Bench, seed: int) -> None:
    constraint = bench.compile(demand(output=OutputFormat(NESTED)))
    text = bench.text(bench.draw(constraint, seed))
    jsonschema.validate(json.loads(text), NESTED)
    assert "\n" not in text  # no blank but those behind separators: it cannot go on for ever


def test_any_json_object_is_an_object(bench: Bench) -> None:
    """An open object may go on: its beginning is followed."""
    guide = bench.compile(demand(output=OutputFormat())).guide(0)
    text = '{"a": [1, {"b": "x"}], "c": null}'
    ids: list[int] = []
    for token in bench.tokenizer.encode(text).ids:
        assert allowed(guide(mx.array(ids), flat(bench)))[token], bench.text(ids)
        ids.append(token)
    assert set(np.flatnonzero(allowed(guide(mx.array(ids), flat(bench))))) == set(ENDS)


def test_properties_that_a_schema_does_not_name_are_not_written(bench: Bench) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "boolean"}}}
    texts = {
        bench.text(bench.draw(bench.compile(demand(output=OutputFormat(schema))), seed))
        for seed in range(8)
    }
    assert {text.replace(" ", "") for text in texts} <= {"{}", '{"a":true}', '{"a":false}'}


def test_numbers_come_to_an_end_and_fit_a_double(bench: Bench) -> None:
    """Each digit is likelier than what could follow a number, for a model of noise at least."""
    constraint = bench.compile(demand(output=OutputFormat(object_of(n={"type": "number"}))))
    digits = [i for text, i in bench.tokenizer.get_vocab(True).items() if text in "0123456789e"]
    guide, ids = constraint.guide(0), list[int]()
    likes = np.zeros((1, bench.width), np.float32)
    likes[0, digits] = 1.0
    for _ in range(60):
        token = int(np.array(guide(mx.array(ids), mx.array(likes))).argmax())
        if token in ENDS:
            break
        ids.append(token)
    number = json.loads(bench.text(ids))["n"]
    assert abs(number) < float("inf")


def test_a_text_of_digits_is_as_long_as_its_schema_says(bench: Bench) -> None:
    """What ends numbers leaves strings alone."""
    schema = object_of(n={"type": "string", "pattern": "^[0-9]{60}$"})
    text = bench.text(bench.draw(bench.compile(demand(output=OutputFormat(schema))), 1))
    jsonschema.validate(json.loads(text), schema)


def test_a_pattern_of_counts_in_counts_is_followed_to_its_end(bench: Bench) -> None:
    """It takes more than llguidance allows a step by itself."""
    schema = object_of(a={"type": "string", "pattern": "^([a-z]{1,20}[^a]{0,10}){1,10}x$"})
    constraint = bench.compile(demand(output=OutputFormat(schema)))
    for seed in range(4):
        jsonschema.validate(json.loads(bench.text(bench.draw(constraint, seed))), schema)


# ── calls ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(6))
def test_a_required_call_is_made_and_valid(bench: Bench, seed: int) -> None:
    big = tool("big", NESTED)
    tools = (LOOK, big, NOW)
    outcome = said(bench, bench.draw(bench.compile(demand(*tools, choice=REQUIRED)), seed), *tools)
    assert outcome.calls
    assert (outcome.text, outcome.flags) == ("", ())
    schemas = {"look": LOOK["function"]["parameters"], "big": NESTED, "now": object_of()}
    for name, arguments in outcome.calls:
        jsonschema.validate(json.loads(arguments), schemas[name])


def test_a_named_tool_is_the_one_that_is_called_and_once_where_not_parallel(bench: Bench) -> None:
    choice = ToolChoice("required", names=("now",), parallel=False)
    constraint = bench.compile(demand(LOOK, NOW, choice=choice))
    for seed in range(5):
        assert said(bench, bench.draw(constraint, seed), LOOK, NOW).calls == [("now", "{}")]


def test_a_second_call_is_made_only_where_the_model_wants_one_most(bench: Bench) -> None:
    """Without its end, all that could follow a call is another one: noise would never stop."""
    constraint = bench.compile(demand(NOW, choice=REQUIRED))
    ids = bench.tokenizer.encode('<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>').ids
    newline, word = bench.tokenizer.encode("\n").ids[0], bench.tokenizer.encode("the").ids[0]
    guide = constraint.guide(0)
    assert guide.fault is None
    assert set(np.flatnonzero(allowed(guide(mx.array(ids), likes(bench, word))))) == set(ENDS)
    assert allowed(constraint.guide(0)(mx.array(ids), likes(bench, newline)))[newline]


def test_text_is_free_until_a_call_begins_and_after_it(bench: Bench) -> None:
    strict = tool("look", object_of(city={"enum": ["Rome"]}), strict=True)
    constraint = bench.compile(demand(strict))
    guide = constraint.guide(0)
    ids = bench.tokenizer.encode("Let me see: ").ids
    assert allowed(guide(mx.array(ids), flat(bench))).all()
    call = '<tool_call>\n{"name": "look", "arguments": {"city": "Rome"}}\n</tool_call>'
    for at, token in enumerate(bench.tokenizer.encode(call).ids):
        now = allowed(guide(mx.array(ids), flat(bench)))
        assert now[token]
        assert now.all() == (at == 0), "free before the call, and not in it"
        ids.append(token)
    assert allowed(guide(mx.array(ids), flat(bench))).all()


def test_a_tool_that_is_not_strict_takes_any_object_in_any_order(bench: Bench) -> None:
    """Nothing is demanded: only what makes it a call of a declared tool is held."""
    constraint = bench.compile(demand(LOOK))
    call = '<tool_call>\n{"name": "look", "arguments": {\n  "x": [1, {}],\n  "y": "\\u00e9"\n}}'
    assert fits(bench, constraint, f"Well, {call}\n</tool_call> or\n{call}\n</tool_call>")
    assert not fits(bench, constraint, call.replace('"look"', '"other"') + "\n</tool_call>")
    assert not fits(bench, constraint, call.replace("[1", "[1 1") + "\n</tool_call>")


def test_an_example_of_a_call_is_text_and_uses_up_no_call(bench: Bench) -> None:
    """Quoted, a marker is text to the parser: what follows it is the model's to say."""
    constraint = bench.compile(demand(LOOK, choice=ToolChoice(parallel=False)))
    guide, ids = constraint.guide(0), bench.tokenizer.encode("Write `<tool_call>").ids
    assert allowed(guide(mx.array(ids), flat(bench))).all()
    ids += bench.tokenizer.encode("` first.\n<tool_call>").ids
    now = allowed(guide(mx.array(ids), flat(bench)))
    assert [bench.text([int(token)]) for token in np.flatnonzero(now)] == ["\n"]


def test_one_call_is_all_where_not_parallel(bench: Bench) -> None:
    strict = tool("now", strict=True)
    constraint = bench.compile(demand(strict, choice=ToolChoice(parallel=False)))
    call = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    ids = bench.tokenizer.encode(call).ids
    begin = ids[0]
    assert allowed(constraint.guide(0)(mx.array([5]), flat(bench)))[begin]
    after = allowed(constraint.guide(0)(mx.array(ids), flat(bench)))
    assert np.flatnonzero(~after).tolist() == [begin]


def test_no_call_is_begun_where_none_may_be(bench: Bench) -> None:
    constraint = bench.compile(demand(NOW, choice=ToolChoice("none")))
    free = allowed(constraint.guide(0)(mx.array([5]), flat(bench)))
    assert [bench.specials[i] for i in np.flatnonzero(~free).tolist()] == ["<tool_call>"]


def test_a_marker_spelled_in_letters_is_text_and_the_token_is_not(bench: Bench) -> None:
    """A value may hold the text of a marker, but never the token that would end the call."""
    constraint = bench.compile(demand(LOOK, choice=REQUIRED))
    begun = bench.tokenizer.encode('<tool_call>\n{"name": "look", "arguments": {"city": "').ids
    now = allowed(constraint.guide(0)(mx.array(begun), flat(bench)))
    vocabulary = bench.tokenizer.get_vocab(True)
    assert not now[vocabulary["</tool_call>"]]
    assert now[vocabulary["<"]]


# ── reasoning ─────────────────────────────────────────────────────────────────────────────────


def test_reasoning_comes_first_where_the_prompt_has_begun_it(thinker: Bench) -> None:
    request = demand(NOW, choice=REQUIRED)
    text = 'Hm, <call>.\n</think>\n\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    assert fits(thinker, thinker.compile(request, is_thinking=True), text)
    assert not fits(thinker, thinker.compile(request), text)
    assert fits(thinker, thinker.compile(request), "<think>" + text)
    quiet = demand(NOW, choice=REQUIRED, thinking=Thinking(enabled=False))
    assert not fits(thinker, thinker.compile(quiet), "<think>" + text)


def test_a_model_that_may_think_does_so_only_where_it_wants_that_most(thinker: Bench) -> None:
    constraint = thinker.compile(demand(NOW, choice=REQUIRED))
    think, call = (thinker.tokenizer.encode(text).ids[0] for text in ("<think>", "<tool_call>"))
    for token in (think, call):
        now = allowed(constraint.guide(0)(mx.array([], dtype=mx.int32), likes(thinker, token)))
        assert np.flatnonzero(now).tolist() == [token]
    word = thinker.tokenizer.encode("the").ids[0]
    now = allowed(constraint.guide(0)(mx.array([], dtype=mx.int32), likes(thinker, word)))
    assert np.flatnonzero(now).tolist() == [call]


def test_a_marker_in_the_reasoning_begins_no_call(thinker: Bench) -> None:
    constraint = thinker.compile(demand(tool("now", strict=True)), is_thinking=True)
    ids = thinker.tokenizer.encode("I could <tool_call>").ids
    assert allowed(constraint.guide(0)(mx.array(ids), flat(thinker))).all()
    ids += thinker.tokenizer.encode("</think><tool_call>").ids
    assert not allowed(constraint.guide(0)(mx.array(ids), flat(thinker))).all()


# ── state ─────────────────────────────────────────────────────────────────────────────────────


def test_a_guide_that_begins_anew_goes_on_where_the_other_was(bench: Bench) -> None:
    constraint = bench.compile(demand(output=OutputFormat(NESTED)))
    ids = bench.draw(constraint, 3)
    guide = constraint.guide(2)
    for length in range(0, len(ids), 5):
        history = mx.array([1, 1, *ids[:length]])
        step = allowed(guide(history, flat(bench)))
        assert (step == allowed(constraint.guide(2)(history, flat(bench)))).all()


def test_a_draw_beyond_the_end_harms_nothing(bench: Bench) -> None:
    """Rows are drawn a step ahead of what is known of them."""
    guide = bench.compile(demand(output=OutputFormat({"const": 1}))).guide(0)
    one = bench.tokenizer.encode("1").ids
    for ids in (one, [*one, 2], [*one, 2, 9]):
        now = allowed(guide(mx.array(ids), flat(bench)))
        assert set(np.flatnonzero(now)) == set(ENDS)
    assert guide.fault is None


def test_a_token_that_is_not_allowed_is_a_fault_that_is_told(bench: Bench) -> None:
    guide = bench.compile(demand(output=OutputFormat(NESTED))).guide(0)
    guide(mx.array(bench.tokenizer.encode("no JSON").ids), flat(bench))
    assert guide.fault


def test_a_grammar_is_compiled_once(bench: Bench) -> None:
    first, second = (bench.compile(demand(output=OutputFormat(NESTED))) for _ in range(2))
    assert first.grammar is second.grammar


def test_a_grammar_in_which_an_answer_failed_is_compiled_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies share a lexer, so that the limit which one has met is met by all of them."""
    limits = LLParserLimits(max_lexer_states=400, verbose_errors=False)
    monkeypatch.setattr(constraint_grammar, "LIMITS", limits)
    request = demand(output=OutputFormat(object_of(a={"type": "string", "maxLength": 9001})))
    constraint = bench.compile(request)
    begun = bench.tokenizer.encode('{"a":"').ids
    long = [*begun, *bench.tokenizer.encode("a").ids * 900]
    first, later = constraint.guide(0), [constraint]
    assert set(np.flatnonzero(allowed(first(mx.array(long), flat(bench))))) == set(ENDS)
    assert "too many states" in (first.fault or "")
    later.append(bench.compile(request))
    assert later[1].grammar is not constraint.grammar
    for one in later:  # what waits in the queue, and what comes later
        guide = one.guide(0)
        assert allowed(guide(mx.array(begun), flat(bench))).sum() > len(ENDS)
        assert guide.fault is None


def test_a_grammar_that_was_used_for_long_is_compiled_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lexer keeps what every answer has found out."""
    request = demand(output=OutputFormat(object_of(worn={"enum": [1, 2]})))
    constraint = bench.compile(request)
    drawn = bench.draw(constraint, 1)
    assert bench.compile(request).grammar is constraint.grammar
    monkeypatch.setattr(constraint_grammar, "_WORN", len(drawn))
    assert bench.compile(request).grammar is not constraint.grammar


def test_grammars_are_remembered_by_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(None)
    requests = [demand(output=OutputFormat(object_of(a={"const": n}))) for n in range(3)]
    grammars = [bench.compile(request).grammar for request in requests]
    assert [bench.compile(request).grammar for request in requests] == grammars
    room = sum(one.nbytes for one in grammars if one is not None)
    monkeypatch.setattr(constraint_grammar, "_REMEMBERED_BYTES", room)
    used = bench.compile(requests[0])
    bench.compile(demand(output=OutputFormat(object_of(a={"const": 3}))))
    assert bench.compile(requests[0]).grammar is used.grammar
    assert bench.compile(requests[1]).grammar is not grammars[1]


def test_the_beginning_that_a_client_wrote_counts(bench: Bench) -> None:
    schema = object_of(a={"enum": ["x", "y"]})
    messages = (Message("user", "?"), Message("assistant", '{"a": "'))
    request = demand(output=OutputFormat(schema), continues=True)
    constraint = bench.compile(replace(request, messages=messages))
    assert bench.text(bench.draw(constraint, 1)) in ('x"}', 'y"}')
    marker = (messages[0], Message("assistant", '{"a": "</tool_call>'))
    open_text = demand(output=OutputFormat(object_of(a={"const": "</tool_call>!"})), continues=True)
    constraint = bench.compile(replace(open_text, messages=marker))
    assert bench.text(bench.draw(constraint, 1)) == '!"}'
    wrong = (messages[0], Message("assistant", "Well"))
    with pytest.raises(RequestError, match="does not fit"):
        bench.compile(replace(request, messages=wrong))


# ── what cannot be enforced ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (object_of(a={"not": {"type": "string"}}), "#/properties/a/not"),
        (object_of(a={"type": "array", "uniqueItems": True}), "#/properties/a/uniqueItems"),
        ({"type": "object", "if": {}, "then": {}}, '"if"'),
        (object_of(a={"type": "integer", "minimum": 5, "maximum": 3}), "nsatisfiable"),
        (object_of(a={"enum": []}), "nsatisfiable"),
        (object_of(a={"type": "strng"}), "strng"),
        (object_of(a={"type": "string", "pattern": "(("}), "regex"),
        ({"$ref": "#/$defs/nowhere"}, "nowhere"),
        ({"$ref": "https://example.com/schema"}, "example.com"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"not": {}}}}, "#/$defs/a/not"),
        ({"$ref": "#/$defs/a", "$defs": {"a": object_of(a={"$ref": "#/$defs/a"})}}, "without end"),
        (object_of(**{f"p{n}": {"type": "null"} for n in range(501)}), "501 properties"),
        (object_of(a={"enum": [f"value {n}" for n in range(60_000)]}), "524288"),
        (object_of(a={"enum": ["\ud800"]}), "hex escape"),
        (object_of(b=WORD, a={"type": "string", "pattern": EXPLODING}), "#/properties/a/pattern"),
        ({"type": "object", "patternProperties": {EXPLODING: WORD}}, "#/patternProperties"),
    ],
)
def test_a_strict_schema_that_cannot_be_enforced_is_refused_by_name(
    bench: Bench, schema: Json, why: str
) -> None:
    error = refused(bench, output=OutputFormat(schema))
    assert error.param == "response_format"
    assert why in str(error)
    assert "\n" not in str(error)
    error = refused(bench, NOW, tool("bad", schema, strict=True), choice=REQUIRED)
    assert error.param == "tools[1]"
    assert why in str(error)


def test_a_schema_that_refers_to_itself_and_can_end_is_enforced(bench: Bench) -> None:
    schema = {
        "$ref": "#/$defs/list",
        "$defs": {
            "list": object_of(next={"anyOf": [{"type": "null"}, {"$ref": "#/$defs/list"}]}),
            **{f"{n}": {"anyOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(40)},
        },
    }
    text = bench.text(bench.draw(bench.compile(demand(output=OutputFormat(schema))), 2))
    jsonschema.validate(json.loads(text), schema)


def test_names_and_values_that_look_like_markers_are_spelled(bench: Bench) -> None:
    """The usual token of such a text is the marker itself."""
    odd = object_of(**{"</tool_call>": {"enum": ["<tool_call>", 'a"\u2028😀']}})
    look = tool("look", odd)
    for seed in range(3):
        ids = bench.draw(bench.compile(demand(look, choice=REQUIRED)), seed)
        ((_, arguments), *_) = said(bench, ids, look).calls
        jsonschema.validate(json.loads(arguments), odd)


@pytest.mark.parametrize("schema", [False, [1], "string", 3])
def test_a_schema_that_is_none_is_refused(bench: Bench, schema: Json) -> None:
    assert refused(bench, output=OutputFormat(schema)).param == "response_format"


def test_what_is_not_strict_is_enforced_as_far_as_it_can_be(bench: Bench) -> None:
    schema = object_of(a={"type": "boolean", "not": {"const": True}})
    constraint = bench.compile(demand(output=OutputFormat(schema, strict=False)))
    text = bench.text(bench.draw(constraint, 1))
    assert isinstance(json.loads(text)["a"], bool)
    broken = tool("broken", object_of(a={"type": "strng"}))
    bench.compile(demand(broken, NOW, choice=REQUIRED))


def test_a_demanded_call_that_no_arguments_can_meet_is_refused(bench: Bench) -> None:
    """Also where it need not be strict: what could be left out would not make it meetable."""
    never = tool("never", object_of(a={"type": "integer", "minimum": 5, "maximum": 2}))
    error = refused(bench, NOW, never, choice=REQUIRED)
    assert (error.param, "nsatisfiable" in str(error)) == ("tools[1]", True)
    bench.compile(demand(NOW, never))


def test_the_error_of_a_pattern_says_what_is_wrong_with_it(bench: Bench) -> None:
    error = refused(
        bench, output=OutputFormat(object_of(a={"type": "string", "pattern": "(?=a)b"}))
    )
    assert "look-around" in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("depth", [65, 100_000])
def test_a_schema_that_is_nested_too_deep_is_refused(bench: Bench, depth: int) -> None:
    schema: Json = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    assert "deep" in str(refused(bench, output=OutputFormat(schema)))
    while isinstance(schema, dict) and "items" in schema:  # or freeing it takes the stack
        schema = schema.pop("items")


def test_a_demand_that_the_model_has_no_syntax_for_is_refused() -> None:
    bench = Bench(None)
    assert refused(bench, NOW, choice=REQUIRED).param == "tool_choice"
    assert "strict" in str(refused(bench, tool("now", strict=True)))
    assert bench.compiler.compile(demand(NOW), is_thinking=False) is None


def test_a_tokenizer_that_cannot_be_read_refuses_demands_and_nothing_else() -> None:
    backend = Tokenizer(WordLevel({"a": 0, "b": 1, "<tool_call>": 2}, unk_token="a"))
    backend.add_special_tokens(["<tool_call>"])
    for one in (None, backend):
        compiler = ConstraintCompiler(one, 3, (1,), Syntax(str, {}, Hermes()))
        assert compiler.compile(demand(NOW), is_thinking=False) is None
        for request in (demand(NOW, choice=REQUIRED), demand(output=OutputFormat(NESTED))):
            with pytest.raises(RequestError, match="tokenizer"):
                compiler.compile(request, is_thinking=False)


def test_a_call_is_demanded_and_nothing_may_be_called(bench: Bench) -> None:
    assert refused(bench, choice=REQUIRED).param == "tool_choice"


# ── helpers ───────────────────────────────────────────────────────────────────────────────────


def flat(bench: Bench) -> mx.array:
    return mx.zeros((1, bench.width))


def likes(bench: Bench, token: int) -> mx.array:
    logits = np.zeros((1, bench.width), np.float32)
    logits[0, token] = 1.0
    return mx.array(logits)


def allowed(logits: mx.array) -> np.ndarray:
    return np.isfinite(np.array(logits[0]))


def fits(bench: Bench, constraint: Constraint, text: str) -> bool:
    """Whether the text, as the tokenizer cuts it, is an answer from beginning to end."""
    guide, ids = constraint.guide(0), list[int]()
    for token in [*bench.tokenizer.encode(text).ids, ENDS[0]]:
        if not allowed(guide(mx.array(ids, dtype=mx.int32), likes(bench, token)))[token]:
            return False
        ids.append(token)
    return True
