"""Texts of strangers, fit to be shown: a server or a trace may call things whatever it likes."""

from __future__ import annotations

import re

# What no terminal and no XML may get: control characters, half characters, and what turns the
# direction of a line or stands for nothing.
UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text with U+FFFD for what must not be shown."""
    return UNFIT.sub("\ufffd", text)


def one_line(text: str) -> str:
    return " ".join(clean(text).split())
