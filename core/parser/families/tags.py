"""What stands in a begin tag: a bare name, or attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from llmx.core.parser.families.reading import Malformed, Reading, Source, until

MAX_NAME = 256  # characters; a tool's name has at most 64 with the APIs that we know

_TAG_END = re.compile("[>\ud800-\udfff]")
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    is_text: bool | None = None  # whether the value is a string; None: the schema says it


def bare_name(source: Source) -> Reading[str]:
    """`NAME>`, as in `<function=NAME>`."""
    name = (yield from tag(source)).strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        return name[1:-1]
    return name


def bare_key(source: Source) -> Reading[Key]:
    return Key((yield from bare_name(source)))


def name_attribute(source: Source) -> Reading[str]:
    """` name="NAME">`, other attributes beside it."""
    return _name_of(attributes((yield from tag(source))))


def key_attribute(source: Source) -> Reading[Key]:
    """` name="KEY">`; an attribute `string` that is "true" or "false" says what the value is."""
    found = attributes((yield from tag(source)))
    is_text = {"true": True, "false": False}.get(found.get("string", ""))
    return Key(_name_of(found), is_text)


def tag(source: Source) -> Reading[str]:
    """Take the rest of a begin tag. Raises `Malformed` where that is too long or none."""
    text = yield from until(source, _TAG_END, MAX_NAME)
    if source.text[source.at] != ">":
        raise Malformed
    source.take(1)
    return text


def attributes(text: str) -> dict[str, str]:
    return {
        found.group(1): found.group(2) or found.group(3) or found.group(4) or ""
        for found in _ATTRIBUTE.finditer(text)
    }


def _name_of(found: dict[str, str]) -> str:
    if "name" not in found:
        raise Malformed
    return found["name"]
