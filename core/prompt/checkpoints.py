"""Where a prefill stops so that the cache can take what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from llmx.core.types import Boundary

# Each stop ends a prefill chunk early. KV rows can be restored at any token, so stops closer than
# this only cost; a state that is valid at one position needs every boundary (spacing 1).
KV_SPACING = 256


def plan(
    boundaries: Sequence[Boundary], start: int, total: int, spacing: int = KV_SPACING
) -> list[int]:
    """Ascending positions in (start, total) at which to stop; the last is total - 1.

    `start` tokens are there already. The stop one token before the end makes an exact repeat of
    the prompt a full hit; the others are at least `spacing` from the start, from each other and
    from that one.
    """
    stops: list[int] = []
    last = start
    for boundary in boundaries:
        if boundary.position - last >= spacing and total - 1 - boundary.position >= spacing:
            stops.append(boundary.position)
            last = boundary.position
    if total - 1 > start:
        stops.append(total - 1)
    return stops


def segments(tokens: Sequence[int], start: int, stops: Sequence[int]) -> list[list[int]]:
    """`tokens[start:]` cut at the stops."""
    cuts = [start, *stops, len(tokens)]
    return [list(tokens[a:b]) for a, b in pairwise(cuts) if b > a]


def part_at(boundaries: Sequence[Boundary], position: int) -> str | None:
    """The part of the prompt that holds the token at `position`; None past the end."""
    for boundary in boundaries:
        if position < boundary.position:
            return boundary.part
    return None
