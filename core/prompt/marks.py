"""Where a client's marks lie in a prompt, in tokens.

A message's marks are places in what it says. The template shows that somewhere (`places`), most
often as it is; where it does not, its marks have no place and are left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from llmx.core.prompt.conversation import Told
from llmx.core.prompt.history import Written
from llmx.core.types import Boundary, Message


def with_marks(written: Written, messages: Sequence[Message], said: Told) -> tuple[Boundary, ...]:
    """The boundaries of a prompt, and one for each mark of `messages`, which became `said`.

    A mark between two tokens, or inside one, is before the first token that reaches beyond it.
    """
    boundaries = list(written.boundaries)
    ends = written.encoded.ends
    if not ends:
        return written.boundaries
    for place in _places(written, messages, said):
        position = bisect_right(ends, place)
        if 0 < position < len(ends):
            _mark(boundaries, position)
    return tuple(boundaries)


def _mark(boundaries: list[Boundary], position: int) -> None:
    index = bisect_left(boundaries, position, key=lambda each: each.position)
    there = boundaries[index]  # the last one is at the end
    marked = replace(there, position=position, is_marked=True)
    if there.position == position:
        boundaries[index] = marked
    else:
        boundaries.insert(index, marked)


def _places(written: Written, messages: Sequence[Message], said: Told) -> Iterator[int]:
    """Characters of the prompt's text."""
    for index, message in enumerate(messages):
        if message.marks and (item := _item(index, message, said)) is not None:
            content = said.conversation[item]["content"]
            start = written.places.starts[item]
            shown = None if start is None else _shown(content.lstrip(), written.plain, start)
            if start is None or shown is None:
                continue
            # Of the item's text, what stands before the message, less the blanks left out.
            before = content.find(message.content) - (len(content) - len(content.lstrip()))
            shift = written.shifts[item] if item < len(written.shifts) else 0
            for mark in message.marks:
                yield start + shift + min(max(before + mark, 0), len(shown))


def _shown(content: str, plain: str, start: int) -> str | None:
    """The content as it stands at `start`: with the blanks at its end, or without."""
    for form in (content, content.rstrip()):
        if plain.startswith(form, start):
            return form
    return None


def _item(index: int, message: Message, said: Told) -> int | None:
    """The item that says what message `index` does: its own, or one that it was joined to."""
    nearest = sorted(range(len(said.origins)), key=lambda item: abs(said.origins[item] - index))
    for item in nearest[:3]:
        if message.content and message.content in said.conversation[item]["content"]:
            return item
    return None
