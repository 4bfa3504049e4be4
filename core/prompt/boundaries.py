"""Where the parts of a prompt end, in tokens: from the places where its messages begin."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence

from llmx.core.prompt.conversation import Told
from llmx.core.prompt.places import Places
from llmx.core.prompt.template import Frame
from llmx.core.types import Boundary


def parts_of(said: Told, frame: Frame) -> list[str]:
    """The names of the parts: what stands before the first message, one per message, the end."""
    parts = [
        f"message {origin} ({message['role']})"
        for origin, message in zip(said.origins, said.conversation, strict=True)
    ]
    before = "template"
    if frame.tools and said.conversation and said.conversation[0]["role"] == "system":
        parts[0] = "tools+system"  # the tools stand before or after what it says
    elif frame.tools:
        before = "tools"
    return [before, *parts, parts[-1] if frame.continues else "generation prompt"]


def boundaries_of(
    places: Places, ends: array[int], parts: Sequence[str], total: int
) -> tuple[Boundary, ...]:
    """Each part ends where the next message's content begins: its role header is shared too."""
    if not ends or not any(start is not None for start in places.starts):
        return (Boundary(total, "prompt"),)
    return _continued([], 0, places, 0, ends, parts, total)


def continued_boundaries(
    known: Sequence[Boundary],
    answer: int,
    places: Places,
    shift: int,
    ends: array[int],
    parts: Sequence[str],
    total: int,
) -> tuple[Boundary, ...]:
    """Those of a prompt that goes on from one with the boundaries `known`: from message `answer`,
    which was generated for it. `places` of later messages are `shift` characters further on."""
    before = parts[answer]  # it reaches to where the answer begins
    found = [boundary for boundary in known[:-1] if boundary.part != before]
    _add(found, known[-1].position, before, total)
    return _continued(found, answer + 1, places, shift, ends, parts, total)


def _continued(
    found: list[Boundary],
    first: int,
    places: Places,
    shift: int,
    ends: array[int],
    parts: Sequence[str],
    total: int,
) -> tuple[Boundary, ...]:
    """`found`, then those from message `first` on."""
    starts = sorted(
        (start + shift, first + i)
        for i, start in enumerate(places.starts[first:])
        if start is not None
    )
    part = parts[first]
    for place, index in starts:
        _add(found, bisect_right(ends, place), part, total)
        part = parts[index + 1]
    if places.end is not None and (not starts or places.end + shift > starts[-1][0]):
        _add(found, bisect_right(ends, places.end + shift), part, total)
        part = parts[-1]
    found.append(Boundary(total, part))
    return tuple(found)


def _add(found: list[Boundary], position: int, part: str, total: int) -> None:
    """A boundary before the first token that reaches beyond its place, if it cuts anything."""
    if (found[-1].position if found else 0) < position < total:
        found.append(Boundary(position, part))
