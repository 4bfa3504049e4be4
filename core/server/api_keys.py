"""The API keys that a request carries, from the two headers in which clients send them."""

from __future__ import annotations

from collections.abc import Iterable


def keys_in(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Of `authorization: Bearer KEY` and `x-api-key: KEY`, in order; empty ones are left out."""
    found: list[bytes] = []
    for name, value in headers:
        if name == b"x-api-key":
            found.append(value.strip())
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            found.append(value[7:].strip())
    return [key for key in found if key]
