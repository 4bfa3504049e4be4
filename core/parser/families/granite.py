"""Granite 3: a JSON list of calls behind a marker, to the end of the answer.

<|tool_call|>[{"name": "look", "arguments": {"city": "Paris"}}]
"""

from __future__ import annotations

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.json_call import call_list, call_object, told
from llmx.core.parser.families.reading import Reading, ReadingScanner, Source, following
from llmx.core.parser.tools import DeclaredTools


class Granite:
    """`<tool_call>`, which some of its models write, may have an end; a single object may stand
    in place of the list."""

    name = "granite"
    begins = frozenset({"<|tool_call|>", "<tool_call>"})
    end = "</tool_call>"
    markers = begins | {end}
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
        if (yield from following(source)) == "{":
            yield from told(calls, (yield from call_object(source, calls)))
        else:
            yield from call_list(source, calls)
        source.hold()
        if (yield from following(source)) == source.sign(self.end) and not calls.said:
            source.take(1)
        else:
            calls.blank = source.held()
