"""Makes `docs/test-cache.schema.json` from the forms that the reader of results holds.

    python -m tools.result_schema

A test compares the two, so that what is published is what is read.
"""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.json import schema_components

from llmx.core.types import Json
from llmx.core.verify.document import Form, ResultForm

TARGET = Path(__file__).parents[1] / "docs" / "test-cache.schema.json"
HEAD = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def schema() -> Json:
    """Draft 2020-12."""
    (root,), parts = schema_components([ResultForm], ref_template="#/$defs/{name}")
    whole = parts.pop(root["$ref"].rpartition("/")[2])
    described = {**HEAD, **whole, "$defs": dict(sorted(parts.items()))}
    return _named(described, {one.__name__ for one in Form.__subclasses__()})


def _named(value: Json, forms: set[str]) -> Json:
    """`TargetForm` is a name of the code; a document has a Target."""
    if isinstance(value, dict):
        return {_short(key, forms): _named(one, forms) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, forms) for one in value]
    return _short(value, forms) if isinstance(value, str) else value


def _short(text: str, forms: set[str]) -> str:
    head, slash, name = text.rpartition("/")
    return f"{head}{slash}{name.removesuffix('Form')}" if name in forms else text


def main() -> None:
    TARGET.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(TARGET)


if __name__ == "__main__":
    main()
