"""What surrounds every request, as pure ASGI: `BaseHTTPMiddleware` hides disconnects.

RequestId ( Recording ( Survival ( ApiKey ( routes ))))
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import uuid
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmx.core.errors import NotReady
from llmx.core.server.api_keys import keys_in
from llmx.core.server.asgi import Reply, refuse
from llmx.core.server.journal import Journal
from llmx.core.server.recording import Api
from llmx.core.wire.errors import Unauthorized, api_error, server_error

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordedPath:
    api: Api
    id_prefix: str  # as the API's own ids begin


RECORDED = {
    "/v1/chat/completions": RecordedPath("chat", "chatcmpl-"),
    "/v1/completions": RecordedPath("completions", "cmpl-"),
    "/v1/messages": RecordedPath("messages", "msg_"),
    "/v1/responses": RecordedPath("responses", "resp_"),
    "/v1/responses/compact": RecordedPath("responses", "resp_"),
}
ID_HEADERS = (b"x-request-id", b"request-id")  # the second is Anthropic's
ENDING = "The server is shutting down."
OPEN = {"/health", "/"}  # answer without a key


def request_id(scope: Scope) -> str:
    return scope["llmx.request_id"]


@dataclass(frozen=True, slots=True)
class RequestId:
    """Gives each request an id, unique for ever, and shows it in `ID_HEADERS`."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        recorded = RECORDED.get(scope["path"])
        identity = f"{recorded.id_prefix if recorded else 'req-'}{uuid.uuid4().hex}"
        scope["llmx.request_id"] = identity

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                shown = [(name, identity.encode("ascii")) for name in ID_HEADERS]
                message = {**message, "headers": [*message.get("headers", ()), *shown]}
            await send(message)

        await self.app(scope, receive, send_with_id)


@dataclass(frozen=True, slots=True)
class Recording:
    """Keeps the journal of requests to generating paths, whatever their end."""

    app: ASGIApp
    journal: Journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        recorded = RECORDED.get(scope["path"]) if scope["type"] == "http" else None
        if recorded is None or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        exchange = self.journal.begin(
            request_id(scope), recorded.api, scope["path"], scope["headers"]
        )
        scope["llmx.exchange"] = exchange

        async def send_noting_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting_status)
        finally:
            if not exchange.is_detached:
                self.journal.end(exchange)


@dataclass(frozen=True, slots=True)
class Survival:
    """A failure of our own code is logged with its traceback and answered with a 500; what the end
    of the server interrupts, with a 503."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        is_started = False

        async def send_watched(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except asyncio.CancelledError:  # the server ends and waits no longer
            if not is_started:
                await refuse(scope, Reply(send), api_error(NotReady(ENDING)))
            raise
        except Exception:
            identity = request_id(scope)
            log.exception("request %s failed", identity)
            if is_started:
                raise  # the HTTP server closes the connection: all that is left to say
            error = server_error(f"Internal error; see {identity} in the server's log.")
            await refuse(scope, Reply(send), error)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Lets only those in who send the key, as `authorization: Bearer` or as `x-api-key`."""

    app: ASGIApp
    key: str | None  # None: everybody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.key is None or scope["type"] == "lifespan" or scope["path"] in OPEN:
            return await self.app(scope, receive, send)
        if self._is_right(self.key, scope):
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        await refuse(scope, Reply(send), api_error(Unauthorized()))

    def _is_right(self, key: str, scope: Scope) -> bool:
        wanted = key.encode("utf-8")
        return any(hmac.compare_digest(one, wanted) for one in keys_in(scope["headers"]))
