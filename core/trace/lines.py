"""Decodes lines of llmx traces at the speed at which they can be looked at.

A line is mostly its request's body, a JSON string full of escapes, and that body is mostly the body
of an earlier request (`bodies`). What a line gives, and what is no line, is what msgspec says.
"""

from __future__ import annotations

import os

import msgspec
from msgspec import structs

from llmx.core.trace.bodies import Bodies, Body
from llmx.core.trace.record import TraceRecord, TraceRequest

HEAD_BYTES = 64 << 10  # of a line, in which the body is expected to begin
# What stands before and behind a body, as our writer writes it and as `json.dumps` does.
AROUND = ((b'"raw":"', b'"},"res":'), (b'"raw": "', b'"}, "res": '))


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
        self._other = b'"%s"' % os.urandom(16).hex().encode()  # in the place of a body

    def decode(self, line: bytes) -> TraceRecord:
        try:
            record, quoted = self._parted(line) or self._looked_through(line)
            if not quoted.startswith(b'"'):  # no body, or none that is a string
                return self._whole.decode(line)
            body = self._bodies.escaped(quoted)
        except ValueError:
            return self._whole.decode(line)
        req = record.req
        held = HeldRequest(method=req.method, path=req.path, headers=req.headers, held=body)
        return structs.replace(record, req=held)

    def _parted(self, line: bytes) -> tuple[_Line, bytes] | None:
        """The record, and its body as the JSON string in the line, by what stands around it.

        None: it is not where it is expected. That what was found is one string, and so all of the
        body, shows when it is unescaped: a quote inside would end it.
        """
        for before, behind in AROUND:
            begin = line.find(before, 0, HEAD_BYTES) + len(before) - 1
            if begin < len(before):
                continue
            end = line.rfind(behind, begin + 1) + 1
            if end < begin + 2:
                continue
            record = self._line.decode(b"".join((line[:begin], self._other, line[end:])))
            return (record, line[begin:end]) if bytes(record.req.raw) == self._other else None
        return None

    def _looked_through(self, line: bytes) -> tuple[_Line, bytes]:
        record = self._line.decode(line)
        return record, bytes(record.req.raw)
