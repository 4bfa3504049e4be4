"""GLM 4.5 and later, Laguna, LongCat: the keys and the values of the arguments in tags by turns.

<tool_call>look
<arg_key>city</arg_key>
<arg_value>Paris</arg_value>
</tool_call>
"""

from __future__ import annotations

import re

from llmx.core.parser.families.markup import Markup
from llmx.core.parser.families.reading import Malformed, Reading, Source, expected, until
from llmx.core.parser.families.tags import MAX_NAME, Key

_TAG = re.compile("[\ud800-\udfff]")


def _family(name: str, prefix: str) -> Markup:
    key = (f"<{prefix}arg_key>", f"</{prefix}arg_key>")
    value = (f"<{prefix}arg_value>", f"</{prefix}arg_value>")

    def read_key(source: Source) -> Reading[Key]:
        found = yield from until(source, _TAG, MAX_NAME)
        yield from expected(source, source.sign(key[1]))
        yield from expected(source, source.sign(value[0]))
        return Key(found.strip())

    return Markup(
        name,
        call=(f"<{prefix}tool_call>", f"</{prefix}tool_call>"),
        parameter=(key[0], value[1]),
        read_name=_read_name,
        read_key=read_key,
        takes_json=True,
        inner=frozenset({key[1], value[0]}),
    )


def _read_name(source: Source) -> Reading[str]:
    """What stands before the first tag."""
    name = (yield from until(source, _TAG, MAX_NAME)).strip()
    if not name:
        raise Malformed
    return name


GLM47 = _family("glm47", "")
LONGCAT = _family("longcat", "longcat_")
