"""Python's literals, with JSON's among them, to JSON text. Parsed, never evaluated."""

from __future__ import annotations

import ast
import json
import math
import warnings
from collections.abc import Iterator

from llmx.core.parser.families.reading import Malformed
from llmx.core.parser.families.surrogates import encodable
from llmx.core.parser.json_text import MAX_DEPTH, MAX_DIGITS


def literal(text: str, first: str) -> str | None:
    """The JSON text of a literal that begins with `first`; None where it is none."""
    if not text.startswith(first):
        return None
    try:
        return json_of(parsed(text))
    except Malformed:
        return None


def parsed(text: str) -> ast.expr:
    """The expression that a text is. Raises `Malformed` where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # unknown escapes keep their backslash
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Malformed from error


def json_of(node: ast.expr, depth: int = MAX_DEPTH) -> str:
    """The JSON text of a literal. Raises `Malformed` for every other expression."""
    if not depth:
        raise Malformed
    match node:
        case ast.Constant(value):
            return _constant(value)
        case ast.Name(id="true" | "false" | "null" as name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            if isinstance(number, bool):
                raise Malformed
            return _constant(-number)
        case ast.List(elts) | ast.Tuple(elts):
            return "[" + ", ".join(json_of(one, depth - 1) for one in elts) + "]"
        case ast.Dict():
            return "{" + ", ".join(_members(node, depth - 1)) + "}"
        case _:
            raise Malformed


def _members(node: ast.Dict, depth: int) -> Iterator[str]:
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise Malformed
        yield f"{_constant(key.value)}: {json_of(value, depth)}"


def _constant(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if value.bit_length() < 3 * MAX_DIGITS:
            return str(value)
        case float() if math.isfinite(value):
            return repr(value)
        case str():
            return encodable(json.dumps(value, ensure_ascii=False))
        case _:
            raise Malformed
