"""Bytes to a checked body, with errors that name the first field that is wrong.

Checks go in this order: JSON (encoding, syntax, depth, numbers), then the schema, so that nothing
behind it sees a NaN, a lone surrogate or a value of a wrong type.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, from_json

from llmx.core.errors import RequestError
from llmx.core.types import Json


class Body(BaseModel):
    """Part of a body: no type is converted into another, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


B = TypeVar("B", bound=Body)

TAG = ":"  # begins the tag of a union's alternative, which is no part of the path
WANTED = {
    "missing": "is required",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "finite_number": "must be a finite number",
    "string_too_short": "must not be empty",
}
WANTED_OF_UNION = {
    ":text": "must be a string or a list of text parts",
    ":one": "must be a string or a list of strings",
    ":json": "must be a string of JSON or an object",
    ":prompt": "must be a string, a list of strings, or tokens",
}
SECRET = frozenset({"cache_salt"})  # fields whose value is not repeated
SHOWN = 40  # characters of a wrong value that an error repeats


def parse_body(raw: bytes, schema: type[B]) -> B:
    """The body as `schema`. Raises `RequestError` that says where and what, on one line.

    Accepts UTF-8 only, at most 200 levels deep; of a name given twice the last one counts.
    """
    return check_body(parse_json(raw), schema)


def parse_json(raw: bytes) -> Json:
    """Raises `RequestError` with line and column for what is not JSON (NaN is not)."""
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise RequestError(f"The body is invalid JSON: {error}", code="invalid_json") from error


def check_body(value: Json, schema: type[B]) -> B:
    try:
        return schema.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    raise _field_error(first)


def field_error(path: str, wanted: str, seen: Json) -> RequestError:
    """`messages[2].content: must be a string, got null`."""
    where = path or "the body"
    return RequestError(f"{where}: {wanted}, got {describe(seen)}.", param=path or None)


def unsupported(path: str, wanted: str, seen: Json) -> RequestError:
    """As `field_error`, for what may be asked elsewhere and cannot be honoured here."""
    error = field_error(path, wanted, seen)
    error.code = "unsupported_value"
    return error


def describe(value: Json) -> str:
    """A JSON value in a few words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            text = value if len(value) <= SHOWN else value[:SHOWN] + "…"
            return f"the string {text!r}"
        case int() | float():
            text = str(value)
            return f"the number {text if len(text) <= SHOWN else text[:SHOWN] + '…'}"
        case list():
            return f"a list of {len(value)}"
        case _:
            return "an object"


def _field_error(error: ErrorDetails) -> RequestError:
    path = _path(error["loc"])
    wanted = _wanted(error)
    if error["type"] == "missing":
        return RequestError(f"{path}: {wanted}.", param=path)
    if error["loc"] and error["loc"][-1] in SECRET:
        return RequestError(f"{path}: {wanted}.", param=path)
    return field_error(path, wanted, error["input"])


def _path(loc: tuple[int | str, ...]) -> str:
    """`("messages", 2, "content", ":parts", 0)` is `messages[2].content[0]`."""
    path = ""
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith(TAG):
            path += f".{step}" if path else step
    return path


def _wanted(error: ErrorDetails) -> str:
    kind, limits = error["type"], error.get("ctx", {})
    last = error["loc"][-1] if error["loc"] else ""
    if kind == "string_type" and last in WANTED_OF_UNION:
        return WANTED_OF_UNION[str(last)]
    if kind == "float_type" and type(error["input"]) is int:
        return "must be a number that fits a float"
    if kind == "too_short":
        return f"must hold at least {limits['min_length']}"
    if kind == "too_long":
        return f"must hold at most {limits['max_length']}"
    if kind == "string_too_long":
        return f"must have at most {limits['max_length']} characters"
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return WANTED.get(kind, said)
