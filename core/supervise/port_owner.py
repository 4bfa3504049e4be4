"""Which process of this machine listens on a port."""

from __future__ import annotations

import re
from dataclasses import dataclass

import psutil

SHOWN = 120  # characters of a command line
API_KEY = re.compile(r"(--api-key[= ])\S+")  # a report may end up in a log that others read


@dataclass(frozen=True, slots=True)
class Owner:
    pid: int
    command: str | None  # None: this user may not know

    def __str__(self) -> str:
        return f"pid {self.pid}" + (f" ({self.command})" if self.command else "")


def owner_of(port: int) -> Owner | None:
    """None: nobody here, or this user may not know (macOS tells it to root only)."""
    try:
        listening = [
            one.pid
            for one in psutil.net_connections(kind="tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
        ]
    except psutil.Error:
        return None
    pid = next((pid for pid in listening if pid is not None), None)
    return described(pid) if pid is not None else None


def described(pid: int) -> Owner:
    try:
        return Owner(pid, shown(" ".join(psutil.Process(pid).cmdline())) or None)
    except psutil.Error:
        return Owner(pid, None)


def shown(command: str) -> str:
    """A command line as it may be shown: not all of it, and no API key."""
    return API_KEY.sub(r"\1***", command)[:SHOWN]
