"""Values written as bare text, made JSON by what the tool's schema says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from llmx.core.parser.families.literals import literal
from llmx.core.parser.json_text import is_json
from llmx.core.types import Json

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,999})")
_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]{0,999}))\.0{1,99}")
_MAX_DEPTH = 16  # of references and unions in a schema


class Parameters:
    """The parameters that the schema of a tool's arguments names."""

    def __init__(self, schema: Json) -> None:
        self._root = schema if isinstance(schema, Mapping) else {}
        properties = self._root.get("properties")
        self._properties = properties if isinstance(properties, Mapping) else {}
        self._is_open = not self._properties or bool(self._root.get("additionalProperties"))
        self._found: dict[str, tuple[str, ...]] = {}  # types by name

    def allows(self, name: str) -> bool:
        return name in self._properties or self._is_open

    def is_text(self, name: str) -> bool:
        """Whether it can only be a string: its text is the value, as it stands."""
        return self._types(name) == ("string",)

    def json_of(self, name: str, text: str) -> str:
        """The JSON text of a value; a string where it is of none of the types of the schema."""
        return as_json(text, self._types(name))

    def _types(self, name: str) -> tuple[str, ...]:
        if name not in self._found:
            types = _types_of(self._properties.get(name), self._root, _MAX_DEPTH, set())
            self._found[name] = tuple(dict.fromkeys(types))
        return self._found[name]


def as_json(text: str, types: tuple[str, ...]) -> str:
    """The first type in the order of the schema that fits, string last; no types: anything may be.

    Without a type only objects and arrays are told from text.
    """
    bare = text.strip()
    for kind in types or ("object", "array"):
        found = _as_type(bare, kind)
        if found is not None:
            return found
    return quoted(text)


def any_json(text: str) -> str:
    """The text where it is JSON, else the string."""
    bare = text.strip()
    return bare if is_json(bare) else quoted(text)


def quoted(text: str) -> str:
    """As a JSON string."""
    return json.dumps(text, ensure_ascii=False)


def _as_type(text: str, kind: str) -> str | None:
    match kind:
        case "null":
            return "null" if text in ("null", "None") else None
        case "boolean":
            return text.lower() if text.lower() in ("true", "false") else None
        case "integer":
            whole = _WHOLE.fullmatch(text)
            return whole.group(1) if whole else text if _INTEGER.fullmatch(text) else None
        case "number":
            return text if text[:1] in "-0123456789" and is_json(text) else None
        case "object" | "array":
            first = "{" if kind == "object" else "["
            return text if is_json(text, first) else literal(text, first)
        case _:
            return None


def _types_of(schema: Json, root: Json, depth: int, followed: set[str]) -> Iterator[str]:
    """`followed` are the references that were: once is enough, and they may lead in circles."""
    if not isinstance(schema, Mapping) or not depth:
        return
    kind = schema.get("type")
    if isinstance(kind, str):
        yield kind
    elif isinstance(kind, list):
        yield from (one for one in kind if isinstance(one, str))
    elif "$ref" in schema:
        reference = str(schema["$ref"])
        if reference not in followed:
            followed.add(reference)
            yield from _types_of(_referred(reference, root), root, depth - 1, followed)
    else:
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        yield from map(_type_of_value, values if isinstance(values, list) else ())
        for union in ("anyOf", "oneOf", "allOf"):
            members = schema.get(union)
            for member in members if isinstance(members, list) else ():
                yield from _types_of(member, root, depth - 1, followed)
    if schema.get("nullable") is True:
        yield "null"


def _referred(reference: Json, root: Json) -> Json:
    """What a reference within the schema points at; None where it points at nothing."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    place = root
    for part in reference[1:].split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        place = place.get(part) if isinstance(place, Mapping) else None
    return place


def _type_of_value(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
