"""Kimi K3: everything of an answer stands in elements whose tags are tokens of their own.

<|open|>response<|sep|>I look it up.<|close|>response<|sep|>
<|open|>tools<|sep|><|open|>call tool="look" index="1"<|sep|>
<|open|>argument key="city" type="string"<|sep|>Paris<|close|>argument<|sep|>
<|close|>call<|sep|><|close|>tools<|sep|>

The reasoning stands in an element `think`, which `parser.choose` knows.
"""

from __future__ import annotations

import re

from llmx.core.parser.families.markup import Markup
from llmx.core.parser.families.reading import Malformed, Reading, Source, until, word
from llmx.core.parser.families.tags import MAX_NAME, Key, attributes

_SEPARATOR = "<|sep|>"
_TAG_END = re.compile("[<\ud800-\udfff]")


def _open(element: str) -> str:
    return f"<|open|>{element}{_SEPARATOR}"


def _close(element: str) -> str:
    return f"<|close|>{element}{_SEPARATOR}"


def _read_attributes(source: Source) -> Reading[dict[str, str]]:
    text = yield from until(source, _TAG_END, MAX_NAME)
    yield from word(source, _SEPARATOR)
    found = attributes(text)
    return {key: value.replace("&quot;", '"').replace("&amp;", "&") for key, value in found.items()}


def _read_name(source: Source) -> Reading[str]:
    found = yield from _read_attributes(source)
    if "tool" not in found:
        raise Malformed
    return found["tool"]


def _read_key(source: Source) -> Reading[Key]:
    found = yield from _read_attributes(source)
    if "key" not in found:
        raise Malformed
    return Key(found["key"], found.get("type", "string") == "string")


KIMI_K3 = Markup(
    "kimi_k3",
    call=("<|open|>call", _close("call")),
    parameter=("<|open|>argument", _close("argument")),
    read_name=_read_name,
    read_key=_read_key,
    outer=(_open("tools"), _close("tools")),
    body=("<|open|>json", _close("json")),
    frame=frozenset({_open("response"), _close("response"), _close("message")}),
)
