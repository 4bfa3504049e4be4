"""Kimi K2: a section of calls; the header holds an id of the model's own, `functions.NAME:INDEX`.

<|tool_calls_section_begin|><|tool_call_begin|>functions.look:0<|tool_call_argument_begin|>
{"city": "Paris"}<|tool_call_end|><|tool_calls_section_end|>
"""

from __future__ import annotations

import re

from llmx.core.parser.families.reading import Reading, Source, expected, until
from llmx.core.parser.families.sections import Sections
from llmx.core.parser.families.tags import MAX_NAME

_SIGN = re.compile("[\ud800-\udfff]")
_INDEX = re.compile(r":[0-9]+$")
_ARGUMENTS = "<|tool_call_argument_begin|>"


def _read_name(source: Source) -> Reading[str]:
    own_id = (yield from until(source, _SIGN, MAX_NAME)).strip()
    yield from expected(source, source.sign(_ARGUMENTS))
    return _INDEX.sub("", own_id.removeprefix("functions."))


KIMI_K2 = Sections(
    "kimi_k2",
    section=("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
    call=("<|tool_call_begin|>", "<|tool_call_end|>"),
    read_name=_read_name,
    inner=frozenset({_ARGUMENTS}),
)
