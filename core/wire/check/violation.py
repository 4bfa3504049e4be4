"""One breach of a stream's grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal[
    "compat",  # clients that people use fail on it, or lose something
    "strict",  # the published grammar says otherwise, and clients in use bear it
]

Client = Literal[
    "accumulators",  # the SDKs that put a message together from its stream
    "schema-js",  # SDKs that check each event against a schema, and drop or raise
    "strict-java",  # SDKs with closed types: unknown values and missing fields raise
    "claude-code",
    "sse",  # every reader of server-sent events
]


@dataclass(frozen=True, slots=True)
class Violation:
    code: str  # for machines; stable
    severity: Severity
    offset: int  # bytes from the start of the stream to the event that breaks the grammar
    message: str  # one line
    breaks: tuple[Client, ...] = ()  # who fails on it
