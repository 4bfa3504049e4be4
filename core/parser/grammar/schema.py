"""A client's JSON Schema to one that can be enforced: narrowed, never widened.

Whatever is generated under the schema made here is valid under the client's:

- An object that names its properties gets no others, where the schema does not speak of others.
- Between the parts of a JSON text stands at most one blank, so that an answer must come to its end.
- A `format` that is none of those that are enforced says nothing, as JSON Schema has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmx.core.errors import RequestError
from llmx.core.parser.grammar.ending import can_end
from llmx.core.types import Json

MAX_DEPTH = 64  # levels of a schema; the compiler recurses, and no honest schema has half of it
MAX_PROPERTIES = 500  # of one object; compiling takes time by their square

_FORMATS = frozenset(  # that are enforced
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri")
)
_SPACING = {
    "item_separator": ", ?",
    "key_separator": ": ?",
    "whitespace_flexible": False,
    "json_allow_general_unicode_escapes": False,  # a character has one way to be written
}
_FREE_SPACING = {
    "whitespace_pattern": r"[ \n\t]{1,40}",
    "json_allow_general_unicode_escapes": True,
}
_COMBINING = frozenset(("anyOf", "oneOf", "$ref"))
# What is said to people only.
_NOTES = frozenset(
    ("title", "description", "default", "examples", "example", "$comment", "$schema", "deprecated")
)
# Below these stand values or names, not schemas.
_VALUES = frozenset(("const", "enum", "default", "examples", "example", "required"))
_NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions"))  # name -> schema


def enforceable(schema: Json, *, lenient: bool, param: str | None = None) -> Json:
    """The schema as the compiler takes it. `lenient`: what it cannot enforce is left out.

    Raises `RequestError` where the schema is no schema, or too deep.
    """
    if schema is False:
        raise RequestError("The schema `false` cannot be met.", param=param)
    if schema is True or schema is None:
        schema = {}
    if not isinstance(schema, dict):
        wanted = f"A JSON Schema must be an object, got {type(schema).__name__}."
        raise RequestError(wanted, param=param)
    _check_depth(schema, param)
    if not lenient:
        _check_meaning(schema, param)
    closing = all(map(_may_be_closed, subschemas(schema)))
    narrowed = _narrowed(schema, closing)
    narrowed["x-guidance"] = {**_SPACING, "lenient": lenient}
    return narrowed


def any_object(_: Json = None) -> Json:
    """An object of which nothing is known, written as its model likes."""
    return {"type": "object", "x-guidance": _FREE_SPACING}


def untyped(schema: Json, *, is_whole: bool) -> Json:
    """An enforceable schema's properties, each with any value; `is_whole`: required as they are."""
    properties = {name: {} for name in schema.get("properties") or ()}
    required = [name for name in schema.get("required") or () if is_whole and name in properties]
    return {"type": "object", "properties": properties, "required": required}


def subschemas(schema: Json) -> Iterator[dict[str, Any]]:
    """Every schema in this one, itself first. Not for schemas whose depth was not checked."""
    for _, one in places(schema):
        yield one


def places(schema: Json, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in this one with its JSON pointer."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for key, value in schema.items():
        if key in _VALUES or key == "x-guidance":
            continue
        if key in _NAMED and isinstance(value, dict):
            for name, one in value.items():
                yield from places(one, f"{path}/{key}/{name}")
        elif isinstance(value, dict):
            yield from places(value, f"{path}/{key}")
        elif isinstance(value, list):
            for index, one in enumerate(value):
                yield from places(one, f"{path}/{key}/{index}")


def place_of(schema: Json, keyword: str) -> str | None:
    """Where in a schema a keyword stands first, as a JSON pointer."""
    return next((f"{path}/{keyword}" for path, one in places(schema) if keyword in one), None)


def _check_meaning(schema: Json, param: str | None) -> None:
    """What the compiler would not notice, or not in time."""
    for path, one in places(schema):
        properties = one.get("properties")
        if isinstance(properties, dict) and len(properties) > MAX_PROPERTIES:
            message = f"{path}: {len(properties)} properties are more than {MAX_PROPERTIES}."
            raise RequestError(message, param=param, code="unsupported_value")
    if not can_end(schema):
        message = "The schema cannot be met: every value of it holds another one without end."
        raise RequestError(message, param=param)


def _check_depth(schema: Json, param: str | None) -> None:
    """Not by recursion, which is what it is there to prevent."""
    level: list[Json] = [schema]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise RequestError(f"The schema is nested deeper than {MAX_DEPTH}.", param=param)


def _may_be_closed(schema: Mapping[str, Json]) -> bool:
    """Schemas that are put together from parts would close one part against the others."""
    combines = "properties" in schema and not _COMBINING.isdisjoint(schema)
    return not combines and "allOf" not in schema


def _narrowed(schema: Json, closing: bool) -> Any:
    if isinstance(schema, list):
        return [_narrowed(one, closing) for one in schema]
    if not isinstance(schema, dict):
        return schema
    properties = schema.get("properties")
    if isinstance(properties, dict) and len(properties) > MAX_PROPERTIES:
        schema = {k: v for k, v in schema.items() if k not in ("properties", "required")}
    narrowed: dict[str, Json] = {}
    for key, value in schema.items():
        if _says_nothing(key, value):
            continue
        if key in _VALUES:
            narrowed[key] = value
        elif key in _NAMED and isinstance(value, dict):
            narrowed[key] = {name: _narrowed(one, closing) for name, one in value.items()}
        else:
            narrowed[key] = _narrowed(value, closing)
    if closing and _is_open(schema):
        narrowed["additionalProperties"] = False
    return narrowed


def _says_nothing(key: str, value: Json) -> bool:
    """Keywords that the compiler would refuse, though they demand nothing here."""
    match key:
        case "format":
            return value not in _FORMATS
        case "uniqueItems":
            return value is False
        case "propertyNames":
            return value in ({}, True, {"type": "string"})
        case "x-guidance":
            return True
        case _:
            return key in _NOTES


def _is_open(schema: Mapping[str, Json]) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return False
    if {"additionalProperties", "patternProperties", "unevaluatedProperties"} & schema.keys():
        return False
    required = schema.get("required")
    return not isinstance(required, list) or properties.keys() >= set(map(str, required))
