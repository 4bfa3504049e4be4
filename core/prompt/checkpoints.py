"""Where a prefill stops so that the cache can take what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmx.core.types import Boundary

_CLOSEST = 16  # tokens: a checkpoint for fewer costs more than it can save
_WIDEST = 512  # inside a long message
_MOST = 16  # of those, in one prompt: the spacing widens beyond


@dataclass(frozen=True, slots=True)
class Stops:
    """`anchored`: some layer's state can be restored where it was handed out and nowhere else.

    Rows of plain keys and values can be cut at any token afterwards, and need no stop. `grid`: only
    what was prefilled in whole steps of it may be stored (`--exact`); 1: everything may.
    """

    anchored: bool
    grid: int = 1

    def plan(
        self, boundaries: Sequence[Boundary], start: int, total: int, *, marked_only: bool = False
    ) -> set[int]:
        """Positions in (start, total) at which to stop; `start` tokens are there already.

        At every mark, however close to another. But for `marked_only`, also at every boundary, one
        token before the end, so that an exact repeat is a full hit, and inside long parts so often
        that a prompt that differs there loses a sixteenth at most.
        """
        if not self.anchored:
            return set()
        marks = (each.position for each in boundaries if each.is_marked)
        on_grid = (mark - mark % self.grid for mark in marks)
        stops = {mark for mark in on_grid if start < mark < total}
        return stops if marked_only else stops | self._usual(boundaries, start, total)

    def _usual(self, boundaries: Sequence[Boundary], start: int, total: int) -> set[int]:
        asked = [boundary.position for boundary in boundaries if boundary.position < total - 1]
        stops: set[int] = set()
        last = start
        widest = max(_WIDEST, (total - start) // _MOST, self.grid)
        for position in [*asked, total - 1]:
            position -= position % self.grid
            while position - last > widest + _CLOSEST:
                last += widest
                last -= last % self.grid
                stops.add(last)
            if position - last >= _CLOSEST or (position == total - 1 and position > last):
                stops.add(position)
                last = position
        return stops

    def storable(self, held: int, prompt: int) -> int:
        """How many leading tokens of a state of `held` tokens may be stored."""
        if self.grid == 1:
            return held
        return min(held, prompt)  # what was decoded was computed in other shapes


def part_at(boundaries: Sequence[Boundary], position: int) -> str | None:
    """The part of the prompt that holds the token at `position`; None past the end."""
    for boundary in boundaries:
        if position < boundary.position:
            return boundary.part
    return None
