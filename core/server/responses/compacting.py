"""`POST /v1/responses/compact`: a response that summarizes, told as a compaction."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Scope, Send

from llmx.core.errors import LlmxError
from llmx.core.server.asgi import ClientLeft, Reply, read_body, refuse, while_connected
from llmx.core.server.generation import defect, shaped
from llmx.core.server.recording import Exchange, exchange_of
from llmx.core.server.responses.endpoint import PATH as RESPONSES
from llmx.core.server.responses.endpoint import check_media_type
from llmx.core.server.responses.service import Responses
from llmx.core.wire.errors import api_error
from llmx.core.wire.responses.compaction import Compactor, compaction_object, parse_compact

log = logging.getLogger(__name__)

PATH = f"{RESPONSES}/compact"


@dataclass(frozen=True, slots=True)
class CompactEndpoint:
    """An ASGI application; needs an `Exchange` in its scope."""

    responses: Responses
    compactor: Compactor
    max_body_bytes: int
    patience_s: float = 0.05  # how long a refusal by the engine is waited for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange, reply = exchange_of(scope), Reply(send)
        assert exchange is not None, "the recording middleware is missing"
        try:
            exchange.body = await read_body(scope, receive, self.max_body_bytes)
            check_media_type(exchange.headers, exchange.body)
            await while_connected(receive, self._answer(exchange, exchange.body, reply))
        except ClientLeft:
            exchange.is_left = True
        except asyncio.CancelledError:  # the server ends and waits no longer
            exchange.is_left = True
            raise
        except LlmxError as error:
            await refuse(scope, reply, api_error(error))
        except Exception:
            log.exception("request %s failed", exchange.id)
            await refuse(scope, reply, defect(exchange))

    async def _answer(self, exchange: Exchange, raw: bytes, reply: Reply) -> None:
        live = await self.responses.begin(parse_compact(raw), exchange)
        try:
            await live.accepted(self.patience_s)
            await live.done()
        finally:
            await live.cancel()  # nobody reads it any more
        if live.error is not None:
            error = shaped(live.error, exchange)
            return await reply.whole(error.status, error.json(), error.headers)
        body = compaction_object(live.record(), self.compactor)
        await reply.whole(200, msgspec.json.encode(body))
