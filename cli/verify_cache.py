"""`llmx test-cache`: ask, judge, show. Not named `test_cache`: pytest would collect it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli.show import complain, console, to_json

if TYPE_CHECKING:
    from llmx.core.verify.report import Report, Row
    from llmx.core.verify.three_questions import Step

DEFAULT_URL = "http://127.0.0.1:8081"
HEADERS = ("request", "question", "prompt", "cached", "share", "TTFT", "cold = warm")
COLOURS = {0: "green", 1: "red", 3: "yellow", 4: "red"}  # of the verdict, by exit code


def verify_cache(
    url: Annotated[
        str, typer.Argument(help="An OpenAI-compatible server, with or without /v1.")
    ] = DEFAULT_URL,
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
    template: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL_OR_FOLDER",
            help="Ask no server: try this model's chat template on growing conversations.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Prove that a server reuses its prefix cache, and that the answers stay right.

    Asks three questions over the prompt of a coding agent, with prompts between them that must
    miss. Exit code: 0 verified, 1 it does not work, 3 cannot be told, 4 unreachable or died.
    """
    from llmx.core.client.target import parse_target
    from llmx.core.errors import ConfigError

    if template is not None:
        from llmx.cli.verify_template import verify_template

        if url != DEFAULT_URL:
            raise ConfigError(f"--template asks no server: leave out {url}")
        raise typer.Exit(verify_template(template, as_json=as_json))
    target = parse_target(url)
    if not (target.is_loopback or yes_remote):
        raise ConfigError(
            f"{target.base} is not this machine and the test costs it tens of thousands of "
            "prompt tokens; add --yes-remote if that is meant"
        )
    report = asyncio.run(_ask(url, model, api_key, timeout))
    if as_json:
        typer.echo(to_json(report.to_json()))
    else:
        _show(report)
    raise typer.Exit(report.verdict.exit_code)


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
