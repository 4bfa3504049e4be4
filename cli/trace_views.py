"""How `analyze-traces` shows a report: a screen, a line per request, or the story of each."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import typer

from llmx.cli.show import console
from llmx.core.analysis.breaks import content, masked, shown
from llmx.core.analysis.report import HIT_SHARE, Report, Row, Spread

CAUSES = 5
MISSES = 10  # on one screen; all of them from level 1 on
COLUMNS = ("#", "time (UTC)", "id", "prompt", "cached", "share", "ttft", "end", "server", "where")


def show(report: Report, only: Row | None, *, detail: int, as_md: bool, show_content: bool) -> None:
    """Print the report on stdout, or the story of one request."""
    if only is not None:
        _print(_story(only, show_content))
        return
    _print(_summary(report))
    if detail == 0:
        _print(_missed(report))
    if detail >= 1:
        typer.echo()
        _print(print_table(COLUMNS, [_cells(row) for row in report.rows], as_md))
    if detail == 2:
        for row in report.rows:
            typer.echo()
            _print(_story(row, show_content))


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        typer.echo(line)


# ── level 0 ───────────────────────────────────────────────────────────────────────────────────


def _summary(report: Report) -> Iterator[str]:
    models = ", ".join(map(shown, report.models)) or "unknown"
    yield f"{counted(len(report.rows), 'request')} · model {models} · {_span(report)}"
    yield "ended: " + " · ".join(f"{end} {count:,}" for end, count in report.ends)
    yield (
        f"prompt {number(report.prompt_tokens)} tokens · cached {number(report.cached_tokens)}, "
        f"{percent(report.hit_share)} of the {report.reported:,} requests that reported both"
        + (f" and wanted a cache ({report.bypassed:,} did not)" if report.bypassed else "")
    )
    achieved = "unknown" if report.achieved is None else f"{report.achieved:.2f}"
    yield (
        f"possible {percent(report.ideal_share)} (estimated: a cache without limits) · "
        f"cached / possible {achieved}"
    )
    yield (
        f"hits {report.hits:,} · misses {report.misses:,} "
        f"(a hit had at least {HIT_SHARE:.0%} of its prompt cached)"
    )
    yield f"time to first token: hits {_times(report.hit_ttft_s)}"
    yield f"                     misses {_times(report.miss_ttft_s)}"
    if report.causes:
        yield "most lost (tokens are estimated):"
    for cause in report.causes[:CAUSES]:
        requests, tokens = counted(cause.requests, "request"), number(cause.tokens)
        yield f"  {cause.side}: {cause.cause} · {requests} · {tokens} tokens"


def _missed(report: Report) -> Iterator[str]:
    """Where the prompts of the costliest misses first differed, in the order of time."""
    misses = [row for row in report.rows if row.is_hit is False]
    costly = sorted(misses, key=lambda row: (row.prompt or 0) - (row.cached or 0), reverse=True)
    chosen = sorted(costly[:MISSES], key=lambda row: row.number)
    if chosen:
        yield "misses, and where their prompts first differed:"
    for row in chosen:
        yield f"  {row.number} {shown(row.record.id)} · {where(row)}"
    if len(misses) > len(chosen):
        yield f"  and {len(misses) - len(chosen):,} more: --detail 1"


def _span(report: Report) -> str:
    if report.first_t0 is None or report.last_t0 is None:
        return "times unknown"
    return f"{duration(report.last_t0 - report.first_t0)} from {moment(report.first_t0)} UTC"


def _times(spread: Spread) -> str:
    if not spread.count:
        return "unknown"
    return f"p50 {seconds(spread.p50)} · p90 {seconds(spread.p90)} ({spread.count:,} measured)"


# ── level 1 ───────────────────────────────────────────────────────────────────────────────────


def _cells(row: Row) -> list[str]:
    cache = row.record.server.cache
    said = [] if cache is None else [text for text in (cache.reason, cache.part) if text]
    return [
        str(row.number),
        moment(row.record.t0),
        shown(row.record.id),
        number(row.prompt),
        number(row.cached),
        percent(row.share),
        seconds(row.ttft_s),
        row.end,
        shown(", ".join(said)) or "-",
        where(row) if row.is_hit is False else "-",
    ]


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], as_md: bool
) -> Iterator[str]:
    """The lines of a table: on a terminal as it fits there, in a pipe plain, or as Markdown."""
    if sys.stdout.isatty() and not as_md:
        from rich.table import Table

        table = Table(*columns, box=None, header_style="bold")
        for row in rows:
            table.add_row(*row)
        screen = console()
        with screen.capture() as captured:
            screen.print(table, soft_wrap=False)
        yield from captured.get().splitlines()
        return
    from tabulate import tabulate

    style = "github" if as_md else "plain"
    yield from tabulate(rows, columns, tablefmt=style, disable_numparse=True).splitlines()


def where(row: Row) -> str:
    return "unknown" if row.where is None else shown(row.where)


# ── level 2 ───────────────────────────────────────────────────────────────────────────────────


def _story(row: Row, show_content: bool) -> Iterator[str]:
    record = row.record
    model = "unknown" if record.model is None else shown(record.model)
    yield f"request {row.number} · {shown(record.id)} · {moment(record.t0)} UTC"
    yield f"  asked: {record.api} · model {model} · {stream(record.stream)}"
    yield f"  ended: {row.end} · status {number(record.status)}"
    if record.res.error is not None:
        code = f" ({record.res.error.code})" if record.res.error.code else ""
        yield f"  error: {shown(record.res.error.message + code)}"
    yield f"  tokens: {_tokens(row)}"
    yield f"  server: {_account(row)}"
    yield f"  times: {_timings(row)}"
    yield from _change(row, show_content)
    yield from _segments(row)


def _tokens(row: Row) -> str:
    usage = row.record.usage
    verdict = {True: ", a hit", False: ", a miss", None: ""}[row.is_hit]
    return (
        f"prompt {number(row.prompt)} · cached {number(row.cached)} ({percent(row.share)}{verdict})"
        f" · written {number(usage.written)} · answer {number(usage.out)}"
        f" · possible {number(row.ideal)} (estimated)"
    )


def _account(row: Row) -> str:
    cache = row.record.server.cache
    if cache is None:
        return "says nothing of its cache"
    reason = cache.reason or "only new tokens were left"
    part = f", the match ended in {cache.part}" if cache.part else ""
    return shown(f"matched {number(cache.matched)} tokens{part}; {reason}")


def _timings(row: Row) -> str:
    server = row.record.server
    return (
        f"first token {seconds(row.ttft_s)} · end {seconds(row.total_s)}"
        f" · template {seconds(server.prepare_s)} · queue {seconds(server.queue_s)}"
        f" · prefill {seconds(server.prefill_s)}"
    )


def _change(row: Row, show_content: bool) -> Iterator[str]:
    change = row.change
    if change is None:
        yield "  first differed: unknown, its prompt was not recorded or never reached the cache"
        return
    before = row.predecessor
    if before is not None:
        yield f"  nearest predecessor: request {before.number} · {shown(before.id)}"
    cause = {"extended": "only its end is new", "broken": f"cause: {change.cause}"}
    told = f" · {cause[change.kind]}" if change.kind in cause else ""
    yield f"  first differed: {where(row)}{told}"
    if change.ours or change.theirs:
        text = content if show_content else masked
        yield f"    here:   {text(change.ours)}"
        yield f"    before: {text(change.theirs)}"
    for lost in row.lost:
        yield f"  lost: {number(lost.tokens)} tokens (estimated) · {lost.side}: {lost.cause}"


def _segments(row: Row) -> Iterator[str]:
    prompt = row.segments
    if prompt is None:
        return
    yield f"  prompt: {prompt.nbytes:,} bytes in {len(prompt.segments)} segments"
    for index, segment in enumerate(prompt.segments):
        yield f"    {len(segment.data):>9,} B  {shown(prompt.label(index))}"


# ── values ────────────────────────────────────────────────────────────────────────────────────


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"


def seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f} s"


def duration(value: float) -> str:
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def stream(value: bool | None) -> str:
    return {True: "streamed", False: "not streamed", None: "streamed or not: unknown"}[value]


def moment(t0: float | None) -> str:
    """Date and time in UTC; unknown where no calendar has the value."""
    if t0 is None:
        return "unknown"
    try:
        return datetime.fromtimestamp(t0, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "unknown"
