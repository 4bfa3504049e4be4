"""`llmx test-cache --run`: the server is a command that runs for the length of the test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from llmx.cli.show import complain

if TYPE_CHECKING:
    from llmx.core.supervise.launch import Exit, Launch
    from llmx.core.supervise.owned import OwnedServer
    from llmx.core.verify.probe_result import ProbeResult
    from llmx.core.verify.report import Report


DYING_S = 2.0  # from the break of a connection to the end of the process that broke it


@dataclass(frozen=True, slots=True)
class Owned:
    """What was seen of the command's server."""

    report: Report
    probes: tuple[ProbeResult, ...]
    died: Exit | None  # it ended by itself meanwhile


def verify_owned(
    command: str,
    url: str | None,
    *,
    ready_within_s: float,
    api_key: str | None,
    timeout_s: float,
    ask: Callable[[str], Awaitable[Report]],
) -> Owned:
    """Start the command, `ask` at its URL, restart it for probe R1, and end it, whatever happens.

    Raises `ConfigError` for a command that cannot be run, `Unreachable` where it does not become
    ready, and `typer.Exit` where a signal ended this process.
    """
    import asyncio

    from llmx.core.supervise.interrupts import Interrupted
    from llmx.core.supervise.launch import Launch, ServerDied, parse_command

    launch = Launch(parse_command(command), url, ready_within_s=ready_within_s)
    try:
        return asyncio.run(_verify(launch, api_key, timeout_s, ask))
    except ServerDied as error:
        _show_tail(error.end)
        raise
    except Interrupted as error:
        complain(f"{error}; the command was ended too")
        raise typer.Exit(error.exit_code) from error


async def _verify(
    launch: Launch,
    api_key: str | None,
    timeout_s: float,
    ask: Callable[[str], Awaitable[Report]],
) -> Owned:
    from llmx.cli.waiting import Waiting
    from llmx.core.supervise.interrupts import interruptible
    from llmx.core.supervise.owned import owned
    from llmx.core.supervise.process import Change

    with interruptible(), Waiting() as view:

        def on_change(change: Change) -> None:
            view.stage(f"server {change.after}: {change.evidence}")

        def on_wait(waits_for: str) -> None:
            view.stage(f"server not ready yet: {waits_for}")

        async with owned(launch, on_change=on_change, on_wait=on_wait) as server:
            url = await server.start()
            view.end_stage()
            report = await ask(url)
            probes: tuple[ProbeResult, ...] = ()
            is_gone = report.run.fault is not None and report.run.fault.kind == "gone"
            if report.run.fault is None:
                probe = await _restart(server, url, report, api_key, timeout_s, view.stage)
                probes, is_gone = (probe,), probe.evidence.get("outcome") == "gone"
            died = await server.ended_by_itself(within_s=DYING_S if is_gone else 0.0)
    if died is not None:
        complain(f"the command ended by itself with {died}")
        _show_tail(died)
    return Owned(report, probes, died)


async def _restart(
    server: OwnedServer,
    url: str,
    report: Report,
    api_key: str | None,
    timeout_s: float,
    stage: Callable[..., None],
) -> ProbeResult:
    from llmx.core.client.chat import ChatClient
    from llmx.core.verify.restart import restart_probe
    from llmx.core.verify.workload import agent_workload

    return await restart_probe(
        url,
        server.start,
        connect=lambda url: ChatClient(url, api_key, timeout_s=timeout_s),
        workload=agent_workload(),
        model=report.run.model,
        bypass={"cache": False} if report.run.has_bypass else None,
        on_step=lambda what: stage(f"probe R1: {what}", in_pipe=False),
    )


def _show_tail(end: Exit) -> None:
    for line in end.tail:
        typer.echo(f"  {line}", err=True)
