"""`response_format` of a chat body."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from llmx.core.errors import RequestError
from llmx.core.types import OutputFormat
from llmx.core.wire.body import Body, unsupported
from llmx.core.wire.tool_schema import SchemaError, check_schema

_PATH = "response_format.json_schema"


class JsonSchema(Body):
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    name: str | None = None
    strict: bool | None = None


class ResponseFormat(Body):
    type: str
    json_schema: JsonSchema | None = None


def output_of(body: ResponseFormat | None) -> OutputFormat | None:
    """None: any text. Raises `RequestError`."""
    match body.type if body is not None else "text":
        case "text":
            return None
        case "json_object":
            return OutputFormat()
        case "json_schema":
            assert body is not None
            return _schema(body.json_schema)
        case other:
            wanted = "must be 'text', 'json_object' or 'json_schema'"
            raise unsupported("response_format.type", wanted, other)


def _schema(body: JsonSchema | None) -> OutputFormat:
    if body is None:
        raise RequestError(f"{_PATH}: is required.", param=_PATH)
    path = f"{_PATH}.schema"
    if body.schema_ is None:
        raise RequestError(f"{path}: is required.", param=path)
    try:
        check_schema(body.schema_)
    except SchemaError as error:
        raise RequestError(f"{path}: is no JSON Schema: {error}.", param=path) from error
    return OutputFormat(body.schema_, strict=body.strict is True, name=body.name)
