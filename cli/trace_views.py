"""How `analyze-traces` shows a report on a terminal or in a pipe: a screen, tables, stories."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from llmx.cli.show import console
from llmx.core.analysis.report import Row
from llmx.core.analysis.reports.story import segments, story, title
from llmx.core.analysis.reports.summary import causes, misses, summary
from llmx.core.analysis.views import Views

if TYPE_CHECKING:
    from llmx.core.analysis.reports.tables import Table


def show(views: Views, *, detail: int, show_content: bool) -> None:
    """Print the report on stdout."""
    put(summary(views))
    put(causes(views, detail=detail))
    if detail == 0:
        put(misses(views))
        return
    from llmx.core.analysis.reports.tables import requests, tables

    for one in (*tables(views), requests(views.rows)):
        put(_titled(one))
    if detail == 2:
        for row in views.rows:
            typer.echo()
            show_story(row, show_content=show_content)


def show_curve(views: Views) -> None:
    from llmx.core.analysis.reports.tables import curve

    for room in views.rooms:
        put(_titled(curve(room)))


def show_what_if(views: Views) -> None:
    from llmx.core.analysis.reports.tables import what_if
    from llmx.core.analysis.whatif import sentences

    for room in views.rooms:
        put(_titled(what_if(room)))
        put(sentences(room.what_ifs))


def show_story(row: Row, *, show_content: bool) -> None:
    """All that is known of one request."""
    typer.echo(title(row))
    put(f"  {name}: {said}" for name, said in story(row, show_content=show_content))
    for name, said in segments(row):
        typer.echo(f"  {name}: {said}" if name else f"    {said}")


def put(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _titled(one: Table) -> Iterator[str]:
    yield ""
    yield f"{one.title} ({one.note})" if one.note else one.title
    yield from print_table(one.columns, one.rows, left=one.left)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: frozenset[int] | None = None,
) -> Iterator[str]:
    """The lines of a table: on a terminal as it fits there, in a pipe plain. `left`: the columns of
    words; None: all of them."""
    sides = ["left" if left is None or at in left else "right" for at in range(len(columns))]
    if sys.stdout.isatty():
        from rich.table import Table as Grid

        grid = Grid(box=None, header_style="bold")
        for name, side in zip(columns, sides, strict=True):
            grid.add_column(name, justify="left" if side == "left" else "right")
        for row in rows:
            grid.add_row(*row)
        screen = console()
        with screen.capture() as captured:
            screen.print(grid, soft_wrap=False)
        yield from captured.get().splitlines()
        return
    from tabulate import tabulate

    text = tabulate(rows, columns, tablefmt="plain", disable_numparse=True, colalign=sides)
    yield from (line.rstrip() for line in text.splitlines())
