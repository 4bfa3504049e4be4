"""`llmx test-cache`: ask, judge, show. Not named `test_cache`: pytest would collect it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmx.cli.show import GONE, NO, OK, UNSURE, complain, console, to_json

if TYPE_CHECKING:
    from llmx.core.verify.report import Report, Row
    from llmx.core.verify.three_questions import Step

USUAL = "http://127.0.0.1:8081"  # where llmx serve is
HEADERS = ("request", "question", "prompt", "cached", "share", "TTFT", "cold = warm")
COLOURS = {0: "green", 1: "red", 3: "yellow", 4: "red"}  # of the verdict, by exit code


def verify_cache(
    url: Annotated[
        str | None,
        typer.Argument(
            help="An OpenAI-compatible server, with or without /v1 (default: "
            f"{USUAL}; with --run, where the command listens)."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model to ask, where the server has several.")
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="LLMX_API_KEY", help="Key to send to the server.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="Longest wait for one answer.")
    ] = 600,
    yes_remote: Annotated[
        bool, typer.Option("--yes-remote", help="Allow a server that is not this machine.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    command: Annotated[
        str | None,
        typer.Option(
            "--run", metavar="CMD", help="Start this server for the test, and end it after."
        ),
    ] = None,
    ready_within: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="With --run: longest time to load.")
    ] = 600,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ask nobody: judge the samples of a --json file again."),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="[VERDICT]", help="Say what a verdict means and what to do, or list."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML, a case per probe.")
    ] = None,
    md: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Markdown, for a job's summary.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one HTML page with a plot.")
    ] = None,
    require: Annotated[
        Literal["verified", "working", "any-cache"] | None,
        typer.Option(help="What exit code 0 takes (verified where nothing else was said)."),
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="VERDICT", help="Pass with this verdict, too.")
    ] = None,
) -> None:
    """Prove that a server reuses its prefix cache, and that the answers stay right.

    Asks three questions over the prompt of a coding agent, with prompts between them that must
    miss. With --run, also what a restart leaves of it (no shell reads CMD). Exit code: 0 verified,
    1 it does not work, 3 cannot be told, 4 unreachable or died.
    """
    from llmx.cli import verify_outputs as outputs
    from llmx.core.client.target import parse_target
    from llmx.core.errors import ConfigError

    if explain is not None:
        outputs.show_explanation(explain)
        return
    files, allowed = outputs.Files(junit, md, html), outputs.verdicts_of(allow or [])
    files.check()
    if replay is not None:
        again = outputs.replay_file(replay, required=require, allowed=allowed)
        outputs.show_replay(again, as_json=as_json)
        files.write(again.result)
        raise typer.Exit(again.result.exit_code)
    if files != outputs.Files() or require is not None or allowed:
        raise ConfigError("--junit, --md, --html, --require and --allow need --replay as yet")
    target = parse_target(url or USUAL)
    if not (target.is_loopback or yes_remote):
        raise ConfigError(
            f"{target.base} is not this machine and the test costs it tens of thousands of "
            "prompt tokens; add --yes-remote if that is meant"
        )
    if command is None:
        report, probes, died = asyncio.run(_ask(url or USUAL, model, api_key, timeout)), (), None
    else:
        from llmx.cli.verify_owned import verify_owned

        seen = verify_owned(
            command,
            url,
            ready_within_s=ready_within,
            api_key=api_key,
            timeout_s=timeout,
            ask=lambda found: _ask(found, model, api_key, timeout),
        )
        report, probes, died = seen.report, seen.probes, seen.died
    code = GONE if died is not None else report.verdict.exit_code
    if code in (OK, UNSURE) and any(one.status == "fail" for one in probes):
        code = NO
    if as_json:
        shown = report.to_json() | {"exit_code": code, "probes": [one.to_json() for one in probes]}
        typer.echo(to_json(shown))
    else:
        _show(report)
        for one in probes:
            typer.echo(str(one))
    raise typer.Exit(code)


async def _ask(url: str, model: str | None, api_key: str | None, timeout_s: float) -> Report:
    from llmx.cli.waiting import Waiting
    from llmx.core.client.chat import ChatClient
    from llmx.core.verify.report import report_of
    from llmx.core.verify.three_questions import budget, run
    from llmx.core.verify.workload import agent_workload

    workload = agent_workload()
    cost = budget(workload)
    complain(
        f"about {cost.prompt_tokens:,} prompt tokens (estimated) in {cost.requests} long requests "
        "and 2 tiny ones, more only where they cost little; "
        "they may push other prompts out of the server's cache"
    )
    async with ChatClient(url, api_key, timeout_s=timeout_s) as client:
        with Waiting() as view:

            def on_step(step: Step) -> None:
                text = f"request {step.number}, {step.role}: {step.question}"
                view.stage(text, in_pipe=False)

            return report_of(await run(client, workload, model=model, on_step=on_step))


def _show(report: Report) -> None:
    screen = console()
    run = report.run
    server = " ".join(part for part in (run.server, run.version) if part) or "unknown server"
    screen.print(f"{run.url}, {server}, model {run.model or 'of its own choice'}")
    screen.print(_table(report, rich=screen.is_terminal))
    for found in report.facts.comparisons:
        if found.state not in ("equal", "different"):
            screen.print(f"{found.question}  {found.state}: {found.why}")
    screen.print(f"{report.verdict.name}", style=COLOURS[report.verdict.exit_code], end="  ")
    screen.print(report.verdict.sentence)


def _table(report: Report, *, rich: bool) -> object:
    rows = [_cells(row) for row in report.rows()]
    right = ("left", "left", "right", "right", "right", "right", "left")
    if not rich:
        from tabulate import tabulate

        return tabulate(rows, headers=HEADERS, disable_numparse=True, colalign=right)
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for header, side in zip(HEADERS, right, strict=True):
        table.add_column(header, justify="right" if side == "right" else "left")
    for cells in rows:
        table.add_row(*cells)
    return table


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.role,
        row.question,
        _count(row.prompt_tokens),
        _count(row.cached_tokens),
        ("unknown" if row.share is None else f"{row.share * 100:.1f} %") if row.is_warm else "",
        "unknown" if row.ttft_s is None else f"{row.ttft_s:.3f} s",
        (row.text or "not compared") if row.is_warm else "",
    )


def _count(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"
