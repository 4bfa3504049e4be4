"""A result as Markdown, for a job's summary or an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from llmx.core.verify.reports.phrases import (
    advice,
    channels,
    headline,
    one_line,
    outcome,
    surroundings,
    title,
    why,
)
from llmx.core.verify.result import Result

# What Markdown, or the HTML that may stand in it, would read as its own.
SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"}  # no tag, and nobody is called


def markdown(result: Result) -> str:
    lines = [
        f"## test-cache: {escape(title(result))}",
        "",
        f"{escape(result.sentence)} Result: {escape(outcome(result))}.",
        "",
        escape(headline(result)),
        "",
        *table(
            ("probe", "status", "why"),
            (
                (f"{one.id} {one.title}", one.status.upper(), why(result, one))
                for one in result.probes
            ),
        ),
        "",
        *(f"- {label}: {said}" for label, said in channels(result)),
        *(f"- note: {escape(note)}" for note in result.notes),
        "",
        *(f"**{label}** {escape(text)}  " for label, text in advice(result.verdict)),
        "",
        "<details><summary>environment</summary>",
        "",
        *table(("name", "value"), surroundings(result)),
        "",
        "</details>",
    ]
    return "\n".join(lines) + "\n"


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
