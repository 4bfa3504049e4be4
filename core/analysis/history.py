"""How the history of one prompt became that of another: what was put in, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmx.core.analysis.segments import Segment

RUN = 3  # segments that must agree before two histories are taken to go on together
DEPTH = 400  # segments that are looked at for the place where they do


@dataclass(frozen=True, slots=True)
class Edit:
    """The first edit: `removed` stood in theirs where `added` stands in ours."""

    added: tuple[Segment, ...]
    removed: tuple[Segment, ...]
    is_joined: bool  # both go on together behind it
    is_shorter: bool  # ours has fewer segments behind the first difference

    @property
    def is_replacement(self) -> bool:
        return bool(self.added and self.removed)


def edit_of(ours: Sequence[Segment], theirs: Sequence[Segment], at: int) -> Edit:
    """Of two histories that are equal before segment `at` and differ there."""
    mine, other = ours[at : at + DEPTH], theirs[at : at + DEPTH]
    is_shorter = len(ours) < len(theirs)
    joint = _joint(mine, other)
    if joint is None:
        return Edit(tuple(mine), tuple(other), False, is_shorter)
    added, removed = joint
    return Edit(tuple(mine[:added]), tuple(other[:removed]), True, is_shorter or removed > added)


def _joint(mine: Sequence[Segment], other: Sequence[Segment]) -> tuple[int, int] | None:
    """The nearest pair of places from which on both are the same, for `RUN` segments or to the end
    of either; None where there is none."""
    places: dict[Segment, list[int]] = {}
    for place, segment in enumerate(other):
        places.setdefault(segment, []).append(place)
    best: tuple[int, int] | None = None
    for added, segment in enumerate(mine):
        if best is not None and added >= sum(best):
            break
        for removed in places.get(segment, ()):
            if (best is None or added + removed < sum(best)) and _agree(
                mine[added:], other[removed:]
            ):
                best = (added, removed)
    return best


def _agree(mine: Sequence[Segment], other: Sequence[Segment]) -> bool:
    run = min(RUN, len(mine), len(other))
    return run > 0 and mine[:run] == other[:run]
