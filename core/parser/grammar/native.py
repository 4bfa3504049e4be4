"""Gemma's notation of values: bare keys, and strings between two equal markers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmx.core.parser.grammar.lark import Lark, any_number_of, either, listed
from llmx.core.parser.grammar.parameters import SHARED, ToolRule, Unenforceable, properties
from llmx.core.types import Json

_MAX_LEVELS = 12  # of values in values: a schema that refers to itself has no end of them
_SCALARS = frozenset(("integer", "number", "boolean", "null"))
_PLAIN_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$.")


@dataclass(frozen=True, slots=True)
class GemmaCalls:
    """`call:look{city:<|"|>Paris<|"|>,days:3}` between a begin and an end."""

    begin: str
    end: str
    string: str  # at either side of a string
    once: bool = False
    is_json: bool = False

    def calls(self, lark: Lark, tools: Sequence[ToolRule], *, parallel: bool) -> str:
        one = lark.rule(either(self._call(lark, tool) for tool in tools))
        return f"{one} {any_number_of(f'{lark.text(self.begin)} {one}')}" if parallel else one

    def _call(self, lark: Lark, tool: ToolRule) -> str:
        arguments = self._object(lark, tool.schema, 0, strict=tool.strict)
        return f"{lark.text('call:' + tool.name)} {arguments} {lark.text(self.end)}"

    def _object(self, lark: Lark, schema: Json, level: int, *, strict: bool) -> str:
        parts: list[tuple[str, bool]] = []
        for name, one, is_required in properties(schema, strict=strict):
            if self.string in name:
                if strict or is_required:
                    raise Unenforceable(f"the property {name!r}, which this notation cannot write,")
                continue
            value = self._value(lark, one, level + 1, strict=strict)
            parts.append((f"{self._key(lark, name)} {value}", is_required))
        return f'"{{" {listed(lark, parts, ",")} "}}"'

    def _key(self, lark: Lark, name: str) -> str:
        """Bare where that is read back, else as a string."""
        if name and _PLAIN_KEY.issuperset(name):
            return lark.spelled(name + ":")
        return f'{self._literal(lark, name)} ":"'

    def _value(self, lark: Lark, schema: Mapping[str, Any], level: int, *, strict: bool) -> str:
        if level > _MAX_LEVELS:
            raise Unenforceable(f"a schema of more than {_MAX_LEVELS} levels")
        literals = [schema["const"]] if "const" in schema else schema.get("enum")
        if isinstance(literals, list):
            return either(self._literal(lark, one) for one in literals)
        if "anyOf" in schema:
            shared = {key: schema[key] for key in SHARED if key in schema}
            options = {"properties": {str(n): one for n, one in enumerate(schema["anyOf"])}}
            found = properties({**options, **shared}, strict=False)
            return either(self._value(lark, one, level + 1, strict=strict) for _, one, _ in found)
        types = schema.get("type", "string")
        if isinstance(types, list):
            options = [{**schema, "type": one} for one in types]
            return either(self._value(lark, one, level, strict=strict) for one in options)
        match types:
            case "string":
                return self._string(lark, schema, strict=strict)
            case "object":
                return self._object(lark, schema, level, strict=strict)
            case "array":
                return self._list(lark, schema, level, strict=strict)
            case other if other in _SCALARS:
                return lark.json(schema)
            case other:
                raise Unenforceable(f"the type {other!r}")

    def _list(self, lark: Lark, schema: Mapping[str, Any], level: int, *, strict: bool) -> str:
        if strict and "prefixItems" in schema:
            raise Unenforceable("`prefixItems`")
        shared = {key: schema[key] for key in SHARED if key in schema}
        inner = {"properties": {"one": schema.get("items") or {}}, **shared}
        ((_, items, _),) = properties(inner, strict=False)
        item = lark.rule(self._value(lark, items, level + 1, strict=strict))
        least, most = schema.get("minItems") or 0, schema.get("maxItems")
        if most == 0:
            return '"[" "]"'
        filled = item
        if most != 1:
            more = f"{{{max(0, least - 1)},{'' if most is None else most - 1}}}"
            filled = f'{item} ("," {item}){more}'
        return f'"[" {filled} "]"' if least else f'"[" ({filled})? "]"'

    def _string(self, lark: Lark, schema: Mapping[str, Any], *, strict: bool) -> str:
        for keyword in ("pattern", "format"):
            if strict and keyword in schema:
                raise Unenforceable(f"`{keyword}` of a string")
        least, most = schema.get("minLength") or 0, schema.get("maxLength")
        many = f"{{{least},{'' if most is None else most}}}"
        return f"{lark.text(self.string)} {lark.until(f'(?s:.){many}', self.string)}"

    def _literal(self, lark: Lark, value: Json) -> str:
        if isinstance(value, str):
            marker = lark.text(self.string)
            return " ".join(filter(None, (marker, lark.spelled(value), marker)))
        if isinstance(value, dict | list):
            raise Unenforceable("an `enum` or `const` of objects or lists")
        return lark.spelled(json.dumps(value))
