"""The signature of a thinking block. It proves nothing: a local server has nobody to distrust.

Clients send it back as it came. Where they asked not to be shown the thinking, it carries the text,
so that the next prompt can still hold what the model thought. It is not compressed: what a body can
make of itself stays within the size of the body.
"""

from __future__ import annotations

import base64

NAME = "llmx"
_CARRIES = f"{NAME}:"


def signature(hidden: str | None = None) -> str:
    """For a block that shows its text; or, with `hidden`, for one that does not."""
    if hidden is None:
        return NAME
    return _CARRIES + base64.b64encode(hidden.encode("utf-8")).decode("ascii")


def hidden_text(signature: str | None) -> str:
    """What a signature of ours carries; nothing, where it is another's or damaged."""
    if signature is None or not signature.startswith(_CARRIES):
        return ""
    try:
        carried = base64.b64decode(signature.removeprefix(_CARRIES), validate=True)
        return carried.decode("utf-8")
    except ValueError:  # also of text that is not ASCII, and of bytes that are not UTF-8
        return ""
