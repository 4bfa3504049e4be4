"""Reading a request and writing an answer on the bare ASGI channels.

Starlette's `Request` and `StreamingResponse` are not used for generations: whether the client is
still there has to be known while it waits in the queue, too, and in answers that do not stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping

from starlette.types import Receive, Scope, Send

from llmx.core.server.recording import note_error
from llmx.core.wire.errors import ApiError, BodyTooLarge, for_path


class ClientLeft(Exception):
    """The client closed the connection before its answer was complete."""


class Reply:
    """The answer to one request: one start, writes, one end."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_started = False

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        self.is_started = True
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def write(self, chunk: bytes) -> None:
        """Returns when the client's connection can take more."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def whole(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """A complete JSON answer."""
        length = {"content-type": "application/json", "content-length": str(len(body))}
        await self.start(status, {**length, **(headers or {})})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


async def refuse(scope: Scope, reply: Reply, error: ApiError) -> None:
    """Answer with the error in the form of its path's API, and note it for the trace."""
    error = for_path(error, scope["path"], scope["llmx.request_id"])
    note_error(scope, error)
    await reply.whole(error.status, error.json(), error.headers)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body. Raises `BodyTooLarge` as soon as that is known, and `ClientLeft`."""
    announced = dict(scope["headers"]).get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def while_connected(receive: Receive, work: Coroutine[None, None, None]) -> None:
    """Do the work; if the client leaves first, cancel it, see it ended and raise `ClientLeft`.

    To be called when the body is read: from then on `receive` tells of nothing but the leaving.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        is_left = not working.done()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    if is_left:
        raise ClientLeft
    working.result()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
