"""`POST /v1/responses/input_tokens`: how long a prompt is; neither model nor cache take part."""

from __future__ import annotations

import time
from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Scope, Send

from llmx.core.errors import BudgetExceeded, ContextLengthExceeded, LlmxError
from llmx.core.server.api_keys import keys_in
from llmx.core.server.asgi import ClientLeft, Reply, read_body, refuse
from llmx.core.server.recording import headers_of
from llmx.core.server.responses.endpoint import PATH as RESPONSES
from llmx.core.server.responses.endpoint import check_media_type
from llmx.core.server.responses.service import Asking, Responses
from llmx.core.wire.errors import api_error
from llmx.core.wire.responses.input_tokens_body import input_tokens_object, parse_input_tokens

PATH = f"{RESPONSES}/input_tokens"


@dataclass(frozen=True, slots=True)
class InputTokensEndpoint:
    """An ASGI application. Many counts may be under way: each is prepared on a worker thread."""

    responses: Responses
    max_body_bytes: int
    cache_per_key: bool  # as for responses: whose earlier ones are meant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = Reply(send)
        try:
            raw = await read_body(scope, receive, self.max_body_bytes)
            check_media_type(headers_of(scope["headers"]), raw)
            keys = tuple(keys_in(scope["headers"])) if self.cache_per_key else ()
            asking = Asking(scope["llmx.request_id"], int(time.time()), keys)
            count = await self._count(raw, asking)
        except ClientLeft:
            return
        except LlmxError as error:
            return await refuse(scope, reply, api_error(error))
        await reply.whole(200, msgspec.json.encode(input_tokens_object(count)))

    async def _count(self, raw: bytes, asking: Asking) -> int:
        """Also of a prompt that is too long to be served: that is what a client wants to know."""
        request = await self.responses.request(parse_input_tokens(raw), asking)
        try:
            _, prepared = await self.responses.prepare(request)
        except (ContextLengthExceeded, BudgetExceeded) as error:
            if error.prompt_tokens is None:
                raise
            return error.prompt_tokens
        return prepared.prompt_tokens
