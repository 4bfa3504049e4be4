"""What to run as a server, how it can end, and how that is told."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmx.core.errors import ConfigError, LlmxError, Unreachable
from llmx.core.supervise.port_owner import Owner, shown

TAIL = 20  # lines of output that an end keeps
TOLD = 3  # of them in a message of one line


@dataclass(frozen=True, slots=True)
class Launch:
    """A command, and how patient to be with it."""

    argv: tuple[str, ...]  # a program and its arguments; no shell reads them
    url: str | None = None  # where it will answer; None: where it is seen to listen
    ready_within_s: float = 600.0  # large weights on a slow disk take minutes
    grace_s: float = 15.0  # from SIGTERM to SIGKILL; llmx serve takes 10 for answers under way
    environ: Mapping[str, str] | None = None  # None: as this process has it
    folder: Path | None = None  # to run in; None: this process's
    log: Path | None = None  # for all that it writes

    def __str__(self) -> str:
        return shown(shlex.join(self.argv))


def parse_command(text: str) -> tuple[str, ...]:
    """The words of a command as a shell would split them. Raises `ConfigError`."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ConfigError(f"the command {text!r} cannot be split: {error}") from error
    if not words or not words[0]:
        raise ConfigError(f"the command {text!r} names no program")
    return words


@dataclass(frozen=True, slots=True)
class Exit:
    """How one run of a command ended. Nothing of it is left."""

    returncode: int  # negative: the number of the signal that ended it
    was_asked: bool  # False: it ended by itself, before it was told to
    was_killed: bool  # the grace did not suffice for it, or for a process that it started
    outlived_by: int  # processes that were there when it had ended by itself; they are ended too
    held_by: Owner | None  # who listens on a port of it now; its own processes do not
    tail: tuple[str, ...]  # the last lines that it wrote

    def __str__(self) -> str:
        how = f"exit code {self.returncode}"
        if self.returncode < 0:
            how = f"signal {_signal_name(-self.returncode)}"
        if self.outlived_by:
            how += (
                f" (and left {self.outlived_by} processes behind, which were ended too; "
                "a command must stay in the foreground)"
            )
        return how + (f"; its port is held by {self.held_by}" if self.held_by else "")

    @property
    def last_words(self) -> str:
        if not self.tail:
            return "it wrote nothing"
        return "its last words: " + " | ".join(self.tail[-TOLD:])


class ServerDied(Unreachable):
    """The command ended before it was ready, or while it was needed."""

    def __init__(self, launch: Launch, end: Exit) -> None:
        super().__init__(f"{launch} ended with {end}; {end.last_words}")
        self.end = end


class NotReadyInTime(Unreachable):
    """The command runs, and does not take requests within its time."""

    def __init__(self, launch: Launch, waits_for: str, tail: tuple[str, ...]) -> None:
        words = f"; its last words: {' | '.join(tail[-TOLD:])}" if tail else ""
        limit = f"{launch.ready_within_s:g} s"
        super().__init__(f"{launch} was not ready within {limit}: {waits_for}{words}")
        self.tail = tail


class PortTaken(ConfigError):
    """A process that is not ours answers where the command should; it is left alone."""

    def __init__(self, place: str, owner: Owner | None) -> None:
        who = owner or "a process that this user may not see"
        super().__init__(
            f"{place} is held by {who}, not by the command; end it, or give another port"
        )
        self.owner = owner


class NotEnded(LlmxError):
    """Processes of the command are there after SIGKILL."""

    def __init__(self, launch: Launch, pids: tuple[int, ...]) -> None:
        listed = ", ".join(map(str, pids))
        super().__init__(f"{launch} does not end, not even by SIGKILL; left are pid {listed}")
        self.pids = pids


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return str(number)
