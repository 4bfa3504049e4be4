"""`llmx analyze-traces`: its options and exit codes. What is shown is in `cli/trace_views.py`."""

from __future__ import annotations

import os
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli.show import NO, OK, USAGE, complain, refuse, to_json

if TYPE_CHECKING:
    from llmx.core.analysis.report import Report, Row
    from llmx.core.trace.reader import Reading

SAID = 5  # kinds of skipped lines that are named on stderr
OF_COMPARE = {"compare", "as_json", "as_md"}  # parameters that mean something there
OF_SENDING = {"model", "limit", "same_spacing", "yes_remote", "api_key", "timeout"}
OF_REPLAY = {"path", "replay_to", "as_json", "as_md", "detail", *OF_SENDING}


def analyze_traces(
    ctx: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(help="Trace file or folder; without it the folder `llmx serve` writes to."),
    ] = None,
    detail: Annotated[
        int,
        typer.Option(
            min=0,
            max=2,
            help="How much is told, a level and not an index: 0 one screen, 1 a line per request, "
            "2 the full story of each.",
        ),
    ] = 0,
    request: Annotated[
        str | None,
        typer.Option(metavar="ID|N", help="The full story of this request alone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
    as_md: Annotated[bool, typer.Option("--md", help="Tables in Markdown.")] = False,
    show_content: Annotated[
        bool,
        typer.Option(
            "--show-content", help="Show prompts where they differ, not just their shape."
        ),
    ] = False,
    fail_under: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Exit 1 where cached / possible tokens are below this, or unknown."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 where a line could not be read.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="BEFORE AFTER", help="What changed between two traces."),
    ] = None,
    replay_to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send the requests to a server again, and compare."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="With --replay-to: the model to ask, not the recorded one.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="With --replay-to: send the first so many requests.")
    ] = 200,
    same_spacing: Annotated[
        bool, typer.Option("--same-spacing", help="With --replay-to: wait as long as they did.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=1, metavar="SECONDS", help="With --replay-to: longest wait for one."),
    ] = 600,
    api_key: Annotated[
        str | None, typer.Option(envvar="LLMX_API_KEY", help="With --replay-to: key to send.")
    ] = None,
    yes_remote: Annotated[
        bool, typer.Option("--yes-remote", help="With --replay-to: allow another machine.")
    ] = False,
) -> None:
    """Tell from recorded requests what the cache saved, and where prompts broke it.

    Exit codes: 0 done, 1 below --fail-under, worse with --compare, not as it was with --replay-to,
    2 nothing readable or a line skipped with --strict, 3 --compare or --replay-to cannot tell.
    """
    from llmx.cli.trace_modes import Resending, compare_traces, replay_trace
    from llmx.core.analysis.report import analyze
    from llmx.core.config import traces_folder
    from llmx.core.errors import ConfigError
    from llmx.core.trace.reader import Reading

    if as_json and as_md:
        raise ConfigError("--json and --md: only one of the two can be meant")
    if compare is not None:
        refuse(ctx, "--compare reads two traces and nothing else", _all_but(ctx, OF_COMPARE))
        raise typer.Exit(compare_traces(*compare, as_json=as_json, as_md=as_md))
    folder = path if path is not None else traces_folder(os.environ)
    if replay_to is not None:
        refuse(ctx, "--replay-to sends and compares", _all_but(ctx, OF_REPLAY))
        wanted = Resending(replay_to, limit, model, api_key, timeout, same_spacing, yes_remote)
        code = replay_trace(folder, wanted, as_json=as_json, as_md=as_md, rows=detail > 0)
        raise typer.Exit(code)
    refuse(ctx, "only --replay-to sends anything", OF_SENDING)
    reading = Reading(folder)
    report = analyze(reading)
    row = None if request is None else _wanted(report, request)
    if as_json:
        typer.echo(to_json(_document(report, row, detail, show_content)))
    else:
        from llmx.cli.trace_views import show

        show(report, row, detail=detail, as_md=as_md, show_content=show_content)
    _say_what_was_read(reading)
    raise typer.Exit(_exit_code(report, reading, fail_under, strict))


def _all_but(ctx: typer.Context, used: Set[str]) -> Set[str]:
    return {str(one.name) for one in ctx.command.params} - used


def _wanted(report: Report, request: str) -> Row:
    """By id, else by the number that level 1 shows."""
    from llmx.core.errors import ConfigError

    for row in report.rows:
        if request in (row.record.id, str(row.number)):
            return row
    raise ConfigError(
        f"--request: no request {request!r}; wanted an id, or a number from 1 to {len(report.rows)}"
    )


def _document(report: Report, row: Row | None, detail: int, show_content: bool) -> object:
    from llmx.core.analysis.export import row_json, to_json

    if row is not None:
        return row_json(row, show_content=show_content)
    return to_json(report, rows=detail > 0, show_content=show_content)


def _say_what_was_read(reading: Reading) -> None:
    skipped = reading.skipped.total()
    line = f"requests read: {reading.records:,}, from files: {len(reading.files):,}"
    line += f", duplicates: {reading.duplicates:,}, lines skipped: {skipped:,}"
    if skipped:
        first = reading.examples[0]
        kinds = [f"{count} {why}" for why, count in reading.skipped.most_common(SAID)]
        line += f" ({', '.join(kinds)}; the first: {first.file.name}, line {first.line})"
    complain(line)


def _exit_code(report: Report, reading: Reading, fail_under: float | None, strict: bool) -> int:
    if strict and reading.skipped:
        return USAGE
    if fail_under is None or (report.achieved is not None and report.achieved >= fail_under):
        return OK
    if report.achieved is None:
        complain("--fail-under: the share of the possible is unknown")
    return NO
