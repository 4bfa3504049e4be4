"""What the commands share on their border: consoles, exit codes, one line for an error.

A result goes to stdout, everything else to stderr; neither gets colours when it is a pipe.
"""

from __future__ import annotations

import sys
from collections.abc import Set
from typing import Any

import typer

from llmx.core.errors import (
    Busy,
    ConfigError,
    LlmxError,
    RequestError,
    Unreachable,
    UnreadableTrace,
)

OK = 0
NO = 1  # verified no: failed, degraded
USAGE = 2  # usage or configuration
UNSURE = 3  # inconclusive, or not ready yet
GONE = 4  # unreachable, or the server died
INTERRUPTED = 130
PIPE_CLOSED = 141  # as a process that SIGPIPE ends: the reader left, nothing was verified


def exit_code(error: LlmxError) -> int:
    match error:
        case ConfigError() | UnreadableTrace() | RequestError():
            return USAGE
        case Unreachable():
            return GONE
        case Busy():
            return UNSURE
        case _:
            return USAGE


def complain(message: str) -> None:
    """One line on stderr, whatever line breaks the message has."""
    typer.echo(f"llmx: {' '.join(message.split())}", err=True)


def refuse(ctx: typer.Context, why: str, unused: Set[str]) -> None:
    """What would do nothing is wrong use, where it was written and is no variable or default.

    Raises `ConfigError`; `unused` are names of parameters.
    """
    written: list[str] = []
    for one in ctx.command.params:
        source = ctx.get_parameter_source(str(one.name)) if one.name in unused else None
        if source is not None and source.name == "COMMANDLINE":
            written.append(one.opts[0] if one.opts[0].startswith("-") else one.opts[0].upper())
    if written:
        raise ConfigError(f"{why}: leave out {', '.join(written)}")


def console(*, stderr: bool = False) -> Any:
    """A rich `Console` that prints text as it is: no markup, no highlighting, no wrapping."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)


def is_terminal() -> bool:
    """Whether a person looks at stderr."""
    return sys.stderr.isatty()


def to_json(report: Any) -> str:
    """A report for `--json`: readable by people, one document."""
    import json

    return json.dumps(report, indent=2, ensure_ascii=False)
