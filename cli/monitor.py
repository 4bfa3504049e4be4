"""`llmx monitor`: what a server does, live."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli.show import console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.panel import Panel

    from llmx.core.supervise.watch import Snapshot

UNKNOWN = "unknown"
BAR = 30  # characters
COLOURS = {
    "ready": "green",
    "busy": "green",
    "up": "green",
    "loading": "yellow",
    "silent": "red",
    "failed": "red",
    "error": "red",
    "unreachable": "red",
}

app = typer.Typer(help="Show what a server does. Ends and starts nothing.", no_args_is_help=True)


@app.callback()
def _monitor() -> None:
    pass


@app.command("watch")
def watch(
    url: Annotated[
        str, typer.Argument(help="An OpenAI-compatible server, with or without /v1.")
    ] = "http://127.0.0.1:8081",
    interval: Annotated[
        float, typer.Option(min=0.05, metavar="SECONDS", help="Time between two looks.")
    ] = 1,
    for_s: Annotated[
        float | None,
        typer.Option("--for", min=0, metavar="SECONDS", help="End after this time."),
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="LLMX_API_KEY", help="Key to send to the server.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per line and look.")
    ] = False,
) -> None:
    """Watch the state, counters and cache of a server until Ctrl-C.

    In a pipe: one plain line per look. Exit code: 0 ended as asked, 4 nobody ever answered.
    """
    import asyncio

    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        asyncio.run(_watch(url, interval, for_s, api_key, as_json))


async def _watch(
    url: str, interval_s: float, for_s: float | None, api_key: str | None, as_json: bool
) -> None:
    from llmx.core.supervise.watch import watch as snapshots

    screen = console()
    seen = snapshots(url, interval_s=interval_s, for_s=for_s, api_key=api_key)
    with contextlib.ExitStack() as stack:
        show = _show_json if as_json else _show_line
        if screen.is_terminal and not as_json:
            show = _live(stack, screen, url)
        async with contextlib.aclosing(seen):
            async for snapshot in seen:
                show(snapshot)


def _show_json(snapshot: Snapshot) -> None:
    import json

    typer.echo(json.dumps(snapshot.to_json(), ensure_ascii=False))


def _show_line(snapshot: Snapshot) -> None:
    typer.echo(line(snapshot))


def _live(stack: contextlib.ExitStack, screen: Console, url: str) -> Callable[[Snapshot], None]:
    from rich.live import Live

    live = stack.enter_context(Live(console=screen, auto_refresh=False))
    return lambda snapshot: live.update(panel(url, snapshot), refresh=True)


def line(snapshot: Snapshot) -> str:
    """A snapshot for a log."""
    engine, rates = snapshot.engine, snapshot.rates
    parts = [
        _clock(snapshot.at),
        f"{snapshot.state:<11}",
        f"running {_count(engine.running)}",
        f"queued {_count(engine.queued)}",
        f"prompt {_rate(rates.prompt_tokens_per_s)}",
        f"completion {_rate(rates.completion_tokens_per_s)}",
        f"steps {_rate(rates.steps_per_s, 'steps')}",
        f"hits {_percent(rates.hit_rate)} of all {_percent(snapshot.hit_rate)}",
        f"cache {_cache(snapshot)}",
    ]
    if snapshot.is_change:
        parts.append(snapshot.transitions[-1].evidence)
    return "  ".join(parts)


def panel(url: str, snapshot: Snapshot) -> Panel:
    """A snapshot for a terminal."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    engine, cache, rates = snapshot.engine, snapshot.cache, snapshot.rates
    state = Text(f"{snapshot.state}", style=COLOURS[snapshot.state])
    state.append(f"  {snapshot.evidence}", style="default")
    table = Table.grid(padding=(0, 2))
    table.add_row("state", state)
    table.add_row("requests", f"{_count(engine.running)} running, {_count(engine.queued)} queued")
    if snapshot.no_progress_s:
        table.add_row("", f"no step for {snapshot.no_progress_s:.0f} s")
    table.add_row("steps", _total(engine.steps, _rate(rates.steps_per_s, "steps")))
    table.add_row("prompt", _total(engine.prompt_tokens, _rate(rates.prompt_tokens_per_s)))
    table.add_row(
        "completion",
        _total(engine.completion_tokens, _rate(rates.completion_tokens_per_s)),
    )
    latest = _percent(rates.hit_rate)
    table.add_row("hit rate", f"{latest} now, {_percent(snapshot.hit_rate)} since the start")
    table.add_row("cache", Text(f"{_bar(snapshot.cache_share)}{_cache(snapshot)}"))
    table.add_row("evicted", f"{_count(cache.evicted_tokens)} tokens")
    for change in snapshot.transitions:
        table.add_row(_clock(change.at), Text(f"{change.after}  {change.evidence}", style="dim"))
    return Panel(Group(table), title=Text(url), subtitle=_uptime(snapshot), expand=False)


def _total(total: int | None, rate: str) -> str:
    return f"{_count(total)} in all, {rate}"


def _uptime(snapshot: Snapshot) -> str:
    uptime_s = snapshot.engine.uptime_s
    return "up for an unknown time" if uptime_s is None else f"up for {uptime_s:,.0f} s"


def _bar(share: float | None) -> str:
    if share is None:
        return ""
    full = round(min(share, 1.0) * BAR)
    return "█" * full + "░" * (BAR - full) + "  "


def _cache(snapshot: Snapshot) -> str:
    from llmx.core.sizes import format_bytes

    cache = snapshot.cache
    if cache.enabled is False:
        return "off"
    stored, budget = (
        UNKNOWN if size is None else format_bytes(size)
        for size in (cache.stored_bytes, cache.budget_bytes)
    )
    return f"{stored} of {budget}"


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _rate(value: float | None, unit: str = "tok") -> str:
    return UNKNOWN if value is None else f"{value:,.1f} {unit}/s"


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share * 100:.1f} %"
