"""Half characters: Python's strings may hold them, no encoding has them."""

from __future__ import annotations

import re

SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """JSON text in which lone surrogates are escapes."""
    return SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
