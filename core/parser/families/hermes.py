"""Hermes, Qwen 2.5 and 3, and the many that write as they do: a JSON object between two markers.

<tool_call>
{"name": "get_weather", "arguments": {"city": "Paris"}}
</tool_call>
"""

from __future__ import annotations

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.json_call import call_object, told
from llmx.core.parser.families.reading import Malformed, Reading, ReadingScanner, Source, following
from llmx.core.parser.tools import DeclaredTools


class Hermes:
    name = "hermes"
    begin = "<tool_call>"
    end = "</tool_call>"
    markers = frozenset({begin, end})
    begins = frozenset({begin})
    frames_answers = False
    tells_reasoning = False

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(Source(self.markers), lambda source: self._read(source, calls))

    def _read(self, source: Source, calls: Calls) -> Reading[None]:
        begins, ends = signs(source, {self.begin}), signs(source, {self.end})
        while (yield from calls.text(source, begins)):
            yield from calls.block(source, lambda: self._call(source, calls), begins, ends)

    def _call(self, source: Source, calls: Calls) -> Reading[None]:
        call = yield from call_object(source, calls)
        after = yield from following(source)
        if after == source.sign(self.end):
            source.take(1)
        elif after not in ("", source.sign(self.begin)):
            raise Malformed
        yield from told(calls, call)
