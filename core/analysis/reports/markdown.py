"""A report as Markdown, for a job's summary or an issue."""

from __future__ import annotations

from collections.abc import Iterator

from llmx.core.analysis.reports.story import story, title
from llmx.core.analysis.reports.summary import causes, misses, summary
from llmx.core.analysis.reports.tables import Table, requests, tables
from llmx.core.analysis.views import Views
from llmx.core.pages.markdown import escape, table


def markdown(views: Views, *, detail: int = 0, show_content: bool = False) -> str:
    return "\n".join(_lines(views, detail, show_content)) + "\n"


def _lines(views: Views, detail: int, show_content: bool) -> Iterator[str]:
    first, *others = summary(views)
    yield f"## analyze-traces: {escape(first)}"
    yield ""
    yield from (f"- {escape(line)}" for line in others)
    yield ""
    yield from (f"{escape(line.strip())}  " for line in causes(views, detail=detail))
    if detail == 0:
        yield from (f"{escape(line.strip())}  " for line in misses(views))
        return
    for one in (*tables(views), requests(views.rows)):
        yield from as_lines(one)
    if detail >= 2:
        for row in views.rows:
            yield ""
            yield f"### {escape(title(row))}"
            yield ""
            for name, said in story(row, show_content=show_content):
                yield f"- {escape(name.strip())}: {escape(said)}"


def as_lines(one: Table) -> Iterator[str]:
    yield ""
    yield f"### {escape(one.title)}"
    yield ""
    if one.note:
        yield escape(one.note)
        yield ""
    yield from table(one.columns, one.rows)
