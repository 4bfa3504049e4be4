"""What must not be kept in a trace: header values that let somebody in, and cache salts."""

from __future__ import annotations

import re
from collections.abc import Mapping

REDACTED = "[REDACTED]"
SECRET_HEADER = re.compile(r"auth|cookie|token|secret|key|passw|credential|signature")


def redacted_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without the values that could let somebody in."""
    return {
        name: REDACTED if SECRET_HEADER.search(name) else value for name, value in headers.items()
    }


def redacted_body(body: bytes) -> bytes:
    """The body with the value of every `cache_salt` replaced, and every other byte as it was.

    In valid JSON a quoted name stands only where a string does, so text of a message that quotes
    such a field is left alone: its quotes are escaped.
    """
    return _SALT.sub(rb'\1"' + REDACTED.encode("ascii") + b'"', body)


def _as_written(name: str) -> str:
    """A pattern for the name in JSON, where each character may be an escape."""
    return "".join(rf"(?:{re.escape(one)}|\\u00(?i:{ord(one):02x}))" for one in name)


_VALUE = r'"(?:[^"\\]|\\.)*"?|[-+.\w]+'  # also a string that nobody closed, and a bare word
_SALT = re.compile(rf'("{_as_written("cache_salt")}"\s*:\s*)(?:{_VALUE})'.encode(), re.DOTALL)
