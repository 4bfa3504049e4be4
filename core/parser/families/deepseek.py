"""DeepSeek V3, R1 and V3.1: a section of calls, its markers with fullwidth bars and low blocks.

V3     <|tool_call_begin|>function<|tool_sep|>look
       ```json
       {"city": "Paris"}
       ```<|tool_call_end|>
V3.1   <|tool_call_begin|>look<|tool_sep|>{"city": "Paris"}<|tool_call_end|>
"""

from __future__ import annotations

import re

from llmx.core.parser.families.reading import Reading, Source, expected, following, until, word
from llmx.core.parser.families.sections import Sections
from llmx.core.parser.families.tags import MAX_NAME


def _marker(*words: str) -> str:
    """<|a_b|> with a fullwidth bar and a low block."""
    return "<\uff5c" + "\u2581".join(words) + "\uff5c>"


_SECTION = _marker("tool", "calls", "begin"), _marker("tool", "calls", "end")
_CALL = _marker("tool", "call", "begin"), _marker("tool", "call", "end")
_SEPARATOR = _marker("tool", "sep")
_SIGN = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("[\n\ud800-\udfff]")


def _name_before_fence(source: Source) -> Reading[str]:
    yield from following(source)
    yield from word(source, "function")
    yield from expected(source, source.sign(_SEPARATOR))
    name = (yield from until(source, _LINE_END, MAX_NAME)).strip()
    yield from following(source)
    yield from word(source, "```json")
    return name


def _name_before_separator(source: Source) -> Reading[str]:
    name = (yield from until(source, _SIGN, MAX_NAME)).strip()
    yield from expected(source, source.sign(_SEPARATOR))
    return name


def _end_of_fence(source: Source) -> Reading[None]:
    yield from word(source, "```")


DEEPSEEK_V3 = Sections(
    "deepseek_v3",
    section=_SECTION,
    call=_CALL,
    read_name=_name_before_fence,
    read_end=_end_of_fence,
    inner=frozenset({_SEPARATOR}),
)
DEEPSEEK_V31 = Sections(
    "deepseek_v31",
    section=_SECTION,
    call=_CALL,
    read_name=_name_before_separator,
    inner=frozenset({_SEPARATOR}),
)
