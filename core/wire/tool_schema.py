"""Whether a JSON Schema that a client sends is one, as far as that can be seen without using it.

Templates print schemas and grammars are made of them, so what is wrong is found here, once, with
its place. Unknown keywords are let through: what can be enforced is for the grammar to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from llmx.core.types import Json
from llmx.core.wire.body import describe

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_NAME = re.compile(r"[\w.:/@$+-]{1,256}")


class SchemaError(ValueError):
    """What is wrong with a schema, and where in it: `properties.town.type: must be ...`."""


def is_tool_name(name: str) -> bool:
    """No blanks, quotes or brackets: a call could not be read back."""
    return _NAME.fullmatch(name) is not None


def check_parameters(schema: Mapping[str, Json]) -> None:
    """The schema of a tool's arguments, which are an object. Raises `SchemaError`."""
    check_schema(schema)
    kind = schema.get("type", "object")
    if kind != "object" and not (isinstance(kind, list) and "object" in kind):
        raise SchemaError(f"type: must be 'object', got {describe(kind)}")


def check_schema(schema: Json) -> None:
    """Any JSON Schema, with all that is in it. Raises `SchemaError`."""
    _check(schema, "")


def _check(schema: Json, place: str) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise _error(place, "must be a schema: an object, true or false", schema)
    for keyword, value in schema.items():
        check = _CHECKS.get(keyword)
        if check is not None:
            check(value, f"{place}.{keyword}" if place else keyword)


def _type(value: Json, place: str) -> None:
    kinds = value if isinstance(value, list) and value else [value]
    for kind in kinds:
        if not isinstance(kind, str) or kind not in TYPES:
            raise _error(place, f"must be of {', '.join(TYPES)}", kind)


def _map(value: Json, place: str) -> None:
    if not isinstance(value, dict):
        raise _error(place, "must be an object of schemas", value)
    for name, schema in value.items():
        _check(schema, f"{place}.{name}")


def _some(value: Json, place: str) -> None:
    if not isinstance(value, list) or not value:
        raise _error(place, "must be a list of schemas", value)
    for index, schema in enumerate(value):
        _check(schema, f"{place}[{index}]")


def _one_or_some(value: Json, place: str) -> None:
    if isinstance(value, list):  # of earlier drafts: one schema for each place
        for index, schema in enumerate(value):
            _check(schema, f"{place}[{index}]")
    else:
        _check(value, place)


def _names(value: Json, place: str) -> None:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _error(place, "must be a list of strings", value)


def _values(value: Json, place: str) -> None:
    if not isinstance(value, list) or not value:
        raise _error(place, "must be a list with a value in it", value)


def _count(value: Json, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value % 1:
        raise _error(place, "must be an integer that is not negative", value)


def _number(value: Json, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _error(place, "must be a number", value)


def _text(value: Json, place: str) -> None:
    if not isinstance(value, str):
        raise _error(place, "must be a string", value)


def _error(place: str, wanted: str, seen: Json) -> SchemaError:
    where = f"{place}: " if place else ""
    return SchemaError(f"{where}{wanted}, got {describe(seen)}")


_CHECKS: Mapping[str, Callable[[Json, str], None]] = {
    "type": _type,
    **dict.fromkeys(("properties", "patternProperties", "$defs", "definitions"), _map),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), _some),
    **dict.fromkeys(("additionalProperties", "not", "if", "then", "else", "contains"), _check),
    "items": _one_or_some,
    "required": _names,
    "enum": _values,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _count),
    **dict.fromkeys(("minProperties", "maxProperties"), _count),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), _number),
    **dict.fromkeys(("pattern", "$ref"), _text),
}
