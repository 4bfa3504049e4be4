"""Who listens where: sockets in LISTEN state, of some processes or of the whole machine.

As far as this user may know: Linux hides the process behind a socket of another user, macOS the
socket as well.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

from llmx.core.client.target import Target

CONNECT_S = 2.0  # to this machine itself


@dataclass(frozen=True, slots=True)
class Listener:
    pid: int | None  # None: a process that this user may not see
    host: str  # an IP address
    port: int

    @property
    def url(self) -> str:
        """At which a client of this machine reaches it."""
        address = ipaddress.ip_address(self.host)
        if address.is_unspecified:
            return f"http://{'127.0.0.1' if address.version == 4 else '[::1]'}:{self.port}"
        return f"http://{address if address.version == 4 else f'[{address}]'}:{self.port}"

    def takes(self, target: Target) -> bool:
        """Whether a connection to `target`, a place on this machine, can end here."""
        return self.port == target.port and any(
            _reaches(self.host, address) for address in _addresses(target.host)
        )


def listeners_of(processes: Iterable[psutil.Process]) -> tuple[Listener, ...]:
    return tuple(one for process in processes for one in _of(process))


def listeners_at(target: Target) -> tuple[Listener, ...]:
    """All on this machine that a connection to `target` can end at."""
    try:
        found = tuple(_listening(psutil.net_connections(kind="tcp")))
    except psutil.AccessDenied:  # macOS tells it to root only; each process of this user it tells
        found = listeners_of(psutil.process_iter())
    return tuple(one for one in found if one.takes(target))


async def is_answered(target: Target) -> bool:
    """Whether anybody accepts a connection there."""
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(target.host, target.port)
    except TimeoutError:  # the backlog of somebody who takes no connection from it is full
        return True
    except OSError:
        return False
    writer.close()
    with suppress(OSError):  # it accepted and broke off
        await writer.wait_closed()
    return True


def _of(process: psutil.Process) -> Iterator[Listener]:
    try:
        found = process.net_connections(kind="tcp")
    except psutil.Error:  # it has ended, or is not this user's
        return
    for one in found:
        if one.status == psutil.CONN_LISTEN and one.laddr:
            yield Listener(process.pid, one.laddr.ip, one.laddr.port)


def _listening(connections: Iterable[Any]) -> Iterator[Listener]:
    for one in connections:
        if one.status == psutil.CONN_LISTEN and one.laddr:
            yield Listener(one.pid, one.laddr.ip, one.laddr.port)


def _addresses(host: str) -> Collection[str]:
    if host == "localhost" or host.endswith(".localhost"):
        return ("127.0.0.1", "::1")
    return (host,)


def _reaches(bound: str, asked: str) -> bool:
    """Whether a socket bound to one address gets connections to another of this machine."""
    try:
        here, there = _ip(bound), _ip(asked)
    except ValueError:  # a name that is not localhost
        return True
    if here == there or (there.is_unspecified and here.version == there.version):
        return True
    return here.is_unspecified and here.version >= there.version  # [::] takes both as a rule


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
