"""Inputs on which other parsers of tool calls are known to fail, each with what is right."""

import json

import pytest

from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.families.typed import Parameters
from llmx.core.types import Json
from tests.call_syntax import TEXT, tool
from tests.parsing import Outcome, in_bytes, play, prepared

TOOLS = [
    tool("put", path=TEXT, content=TEXT),
    tool("get-it", key=TEXT, tags={"type": "array"}),
    tool("sum", a={"type": "integer"}, b={"type": ["number", "null"]}, c={"anyOf": [
        {"type": "boolean"}, {"$ref": "#/$defs/list"}, {"type": "string"}]},
        free={}, kind={"enum": [1, "one", None]}, both={"type": ["string", "integer"]}),
    tool("now"),
]  # fmt: skip
TOOLS[2]["function"]["parameters"]["$defs"] = {"list": {"type": "array"}}


def outcome(family: str, text: str) -> Outcome:
    return play(FAMILIES[family], in_bytes(text), prepared(TOOLS))


def called(family: str, text: str) -> list[tuple[str, Json]]:
    return [(name, json.loads(arguments)) for name, arguments in outcome(family, text).calls]


def coder(name: str, **values: str) -> str:
    keys = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in values.items())
    return f"<tool_call>\n<function={name}>\n{keys}</function>\n</tool_call>"


def invoke(name: str, **values: str) -> str:
    keys = "".join(f'<parameter name="{k}">{v}</parameter>' for k, v in values.items())
    return f'<minimax:tool_call><invoke name="{name}">{keys}</invoke></minimax:tool_call>'


def glm(name: str, **values: str) -> str:
    keys = "".join(
        f"<arg_key>{k}</arg_key>\n<arg_value>{v}</arg_value>\n" for k, v in values.items()
    )
    return f"<tool_call>{name}\n{keys}</tool_call>"


WRITERS = {"qwen3_coder": coder, "minimax_m2": invoke, "glm47": glm}


@pytest.mark.parametrize("family", WRITERS)
@pytest.mark.parametrize("value", ["null", "true", "123", "None", '{"a": 1}', '"quoted"', ""])
def test_a_string_stays_a_string(family: str, value: str) -> None:
    assert called(family, WRITERS[family]("put", path=value)) == [("put", {"path": value})]


@pytest.mark.parametrize("family", WRITERS)
@pytest.mark.parametrize(
    "value",
    [
        "a</parameter>b</arg_value>c",
        "</parameter>\n</function>\n</tool_call>\nand on",
        "</parameter></invoke></minimax:tool_call> and on",
        "</arg_value></tool_call> and on",
        "<parameter=unknown>\n1\n</parameter>\n<parameter=other>\n2",
        "see <tool_call>\n<function=now>\n</function>\n</tool_call> there",
    ],
)
def test_closing_tags_in_a_value_do_not_cut_it(family: str, value: str) -> None:
    for values in ({"path": value, "content": "x"}, {"path": "x", "content": value}):
        answer = WRITERS[family]("put", **values)
        assert called(family, answer) == [("put", values)]
        assert called(family, f"{answer}\n{WRITERS[family]('now')}") == [
            ("put", values),
            ("now", {}),
        ]
        assert outcome(family, f"{answer}\nDone.").text == "\nDone."


