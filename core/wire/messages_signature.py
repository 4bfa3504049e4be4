"""The signature of a thinking block. It proves nothing: a local server has nobody to distrust.

Clients send it back as it came. Where they asked not to be shown the thinking, it carries the text,
so that the next prompt can still hold what the model thought.
"""

from __future__ import annotations

import base64
import binascii
import zlib

NAME = "llmx"
_CARRIES = f"{NAME}:"
_MOST = 32 * 1024 * 1024  # bytes of a text that is taken out of a signature


def signature(hidden: str | None = None) -> str:
    """For a block that shows its text; or, with `hidden`, for one that does not."""
    if hidden is None:
        return NAME
    packed = zlib.compress(hidden.encode("utf-8"))
    return _CARRIES + base64.b64encode(packed).decode("ascii")


def hidden_text(signature: str | None) -> str:
    """What a signature of ours carries; nothing, where it is another's or damaged."""
    if signature is None or not signature.startswith(_CARRIES):
        return ""
    try:
        packed = base64.b64decode(signature.removeprefix(_CARRIES), validate=True)
        return zlib.decompressobj().decompress(packed, _MOST).decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        return ""
