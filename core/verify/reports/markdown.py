"""A result as Markdown, for a job's summary or an issue."""

from __future__ import annotations

from llmx.core.pages.markdown import escape, table
from llmx.core.verify.reports.phrases import (
    advice,
    channels,
    headline,
    outcome,
    surroundings,
    title,
    why,
)
from llmx.core.verify.result import Result


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
