"""How each family of models writes calls: as a test lets a model say them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from llmx.core.types import Json

Call = tuple[str, dict[str, Json]]


def tool(name: str, **properties: Json) -> Json:
    schema = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TEXT = {"type": "string"}
TOOLS = (
    tool("look", city=TEXT, days={"type": "integer"}, options={"type": "object"}),
    tool("put", path=TEXT, content=TEXT),
    tool("now"),
)

STRANGE = (
    'if "a" < b:\n\t\tprint(\'x\\n\')  \n\n\x00 <b>&amp;</b> {"k": [1, }] `x` 😀 שלום عالم \u2028'
    "</tool_call> <tool_call> [TOOL_CALLS] ```json\n```\n"
)
CALLS: tuple[Call, ...] = (
    ("put", {"path": "/tmp/a b.py", "content": STRANGE}),
    ("now", {}),
    ("look", {"city": "null", "days": 3, "options": {"a": [1, {"b": None}], "c": "</x>"}}),
)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bare(value: Json) -> str:
    """As the tag families write it: strings as they are."""
    return value if isinstance(value, str) else _json(value)


def _each(one: Callable[[str, dict[str, Json]], str], glue: str = "\n") -> Writer:
    return lambda calls: glue.join(one(name, arguments) for name, arguments in calls)


def _around(begin: str, inner: Writer, end: str) -> Writer:
    return lambda calls: begin + inner(calls) + end


Writer = Callable[[Sequence[Call]], str]


def _hermes(name: str, arguments: dict[str, Json]) -> str:
    body = _json({"name": name, "arguments": arguments})
    return f"<tool_call>\n{body}\n</tool_call>"


def _coder(name: str, arguments: dict[str, Json]) -> str:
    keys = "".join(f"<parameter={k}>\n{_bare(v)}\n</parameter>\n" for k, v in arguments.items())
    return f"<function={name}>\n{keys}</function>"


def _attributes(prefix: str, begin: str = "invoke", key: str = "parameter") -> Writer:
    def one(name: str, arguments: dict[str, Json]) -> str:
        keys = "\n".join(
            f'<{prefix}{key} name="{k}">{_bare(v)}</{prefix}{key}>' for k, v in arguments.items()
        )
        return f'<{prefix}{begin} name="{name}">\n{keys}\n</{prefix}{begin}>'

    return _each(one)


def _dsml(name: str, arguments: dict[str, Json]) -> str:
    d = "\uff5cDSML\uff5c"
    keys = "\n".join(
        f'<{d}parameter name="{k}" string="{_json(isinstance(v, str))}">{_bare(v)}</{d}parameter>'
        for k, v in arguments.items()
    )
    return f'<{d}invoke name="{name}">\n{keys}\n</{d}invoke>'


def _minicpm5(name: str, arguments: dict[str, Json]) -> str:
    def value(text: str) -> str:
        is_plain = not set(text) & set("<&\n")
        return text if is_plain else "<![CDATA[" + text + "]]>"

    keys = "".join(f'<param name="{k}">{value(_bare(v))}</param>' for k, v in arguments.items())
    return f'<function name="{name}">{keys}</function>'


def _glm(prefix: str) -> Writer:
    def one(name: str, arguments: dict[str, Json]) -> str:
        keys = "".join(
            f"<{prefix}arg_key>{k}</{prefix}arg_key>\n"
            f"<{prefix}arg_value>{_bare(v)}</{prefix}arg_value>\n"
            for k, v in arguments.items()
        )
        return f"<{prefix}tool_call>{name}\n{keys}</{prefix}tool_call>"

    return _each(one)


def _kimi_k2(calls: Sequence[Call]) -> str:
    return "".join(
        f"<|tool_call_begin|>functions.{name}:{n}<|tool_call_argument_begin|>"
        f"{_json(arguments)}<|tool_call_end|>"
        for n, (name, arguments) in enumerate(calls)
    )


def _kimi_k3(name: str, arguments: dict[str, Json]) -> str:
    keys = "".join(
        f'<|open|>argument key="{k}" type="{"string" if isinstance(v, str) else "object"}"<|sep|>'
        f"{_bare(v)}<|close|>argument<|sep|>"
        for k, v in arguments.items()
    )
    return f'<|open|>call tool="{name}" index="1"<|sep|>{keys}<|close|>call<|sep|>'


def _gemma(string: str) -> Callable[[str, dict[str, Json]], str]:
    def value(of: Json) -> str:
        match of:
            case str():
                return string + of + string
            case dict():
                return "{" + ",".join(f"{k}:{value(v)}" for k, v in of.items()) + "}"
            case list():
                return "[" + ",".join(map(value, of)) + "]"
            case _:
                return _json(of)

    return lambda name, arguments: f"call:{name}{value(arguments)}"


def _python(calls: Sequence[Call]) -> str:
    return ", ".join(
        f"{name}({', '.join(f'{k}={v!r}' for k, v in arguments.items())})"
        for name, arguments in calls
    )


def _deepseek(text: str) -> str:
    return text.replace("<|", "<\uff5c").replace("|>", "\uff5c>").replace("@", "\u2581")


def _v3(name: str, arguments: dict[str, Json]) -> str:
    begin, end = _deepseek("<|tool@call@begin|>function<|tool@sep|>"), "<|tool@call@end|>"
    return f"{begin}{name}\n```json\n{_json(arguments)}\n```{_deepseek(end)}"


def _v31(name: str, arguments: dict[str, Json]) -> str:
    begin, middle, end = map(
        _deepseek, ("<|tool@call@begin|>", "<|tool@sep|>", "<|tool@call@end|>")
    )
    return f"{begin}{name}{middle}{_json(arguments)}{end}"


def _harmony(calls: Sequence[Call]) -> str:
    begin = "<|channel|>commentary to=functions.{} <|constrain|>json<|message|>"
    return "<|start|>assistant".join(
        f"{begin.format(name)}{_json(arguments)}<|call|>" for name, arguments in calls
    )


def _list(key: str = "arguments") -> Writer:
    return lambda calls: _json([{"name": name, key: arguments} for name, arguments in calls])


_GEMMA_STRING = '<|"|>'
_DEEPSEEK = tuple(map(_deepseek, ("<|tool@calls@begin|>", "<|tool@calls@end|>")))

SYNTAX: dict[str, Writer] = {
    "hermes": _each(_hermes),
    "qwen3_coder": _each(lambda n, a: f"<tool_call>\n{_coder(n, a)}\n</tool_call>"),
    "seed_oss": _each(lambda n, a: f"<seed:tool_call>\n{_coder(n, a)}\n</seed:tool_call>"),
    "glm47": _glm(""),
    "longcat": _glm("longcat_"),
    "minimax_m2": _around("<minimax:tool_call>\n", _attributes(""), "\n</minimax:tool_call>"),
    "minicpm5": _each(_minicpm5),
    "muse_spark": _around(
        "<atem:function_calls>\n", _attributes("atem:"), "\n</atem:function_calls>"
    ),
    "mistral": _each(lambda n, a: f"[TOOL_CALLS]{n}[ARGS]{_json(a)}", ""),
    "kimi_k2": _around("<|tool_calls_section_begin|>", _kimi_k2, "<|tool_calls_section_end|>"),
    "kimi_k3": _around("<|open|>tools<|sep|>", _each(_kimi_k3, ""), "<|close|>tools<|sep|>"),
    "gemma4": _each(lambda n, a: "<|tool_call>" + _gemma(_GEMMA_STRING)(n, a) + "<tool_call|>", ""),
    "function_gemma": _each(
        lambda n, a: f"<start_function_call>{_gemma('<escape>')(n, a)}<end_function_call>", ""
    ),
    "pythonic": _around("<|tool_call_start|>[", _python, "]<|tool_call_end|>"),
    "llama4": _around("<|python_start|>[", _python, "]<|python_end|>"),
    "llama3": _each(lambda n, a: f"<function={n}>{_json(a)}</function>"),
    "deepseek_v3": _around(_DEEPSEEK[0], _each(_v3), _DEEPSEEK[1]),
    "deepseek_v31": _around(_DEEPSEEK[0], _each(_v31, ""), _DEEPSEEK[1]),
    "deepseek_v32": _around(
        "<\uff5cDSML\uff5cfunction_calls>\n", _each(_dsml), "\n</\uff5cDSML\uff5cfunction_calls>"
    ),
    "deepseek_v4": _around(
        "<\uff5cDSML\uff5ctool_calls>\n", _each(_dsml), "\n</\uff5cDSML\uff5ctool_calls>"
    ),
    "granite": _around("<|tool_call|>", _list(), ""),
    "harmony": _harmony,
}

# Other forms that a family writes besides.
MORE: dict[str, dict[str, Writer]] = {
    "qwen3_coder": {"without its wrapper": _each(_coder)},
    "mistral": {
        "as a list": _around("[TOOL_CALLS]", _list(), ""),
        "without [ARGS]": _each(lambda n, a: f"[TOOL_CALLS]{n}{_json(a)}", ""),
    },
    "llama3": {"behind a tag": _around("<|python_tag|>", _each(
        lambda n, a: _json({"name": n, "parameters": a}), "; "), "")},
    "granite": {"in the marker of Hermes": _around("<tool_call>", _list(), "</tool_call>")},
    "harmony": {
        "with the recipient first": lambda calls: "<|start|>assistant".join(
            f" to=functions.{n}<|channel|>commentary json<|message|>{_json(a)}<|call|>"
            for n, a in calls
        )
    },
}  # fmt: skip

FORMS = [(family, "", writer) for family, writer in SYNTAX.items()] + [
    (family, form, writer) for family, forms in MORE.items() for form, writer in forms.items()
]


def said(family: str, text: str) -> str:
    """Text as the family writes it: in its frame, where it has one."""
    if family == "harmony":
        return f"<|channel|>commentary<|message|>{text}<|end|><|start|>assistant"
    return text
