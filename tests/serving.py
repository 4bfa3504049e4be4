"""Any ASGI application on a real socket, in a thread, for the length of a `with`."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

DEADLINE_S = 20.0


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """The base URL, `http://127.0.0.1:PORT`. At the end, requests still under way are cancelled."""
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="auto", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    thread = threading.Thread(target=_serve, args=(server, sock), name="serving", daemon=True)
    thread.start()
    assert server.is_ready.wait(DEADLINE_S), "the server did not start"
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.stop()
        thread.join(DEADLINE_S)
    assert not thread.is_alive(), "the server did not end"


def eventually(is_true: Callable[[], object]) -> None:
    """Return once the condition holds; fail the test if that takes very long."""
    pause = threading.Event()
    for _ in range(int(DEADLINE_S / 0.01)):
        if is_true():
            return
        pause.wait(0.01)
    raise AssertionError("the condition never became true")


class _Server(uvicorn.Server):
    """Tells another thread that it is ready, and ends at once when that one says so."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._is_over.set)

    async def main_loop(self) -> None:
        self._loop, self._is_over = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self.is_ready.set()
        await self._is_over.wait()


def _serve(server: uvicorn.Server, sock: socket.socket) -> None:
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[sock]))
