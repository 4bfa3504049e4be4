"""MiniCPM5: tags with names as attributes, and CDATA around values that hold tags.

<function name="look"><param name="city"><![CDATA[<Paris>]]></param></function>
"""

from __future__ import annotations

import re

from llmx.core.parser.families.markup import Markup
from llmx.core.parser.families.reading import Incomplete, Reading, Source, following, more
from llmx.core.parser.families.tag_values import Value
from llmx.core.parser.families.tags import key_attribute, name_attribute
from llmx.core.parser.pieces import CallArguments

_BEGIN, _END = "<![CDATA[", "]]>"
_VALUE_END = "</param>"


def _read_value(source: Source, value: Value) -> Reading[bool]:
    """Take a value in CDATA up to the end of its parameter; False where it is in none."""
    source.hold()
    if (yield from following(source)) != source.sign(_BEGIN):
        yield from _tell(value.add(source.held()))
        return False
    source.take(1)
    end = re.compile(re.escape(source.sign(_END)))
    while (yield from more(source)):
        found = end.search(source.text, source.at)
        length = (found.start() if found else len(source.text)) - source.at
        yield from _tell(value.add(source.plain(source.take(length))))
        if found is None:
            continue
        source.hold()
        source.take(1)
        after = yield from following(source)
        if after == source.sign(_VALUE_END):
            return True
        if not after:
            break
        if after == source.sign(_BEGIN) and source.mark() == 1:  # the end of one split in two
            source.take(1)
        else:
            yield from _tell(value.add(source.held()))
    raise Incomplete


def _tell(json: str) -> Reading[None]:
    if json:
        yield CallArguments(json)


MINICPM5 = Markup(
    "minicpm5",
    call=("<function", "</function>"),
    parameter=("<param", _VALUE_END),
    read_name=name_attribute,
    read_key=key_attribute,
    read_value=_read_value,
    inner=frozenset({_BEGIN, _END}),
)