@pytest.mark.parametrize("family", WRITERS)
def test_blanks_at_the_begin_and_lines_at_the_end_of_a_value_are_kept(family: str) -> None:
    values = {"path": "    indented", "content": "\tx = 1\n\n"}
    assert called(family, WRITERS[family]("put", **values)) == [("put", values)]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("a", "3", 3), ("a", "-0", 0), ("a", "3.0", 3), ("a", " 7\n", 7), ("a", "many", "many"),
        ("b", "1.5e3", 1500.0), ("b", "null", None), ("b", "NaN", "NaN"),
        ("c", "True", True), ("c", "[1]", [1]), ("c", "['x', None]", ["x", None]),
        ("c", "1", "1"), ("free", '{"k": [1]}', {"k": [1]}), ("free", "12", "12"),
        ("kind", "1", 1), ("kind", "one", "one"), ("kind", "null", None),
        ("both", "5", 5), ("both", "five", "five"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("family", WRITERS)
def test_types_come_from_the_schema_in_its_order_and_string_is_last(
    family: str, key: str, text: str, value: Json
) -> None:
    assert called(family, WRITERS[family]("sum", **{key: text})) == [("sum", {key: value})]


def test_a_parameter_that_comes_twice_is_told_twice_and_flagged() -> None:
    once, twice = "<parameter=path>\na\n</parameter>\n", "<parameter=path>\nb\n</parameter>\n"
    found = outcome("qwen3_coder", f"<tool_call>\n<function=put>\n{once}{twice}</function>")
    assert found.calls == [("put", '{"path":"a","path":"b"}')]
    assert found.flags == ("duplicate_parameter",)


def test_an_undeclared_name_is_no_call() -> None:
    for family, answer in {
        "qwen3_coder": coder("rm", path="/"),
        "hermes": '<tool_call>{"name": "rm", "arguments": {"path": "/"}}</tool_call>',
    }.items():
        assert (outcome(family, answer).calls, outcome(family, answer).text) == ([], answer)


@pytest.mark.parametrize(
    ("family", "block"),
    [
        ("hermes", '<tool_call>{}</tool_call>'.replace("{}", '{"name": "now", "arguments": %s}')),
        ("kimi_k2", "<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0"
         "<|tool_call_argument_begin|>%s<|tool_call_end|><|tool_calls_section_end|>"),
        ("mistral", "[TOOL_CALLS]now[ARGS]%s"),
        ("granite", '<|tool_call|>[{"name": "now", "arguments": %s}]'),
        ("harmony", "<|channel|>commentary to=functions.now<|message|>%s<|call|>"),
    ],
)  # fmt: skip
def test_arguments_are_an_object_or_the_block_is_text(family: str, block: str) -> None:
    for arguments in ("[1]", "3", '"x"', '{"a": }', "{'a': 1}", '{"a": 1,}', '{"a": NaN}', '"[]"'):
        found = outcome(family, block % arguments)
        assert (found.calls, found.parts, found.text) == ([], [], block % arguments), arguments
        assert found.flags == ("tool_call_unparsed",)
    for arguments in ("{}", '{"a": {"b": [1]}}'):
        assert outcome(family, block % arguments).calls == [("now", arguments)]


@pytest.mark.parametrize("family", ["hermes", "kimi_k2"])
def test_arguments_as_a_string_that_holds_an_object_are_that_object(family: str) -> None:
    text = json.dumps('{"a": "\\ud83d \u00e9"}')
    answer = {
        "hermes": f'<tool_call>{{"name": "now", "arguments": {text}}}</tool_call>',
        "kimi_k2": "<|tool_calls_section_begin|><|tool_call_begin|>now:0"
        f"<|tool_call_argument_begin|>{text}<|tool_call_end|><|tool_calls_section_end|>",
    }[family]
    assert outcome(family, answer).calls == [("now", '{"a": "\\ufffd é"}')]


def test_missing_arguments_are_none() -> None:
    for body in ('{"name": "now"}', '{"name": "now", "arguments": null}'):
        assert called("hermes", f"<tool_call>{body}</tool_call>") == [("now", {})]


def test_function_gemma_reads_braces_in_strings_hyphens_and_lists() -> None:
    call = "call:get-it{key:<escape>a}b{c,d:<escape>,tags:[<escape>x,y<escape>,2,[]]}"
    assert called("function_gemma", f"<start_function_call>{call}<end_function_call>") == [
        ("get-it", {"key": "a}b{c,d:", "tags": ["x,y", 2, []]})
    ]


def test_mistral_reads_a_name_with_json_right_behind_it() -> None:
    assert called("mistral", '[TOOL_CALLS]put{"path": "a"}') == [("put", {"path": "a"})]


def test_a_broken_call_among_good_ones_is_told() -> None:
    def call(body: str) -> str:
        return f'<|open|>call tool="now" index="1"<|sep|>{body}<|close|>call<|sep|>'

    broken = call('<|open|>json type="object"<|sep|>{"a": <|close|>json<|sep|>')
    answer = f"<|open|>tools<|sep|>{call('')}{broken}{call('')}<|close|>tools<|sep|>"
    found = outcome("kimi_k3", answer)
    assert found.entries == (("call", "now", "{}"), ("text", broken), ("call", "now", "{}"))
    assert found.flags == ("tool_call_unparsed",)


@pytest.mark.parametrize(
    "text",
    [
        'Like this, but do not run it:\n```json\n{"name": "now", "arguments": {}}\n```',
        '<Button name="now" onClick={now}>Now</Button>',
        '{"name": "now", "arguments": {}} would be the call.',
        'now() or [now()] or <function name="now"></function > and <now/>',
        'Action: now\nAction Input: {}',
    ],
)  # fmt: skip
def test_prose_that_looks_like_a_call_of_some_family_is_text(text: str) -> None:
    for family in FAMILIES:
        if family != "minicpm5":  # whose calls are such tags
            assert (outcome(family, text).text, outcome(family, text).calls) == (text, []), family


def test_python_is_never_run() -> None:
    values = ("open('/etc/passwd')", "1+1", "[i for i in (1,)]", "f'{1}'", "-'a'", "1j", "...")
    for body in (*(f"now(x={value})" for value in values), "now(*[1])", "now(**{})", "now(1)", "1"):
        block = f"<|tool_call_start|>[{body}]<|tool_call_end|>"
        assert (outcome("pythonic", block).text, outcome("pythonic", block).calls) == (block, [])


@pytest.mark.parametrize(
    "value",
    ["-" * 50_000 + "1", "[" * 50_000, "a." * 50_000 + "b", "1+" * 50_000 + "1", "9" * 5_000],
)
def test_python_that_is_too_deep_is_text(value: str) -> None:
    for body in (f"now(x={value})", f"{value}()"):
        block = f"<|tool_call_start|>[{body}]<|tool_call_end|>"
        found = play(FAMILIES["pythonic"], [block.encode()], prepared(TOOLS))
        assert (found.text, found.calls) == (block, [])
    assert called("glm47", glm("sum", a=value)) == [("sum", {"a": value})]


def test_unions_that_refer_in_circles_are_followed_once() -> None:
    """Followed along every path, ten members take ten to the power of the depth."""
    circle = {"anyOf": [{"type": "integer"}, *[{"$ref": "#/properties/a"}] * 10]}
    parameters = Parameters({"type": "object", "properties": {"a": circle}})
    assert (parameters.json_of("a", "7"), parameters.json_of("a", "x")) == ("7", '"x"')
