"""Answers while the model loads: 503 with `retry-after`, so that nobody takes it for hung.

The waiting room has a thread and an event loop of its own, on a copy of the listening socket. When
it closes, connections that come wait in the socket for the server that follows.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import msgspec
import uvicorn
from starlette.types import Receive, Scope, Send

from llmx.core.errors import NotReady
from llmx.core.server.asgi import Reply
from llmx.core.wire.errors import api_error, for_path

RETRY_AFTER_S = 2
WHY = "llmx is still loading its model."


@contextmanager
def waiting_room(sock: socket.socket) -> Iterator[None]:
    """Answers on this socket for the length of the `with`, and leaves it open.

    After it no new connection comes to the room; an answer that it still writes has a second more.
    """
    room = _Room(sock.dup())
    thread = threading.Thread(target=room.run, name="llmx-waiting-room", daemon=True)
    thread.start()
    room.opened.wait()
    try:
        yield
    finally:
        room.close()


async def say_loading(scope: Scope, receive: Receive, send: Send) -> None:
    """The whole application: one answer for every path, `/health` in its own form."""
    if scope["type"] == "websocket":
        return await send({"type": "websocket.close", "code": 1013})  # try again later
    await _drain(receive)  # a connection closed on unread bytes is reset, its answer lost
    loading = api_error(NotReady(WHY, retry_after_s=RETRY_AFTER_S))
    error = for_path(loading, scope["path"], None)  # no request has an id yet
    body = error.json()
    if scope["path"] == "/health":
        engine = {"state": "loading"}
        health = {"status": "loading", "server": "llmx", "version": version("llmx")}
        body = msgspec.json.encode({**health, "engine": engine})
    # The connection belongs to this room, which may close before the next request on it.
    headers = {**error.headers, "connection": "close"}
    await Reply(send).whole(error.status, body, headers)


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


class _Room(uvicorn.Server):
    def __init__(self, sock: socket.socket) -> None:
        config = uvicorn.Config(
            say_loading, access_log=False, log_config=None, log_level="critical", lifespan="off",
            server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        super().__init__(config)
        self.opened = threading.Event()  # also where it never opened
        self._left = threading.Event()
        self._sock = sock
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
                runner.run(self.serve(sockets=[self._sock]))
        finally:
            self.opened.set()
            self._left.set()

    def close(self) -> None:
        """From another thread. Returns once no further connection is accepted."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._is_over.set)
        self._left.wait()

    async def main_loop(self) -> None:
        self._loop, self._is_over = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)  # the date header
        self.opened.set()
        await self._is_over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self._left.set()
        await super().shutdown(sockets=sockets)
