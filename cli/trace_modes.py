"""The ways of `analyze-traces` that are no single report: two traces, and a trace sent again."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from llmx.cli.show import NO, OK, UNSURE, complain, is_terminal, to_json
from llmx.cli.trace_gates import refused_as_strict
from llmx.cli.trace_reading import say_what_was_read
from llmx.cli.trace_views_compare import show_comparison, show_replay

if TYPE_CHECKING:
    from llmx.cli.trace_gates import Gates
    from llmx.core.analysis.follow import Look
    from llmx.core.analysis.replay_to import Replay
    from llmx.core.analysis.report import Report
    from llmx.core.trace.reader import Reading

PROGRESS = 10  # requests between two lines of progress in a pipe


def compare_traces(
    before: Path, after: Path, *, as_json: bool, as_md: bool, strict: bool = False
) -> int:
    """Exit code: 0 not worse, 1 worse, 3 cannot be told; 2 with `strict` where lines were
    skipped."""
    from llmx.core.analysis.compare import compare
    from llmx.core.analysis.export import read_json
    from llmx.core.analysis.provenance import was_read
    from llmx.core.analysis.report import analyze
    from llmx.core.trace.reader import Reading

    readings = {"before": Reading(before), "after": Reading(after)}
    found = compare(*map(analyze, readings.values()))
    if as_json:
        read = {name: read_json(was_read(reading)) for name, reading in readings.items()}
        typer.echo(to_json(found.to_json() | {"read": read}))
    else:
        for line in show_comparison(found, as_md=as_md):
            typer.echo(line)
    for name, reading in readings.items():
        say_what_was_read(reading, name)
    if strict and any(reading.skipped for reading in readings.values()):
        return refused_as_strict()
    match found.verdict:
        case "unknown":
            return UNSURE
        case "worse":
            return NO
        case _:
            return OK


def follow_trace(path: Path, gates: Gates, *, for_s: float | None, as_json: bool) -> int:
    """A line per request as it is written, until Ctrl-C or for so long; then a summary on stderr.

    Exit code: 0, or 1 where a rule of `gates` fired on what is there in the end.
    """
    from llmx.core.analysis.follow import EVERY_S, Follower
    from llmx.core.errors import ConfigError
    from llmx.core.trace.reader import Reading

    if str(path) == "-":
        raise ConfigError("--follow reads a file or folder again and again, no stream")
    readings: list[Reading] = []  # the last one alone

    def read(path: Path) -> Reading:
        readings[:] = [Reading(path)]
        return readings[0]

    follower = Follower(path, read)
    end = None if for_s is None else time.monotonic() + for_s
    report: Report | None = None
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        while True:
            look = follower.look()
            if look is not None:
                report = look.report
                _show_look(look, as_json=as_json)
            if end is not None and time.monotonic() >= end:
                break
            left = EVERY_S if end is None else min(EVERY_S, end - time.monotonic())
            time.sleep(max(0.0, left))
    if report is None:
        complain(f"nothing was written to {path}")
        return gates.nothing_read()
    for reading in readings:
        say_what_was_read(reading)
    return gates.exit_code(report, has_skipped=any(reading.skipped for reading in readings))


def _show_look(look: Look, *, as_json: bool) -> None:
    import json

    from llmx.core.analysis.export import row_json
    from llmx.core.analysis.reports.follow import row_line, total_line

    for row in look.new:
        typer.echo(json.dumps(row_json(row), ensure_ascii=False) if as_json else row_line(row))
    sys.stdout.flush()
    if is_terminal():
        complain(total_line(look.report))


@dataclass(frozen=True, slots=True)
class Resending:
    """What `--replay-to` is asked for."""

    url: str
    limit: int
    model: str | None
    api_key: str | None
    timeout_s: float
    same_spacing: bool
    yes_remote: bool

    def check(self) -> None:
        """Raises `ConfigError` where the trace would leave this machine unasked."""
        from llmx.core.client.target import parse_target
        from llmx.core.errors import ConfigError

        target = parse_target(self.url)
        if not (target.is_loopback or self.yes_remote):
            raise ConfigError(
                f"--replay-to: {target.base} is not this machine, and the trace holds whole "
                "prompts; add --yes-remote if that is meant"
            )


@dataclass(frozen=True, slots=True)
class Shape:
    """How a replay is shown; `rows`: with a line per request."""

    as_json: bool
    as_md: bool
    rows: bool


def replay_trace(path: Path, wanted: Resending, shape: Shape, *, strict: bool = False) -> int:
    """Exit code: 0 as it was, 1 not, 3 nothing could be compared; 2 with `strict` where lines were
    skipped."""
    from llmx.core.analysis.export import read_json
    from llmx.core.analysis.provenance import was_read
    from llmx.core.analysis.replay_to import Replay
    from llmx.core.trace.reader import Reading

    wanted.check()
    replay, reading = Replay(), Reading(path)
    asyncio.run(_send(reading, wanted, replay))
    if shape.as_json:
        typer.echo(to_json(replay.to_json() | {"read": read_json(was_read(reading))}))
    else:
        for line in show_replay(replay, as_md=shape.as_md, rows=shape.rows):
            typer.echo(line)
    say_what_was_read(reading)
    if strict and reading.skipped:
        return refused_as_strict()
    match replay.is_as_before:
        case True:
            return OK
        case False:
            return NO
        case None:
            return UNSURE


async def _send(reading: Reading, wanted: Resending, replay: Replay) -> None:
    from llmx.core.analysis.replay_to import replay_to
    from llmx.core.client.chat import ChatClient

    async with ChatClient(wanted.url, wanted.api_key, timeout_s=wanted.timeout_s) as client:
        sending = replay_to(
            reading,
            client,
            replay=replay,
            limit=wanted.limit,
            model=wanted.model,
            same_spacing=wanted.same_spacing,
        )
        async for sent in sending:
            if is_terminal() or sent.number % PROGRESS == 0:
                complain(f"sent {sent.number:,}: {sent.error or 'answered'}")
