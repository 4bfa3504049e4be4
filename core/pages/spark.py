"""Small pictures of block characters for a line of text."""

from __future__ import annotations

from collections.abc import Sequence

LEVELS = "▁▂▃▄▅▆▇█"
PARTS = " ▏▎▍▌▋▊▉█"  # eighths of a character, from the left
NOTHING = " "  # where a value is unknown


def sparkline(values: Sequence[float | None], top: float | None = None) -> str:
    """A character for each value, from 0 to `top` (the largest value where it is not given)."""
    highest = max((value for value in values if value is not None), default=0.0)
    top = highest if top is None else top
    return "".join(NOTHING if value is None else _level(value, top) for value in values)


def _level(value: float, top: float) -> str:
    share = min(1.0, max(0.0, value / top)) if top > 0 else 0.0
    return LEVELS[min(len(LEVELS) - 1, int(share * len(LEVELS)))]


def bar(share: float, width: int) -> str:
    """A horizontal bar, `width` characters long where `share` is 1."""
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (PARTS[rest] if rest else "")
