"""`llmx health`: is a server able to answer, right now, and if not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli.show import console, to_json

if TYPE_CHECKING:
    from llmx.core.supervise.health import HealthReport

COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red", "SKIP": "dim", "UNKNOWN": "dim"}
GOOD, BAD = "green", "red"


def health(
    url: Annotated[
        str, typer.Argument(help="An OpenAI-compatible server, with or without /v1.")
    ] = "http://127.0.0.1:8081",
    deadline: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="Longest wait for one token.")
    ] = 10,
    wait: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Ask again until it is ready, so long."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model to ask, where the server has several.")
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="LLMX_API_KEY", help="Key to send to the server.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Ask a server for one real token, and say what stands in its way.

    Exit code: 0 healthy, 1 degraded, 3 not ready yet, 4 unreachable, 5 hung.
    """
    import asyncio

    report = asyncio.run(_check(url, deadline, wait, model, api_key))
    if as_json:
        typer.echo(to_json(report.to_json()))
    else:
        _show(report)
    raise typer.Exit(report.exit_code)


async def _check(
    url: str, deadline_s: float, wait_s: float | None, model: str | None, api_key: str | None
) -> HealthReport:
    from llmx.cli.waiting import Waiting
    from llmx.core.supervise.health import check, wait_until_ready

    with Waiting() as view:
        view.stage(f"asking {url}", in_pipe=False)
        if wait_s is None:
            return await check(url, deadline_s=deadline_s, api_key=api_key, model=model)
        return await wait_until_ready(
            url, limit_s=wait_s, deadline_s=deadline_s, api_key=api_key, model=model
        )


def _show(report: HealthReport) -> None:
    screen = console()
    server = report.server
    known = [part for part in (server.kind, server.version) if part] if server else []
    screen.print(f"{report.url}, {' '.join(known) or 'unknown server'}")
    for layer in report.layers:
        screen.print(f"  {layer.state:<8}", style=COLOURS[layer.state], end="")
        screen.print(f"{layer.name:<10} {layer.evidence}")
        if layer.fix is not None:
            screen.print(f"{'':<21}▸ {layer.fix}")
    screen.print(report.sentence, style=GOOD if report.exit_code == 0 else BAD)
