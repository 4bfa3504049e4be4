"""A bound socket and an application to a running HTTP server, and back to an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

import psutil
import uvicorn
from starlette.types import ASGIApp

from llmx.core.errors import ConfigError

T = TypeVar("T")

MAX_FRAME_BYTES = 32 * 1024 * 1024  # of a WebSocket's message: as of a body over HTTP
GRACE_S = 10  # for answers that are under way when the server is told to end


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes any free one.

    Raises `ConfigError` that names host, port and, where the system tells it, who has the port.
    """
    if not 0 <= port <= 65535:  # the system would take it modulo 65536
        raise ConfigError(f"The port {port} does not exist; it must be from 0 to 65535.")
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:  # UnicodeError: a label of the name is too long
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"The host {host!r} is no address of this machine: {why}.") from error
    sock = socket.socket(family, kind, proto)
    try:
        if sys.platform != "win32":  # there the option would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen()
    except OSError as error:
        sock.close()
        raise ConfigError(_why_not_bound(host, port, error)) from error
    return sock


async def serve(
    app: ASGIApp,
    sock: socket.socket,
    *,
    on_ready: Callable[[], object] | None = None,
    on_waiting: Callable[[int, int], object] | None = None,
    grace_s: int = GRACE_S,
) -> signal.Signals | None:
    """Serve until a signal asks for the end; that signal (None: `app` ended the server).

    Closes the socket. Answers under way have `grace_s` seconds; what still runs then, or at a
    second signal, is cancelled, and has ended when this returns. `on_ready` is called once
    requests are taken, `on_waiting` with the number of answers and the seconds where a signal
    leaves some to wait for. Signals are handled on the main thread only.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        # Our middleware logs what a request can cause; uvicorn would add a traceback for every
        # request that is cancelled when the server ends.
        log_level="critical",
        lifespan="off",
        server_header=False,
        ws_max_size=MAX_FRAME_BYTES,
        timeout_graceful_shutdown=grace_s,
    )
    server = _Server(config, on_ready, on_waiting)
    await server.serve(sockets=[sock])
    tasks = list(server.server_state.tasks)
    for task in tasks:  # what the grace did not suffice for, or nobody wants to wait for
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return server.ended_by


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on the fastest loop that is installed."""
    factory = uvicorn.Config(app="", log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


class _Server(uvicorn.Server):
    """uvicorn's, with a call when it is ready, and without raising the signal anew at the end."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], object] | None,
        on_waiting: Callable[[int, int], object] | None,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_waiting = on_waiting
        self.ended_by: signal.Signals | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self._on_ready is not None:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        under_way, grace_s = len(self.server_state.tasks), self.config.timeout_graceful_shutdown
        if self._on_waiting is not None and under_way and grace_s and not self.force_exit:
            self._on_waiting(under_way, grace_s)
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.ended_by is not None:
            self.force_exit = True
        self.ended_by = self.ended_by or signal.Signals(sig)
        self.should_exit = True


_API_KEY = re.compile(r"(--api-key[= ])\S+")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def _why_not_bound(host: str, port: int, error: OSError) -> str:
    place = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        owner = _owner(port)
        by = f" by {owner}" if owner else ""
        return f"{place} is in use{by}; end that, or choose another port with --port."
    if error.errno == errno.EACCES:
        return f"{place} is not allowed to this user; choose a port above 1023 with --port."
    return f"{place} cannot be listened on: {error.strerror or error}."


def _owner(port: int) -> str | None:
    """`pid 4711 (python -m http.server)`, as far as this user may know."""
    try:
        pids = [
            one.pid
            for one in psutil.net_connections(kind="tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port
        ]
    except psutil.Error:  # macOS tells it to root only
        return None
    pid = next((one for one in pids if one is not None), None)
    if pid is None:  # another user's process
        return None
    try:
        command = " ".join(psutil.Process(pid).cmdline())
        shown = _API_KEY.sub(r"\1***", command)[:120]
        return f"pid {pid} ({shown})"
    except psutil.Error:
        return f"pid {pid}"
