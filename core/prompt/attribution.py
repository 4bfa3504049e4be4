"""The line before a system prompt that says who asks, and changes from request to request."""

from __future__ import annotations

import re

_ATTRIBUTION = "x-anthropic-billing-header:"
_BREAKS = re.compile(r"[\r\n]*")


def attribution_length(content: str, first_part: int | None = None) -> int:
    """Leading characters that are attribution: to the end of the line or of the first part,
    whichever comes first, and the line ends behind it. 0: there is none."""
    end = 0
    while content[end : end + len(_ATTRIBUTION)].lower() == _ATTRIBUTION:
        line = content.find("\n", end)
        line = len(content) if line < 0 else line
        if first_part is not None and end < first_part:
            line = min(line, first_part)
        breaks = _BREAKS.match(content, line)
        end = breaks.end() if breaks is not None else line
    return end
