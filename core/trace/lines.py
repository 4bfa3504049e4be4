"""Decodes lines of llmx traces at the speed at which they can be looked at.

A line is mostly its request's body, a JSON string full of escapes, and that body is mostly the body
of an earlier request (`bodies`). What a line gives, and what is no line, is what msgspec says.
"""

from __future__ import annotations

import msgspec
from msgspec import structs

from llmx.core.trace.bodies import Bodies, Body
from llmx.core.trace.record import TraceRecord, TraceRequest


class HeldRequest(TraceRequest, frozen=True, kw_only=True):
    """A request whose body is held as `held`: `raw` and `raw_b64` are not set."""

    held: Body | None = None

    @property
    def body(self) -> bytes | None:
        return None if self.held is None else self.held.data


class _Request(TraceRequest, frozen=True, kw_only=True, omit_defaults=True):
    raw: msgspec.Raw = msgspec.Raw(b"null")  # pyright: ignore[reportIncompatibleVariableOverride]


class _Line(TraceRecord, frozen=True, kw_only=True):
    req: _Request


class LineDecoder:
    """`decode` gives the record of a line, its body in a `HeldRequest`.

    Raises what `msgspec.json.decode(line, type=TraceRecord)` raises, for the same lines.
    """

    def __init__(self) -> None:
        self._line = msgspec.json.Decoder(_Line)
        self._whole = msgspec.json.Decoder(TraceRecord)
        self._bodies = Bodies()

    def decode(self, line: bytes) -> TraceRecord:
        record = self._line.decode(line)
        req = record.req
        quoted = bytes(req.raw)
        if not quoted.startswith(b'"'):  # no body, or none that is a string
            return self._whole.decode(line)
        try:
            body = self._bodies.escaped(quoted)
        except ValueError:
            return self._whole.decode(line)
        held = HeldRequest(method=req.method, path=req.path, headers=req.headers, held=body)
        return structs.replace(record, req=held)
