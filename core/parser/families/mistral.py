"""Mistral: behind a marker, and without an end, one of three forms.

[TOOL_CALLS][{"name": "look", "arguments": {"city": "Paris"}}]
[TOOL_CALLS]look[ARGS]{"city": "Paris"}[TOOL_CALLS]look[ARGS]{"city": "Rome"}
[TOOL_CALLS]look{"city": "Paris"}
"""

from __future__ import annotations

import re

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.json_call import call_list, named_call, told
from llmx.core.parser.families.reading import (
    Malformed,
    Reading,
    ReadingScanner,
    Source,
    expected,
    following,
    until,
)
from llmx.core.parser.families.tags import MAX_NAME
from llmx.core.parser.tools import DeclaredTools

_NAME_END = re.compile("[{\ud800-\udfff]")


class Mistral:
    name = "mistral"
    begin, arguments, call_id = "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"
    begins = frozenset({begin})
    markers = frozenset({begin, arguments, call_id})
    frames_answers = False
    tells_reasoning = False

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(Source(self.markers), lambda source: self._read(source, calls))

    def _read(self, source: Source, calls: Calls) -> Reading[None]:
        begins = signs(source, self.begins)
        while (yield from calls.text(source, begins)):
            yield from calls.block(source, lambda: self._calls(source, calls), begins, None)

    def _calls(self, source: Source, calls: Calls) -> Reading[None]:
        if (yield from following(source)) == "[":
            yield from call_list(source, calls)
            return
        name = (yield from until(source, _NAME_END, MAX_NAME)).strip()
        if source.text[source.at] == source.sign(self.call_id):
            source.take(1)
            yield from until(source, _NAME_END, MAX_NAME)
        if source.text[source.at] != "{":
            yield from expected(source, source.sign(self.arguments))
        if (yield from following(source)) not in ("{", ""):
            raise Malformed
        yield from told(calls, (yield from named_call(source, calls, name)))
