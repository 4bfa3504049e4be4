"""Tables of Markdown, with texts that stay text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from llmx.core.pages.text import one_line

# What Markdown, or the HTML that may stand in it, would read as its own.
SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"}  # no tag, and nobody is called


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table; a cell is one line, whatever it has."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows),
    ]


def escape(text: str) -> str:
    escaped = SPECIAL.sub(r"\\\1", one_line(text))
    return "".join(ENTITIES.get(character, character) for character in escaped)
