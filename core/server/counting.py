"""`POST /v1/messages/count_tokens`: how long a prompt is; neither model nor cache take part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Scope, Send

from llmx.core.errors import BudgetExceeded, ContextLengthExceeded, LlmxError
from llmx.core.server.api_keys import keys_in
from llmx.core.server.asgi import ClientLeft, Reply, read_body, refuse
from llmx.core.types import Engine
from llmx.core.wire.errors import MESSAGES, api_error
from llmx.core.wire.messages_request import parse_count

PATH = f"{MESSAGES}/count_tokens"


@dataclass(frozen=True, slots=True)
class CountEndpoint:
    """An ASGI application. Many counts may be under way: each is prepared on a worker thread."""

    engine: Engine
    max_body_bytes: int
    cache_per_key: bool  # as for requests: what was answered before may be a part of the prompt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = Reply(send)
        try:
            raw = await read_body(scope, receive, self.max_body_bytes)
            keys = keys_in(scope["headers"]) if self.cache_per_key else ()
            count = await self._count(raw, scope["llmx.request_id"], keys)
        except ClientLeft:
            return
        except LlmxError as error:
            return await refuse(scope, reply, api_error(error))
        await reply.whole(200, msgspec.json.encode({"input_tokens": count}))

    async def _count(self, raw: bytes, identity: str, keys: Iterable[bytes]) -> int:
        """Also of a prompt that is too long to be served: that is what a client wants to know."""
        request = parse_count(raw, request_id=identity, keys=keys)
        try:
            return (await self.engine.prepare(request)).prompt_tokens
        except (ContextLengthExceeded, BudgetExceeded) as error:
            if error.prompt_tokens is None:
                raise
            return error.prompt_tokens
