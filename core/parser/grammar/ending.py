"""Whether a schema that refers to itself can be met by a value that comes to an end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from llmx.core.types import Json


def can_end(schema: Mapping[str, Any]) -> bool:
    """False only where every value must hold another value of the same kind, and so on."""
    targets = {ref: _target(schema, ref) for ref in _references(schema)}
    ending: set[str] = set()
    while True:
        found = {ref for ref in targets.keys() - ending if _ends(targets[ref], ending)}
        if not found:
            return _ends(schema, ending)
        ending |= found


def _ends(schema: Json, ending: Collection[str]) -> bool:
    """`ending` are the references that are known to lead to a schema that can end."""
    if not isinstance(schema, dict) or "const" in schema or "enum" in schema:
        return True
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in ending:
        return False
    for keyword in ("anyOf", "oneOf"):
        options = schema.get(keyword)
        if isinstance(options, list) and not any(_ends(one, ending) for one in options):
            return False
    parts = schema.get("allOf")
    if isinstance(parts, list) and not all(_ends(one, ending) for one in parts):
        return False
    types = schema.get("type")
    match types if isinstance(types, str) else None:
        case "object":
            properties, required = schema.get("properties"), schema.get("required")
            if not isinstance(properties, dict) or not isinstance(required, list):
                return True
            return all(_ends(properties.get(str(name)), ending) for name in required)
        case "array":
            least = schema.get("minItems")
            return not isinstance(least, int) or least < 1 or _ends(schema.get("items"), ending)
        case _:
            return True


def _references(schema: Json) -> set[str]:
    found: set[str] = set()
    left: list[Json] = [schema]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            reference = one.get("$ref")
            if isinstance(reference, str):
                found.add(reference)
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return found


def _target(root: Json, reference: str) -> Json:
    """None, which can end, for what leads nowhere: others will say that it does."""
    if not reference.startswith("#"):
        return None
    found = root
    for key in reference[1:].split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, dict) else None
    return found
