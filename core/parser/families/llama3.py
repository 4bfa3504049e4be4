"""Llama 3.1 and later: JSON as the whole answer or behind a marker, or JSON in a tag.

{"name": "look", "parameters": {"city": "Paris"}}
<|python_tag|>{"name": "look", "parameters": {"city": "Paris"}}
<function=look>{"city": "Paris"}</function>
"""

from __future__ import annotations

from llmx.core.parser.families.base import Scanner
from llmx.core.parser.families.calls import Calls, signs
from llmx.core.parser.families.json_call import call_object, named_call, told
from llmx.core.parser.families.reading import (
    Malformed,
    Reading,
    ReadingScanner,
    Source,
    following,
    more,
)
from llmx.core.parser.families.tags import bare_name
from llmx.core.parser.tools import DeclaredTools


class Llama3:
    """Bare JSON is a call only where it is all of the answer: it always waits for the end."""

    name = "llama3"
    python, function, function_end = "<|python_tag|>", "<function=", "</function>"
    begins = frozenset({python, function})
    markers = begins | {function_end}
    frames_answers = False
    tells_reasoning = False

    def scanner(self, tools: DeclaredTools) -> Scanner:
        calls = Calls(tools)
        return ReadingScanner(Source(self.markers), lambda source: self._read(source, calls))

    def _read(self, source: Source, calls: Calls) -> Reading[None]:
        begins = signs(source, self.begins)
        if (yield from following(source)) == "{":
            if not (yield from calls.bare(source, lambda: self._bare(source, calls))):
                yield from self._text(source, calls)
        else:
            calls.blank = source.held()
        while sign := (yield from calls.text(source, begins)):
            if sign == source.sign(self.python):
                yield from calls.block(source, lambda: self._tagged(source, calls), begins, None)
            else:
                yield from calls.block(source, lambda: self._named(source, calls), begins, None)

    def _text(self, source: Source, calls: Calls) -> Reading[None]:
        """All that comes: an answer that begins with an object is a call as a whole or not."""
        while (yield from more(source)):
            source.hold()
            yield calls.say(source.plain(source.take(len(source.text) - source.at)))

    def _bare(self, source: Source, calls: Calls) -> Reading[None]:
        call = yield from call_object(source, calls, other_keys=("type", "id"))
        if (yield from following(source)):
            raise Malformed
        yield from told(calls, call)

    def _tagged(self, source: Source, calls: Calls) -> Reading[None]:
        while True:
            call = yield from call_object(source, calls)
            yield from told(calls, call)
            source.hold()
            if (yield from following(source)) != ";":
                calls.blank = source.held()
                return
            source.take(1)

    def _named(self, source: Source, calls: Calls) -> Reading[None]:
        name = yield from bare_name(source)
        call = yield from named_call(source, calls, name)
        after = yield from following(source)
        if after == source.sign(self.function_end):
            source.take(1)
        elif after:
            raise Malformed
        yield from told(calls, call)
