"""`POST /tokenize` and `/detokenize`: what the model's tokenizer makes of a text, and back."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Scope, Send

from llmx.core.errors import LlmxError
from llmx.core.server.asgi import ClientLeft, Reply, read_body, refuse
from llmx.core.types import Engine, Json
from llmx.core.wire.errors import api_error
from llmx.core.wire.tokens_body import (
    Text,
    detokenized_body,
    parse_detokenize,
    parse_tokenize,
    tokenized_body,
)

TOKENIZE = "/tokenize"
DETOKENIZE = "/detokenize"


@dataclass(frozen=True, slots=True)
class TokensEndpoint:
    """An ASGI application for both paths. Neither touches the model or its cache."""

    engine: Engine
    max_body_bytes: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = Reply(send)
        try:
            raw = await read_body(scope, receive, self.max_body_bytes)
            is_back = scope["path"] == DETOKENIZE
            answer = await (self._text(raw) if is_back else self._tokens(raw, scope))
        except ClientLeft:
            return
        except LlmxError as error:
            await refuse(scope, reply, api_error(error))
        else:
            await reply.whole(200, msgspec.json.encode(answer))

    async def _tokens(self, raw: bytes, scope: Scope) -> Json:
        asked = parse_tokenize(raw, request_id=scope["llmx.request_id"])
        if isinstance(asked, Text):
            tokens = await self.engine.tokenize(asked.text, special_tokens=asked.special_tokens)
        else:
            tokens = (await self.engine.prepare(asked)).tokens
        return tokenized_body(tokens, self.engine.info.context)

    async def _text(self, raw: bytes) -> Json:
        return detokenized_body(await self.engine.detokenize(parse_detokenize(raw)))
