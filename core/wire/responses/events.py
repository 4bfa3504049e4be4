"""One event of a response's stream, and how it is written: to an event stream, or to a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from llmx.core.types import Json

Dialect = Literal["openai", "openresponses"]

DONE = b"data: [DONE]\n\n"
LAST = frozenset(("response.completed", "response.incomplete", "response.failed"))

_ENCODER = msgspec.json.Encoder()
_OURS, _THEIRS = "response.reasoning_text.", "response.reasoning."


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """`fields` are all but its type; `sequence_number` is one of them."""

    type: str
    fields: Mapping[str, Json]

    @property
    def number(self) -> int:
        return self.fields["sequence_number"]

    @property
    def is_last(self) -> bool:
        """Nothing follows it."""
        return self.type in LAST

    def body(self, dialect: Dialect = "openai") -> dict[str, Json]:
        return {"type": self._named(dialect), **self.fields}

    def text(self, dialect: Dialect = "openai") -> bytes:
        """One line of JSON."""
        return _ENCODER.encode(self.body(dialect))

    def frame(self, dialect: Dialect = "openai") -> bytes:
        """For `text/event-stream`; to be written by itself."""
        name = self._named(dialect).encode("ascii")
        return b"event: " + name + b"\ndata: " + self.text(dialect) + b"\n\n"

    def _named(self, dialect: Dialect) -> str:
        """Raw reasoning has a name of its own in Open Responses."""
        if dialect == "openresponses" and self.type.startswith(_OURS):
            return _THEIRS + self.type.removeprefix(_OURS)
        return self.type
