"""The processes that one command started, wherever they put themselves.

The command leads a session and a process group of its own, and its environment has a mark that all
its descendants inherit: one that made itself a daemon, with a session of its own, is found by it.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

MARK = "SUPERVISED_BY_LLMX"  # a variable: marks joined by colons, the innermost last


def marked(environ: Mapping[str, str], mark: str) -> dict[str, str]:
    """The environment for a process of this family; marks of outer families stay."""
    outer = environ.get(MARK)
    return {**environ, MARK: f"{outer}:{mark}" if outer else mark}


def fresh_mark() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Family:
    """Valid until the leader is reaped: its number could be another's group from then on."""

    leader: int  # the pid of the command; also the number of its group and of its session
    mark: str

    @property
    def leader_has_ended(self) -> bool:
        """It stays a zombie, which holds its number, until its parent reaps it."""
        try:
            return _is_over(psutil.Process(self.leader))
        except psutil.NoSuchProcess:
            return True

    def alive(self) -> tuple[psutil.Process, ...]:
        """All that run or are stopped; no zombies."""
        found = (one for one in psutil.process_iter() if self._holds(one))
        return tuple(one for one in found if not _is_over(one))

    def signal(self, *signals: signal.Signals) -> None:
        """To the group at once, and to each member outside of it."""
        outside = [one for one in self.alive() if _group(one.pid) != self.leader]
        for number in signals:
            with suppress(ProcessLookupError, PermissionError):  # macOS: only zombies are left
                os.killpg(self.leader, number)
            for process in outside:
                with suppress(psutil.Error):  # it has ended
                    process.send_signal(number)

    def _holds(self, process: psutil.Process) -> bool:
        if process.pid in (0, os.getpid()):  # 0 is the kernel, and would mean this process
            return False
        return self.leader in (_group(process.pid), _session(process.pid)) or self._marks(process)

    def _marks(self, process: psutil.Process) -> bool:
        try:
            return self.mark in process.environ().get(MARK, "").split(":")
        except (psutil.Error, OSError):  # another user's, or it has ended
            return False


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _is_over(process: psutil.Process) -> bool:
    try:
        return process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
