"""Computes prompts and stores them, without generating: at start and for `POST /v1/cache/warm`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Scope, Send

from llmx.core.errors import LlmxError
from llmx.core.server.asgi import ClientLeft, Reply, read_body, refuse, while_connected
from llmx.core.server.journal import Journal
from llmx.core.server.recording import Exchange
from llmx.core.types import CacheReport, Engine, Json, Usage
from llmx.core.wire.api import failure_of
from llmx.core.wire.errors import ApiError, api_error
from llmx.core.wire.warm_body import parse_warm, parse_warm_chat, warmed_bodies, warmed_body

PATH = "/v1/cache/warm"


@dataclass(frozen=True, slots=True)
class Warmed:
    """A prompt of which every token is computed now."""

    report: CacheReport
    usage: Usage


@dataclass(frozen=True, slots=True)
class Warmer:
    engine: Engine
    journal: Journal

    async def warm(
        self, raw: bytes, identity: str, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> Warmed | ApiError:
        """The prompt of one chat body; an error is as a client is to see it.

        Leaves one record, as every request does. Cancelling it cancels the computation.
        """
        exchange = self.journal.begin(identity, "chat", PATH, headers)
        exchange.body, exchange.is_left = raw, True  # until it is known to have ended
        try:
            result = await self._computed(exchange, raw)
            exchange.is_left = False
            exchange.status = result.status if isinstance(result, ApiError) else 200
            exchange.error = result if isinstance(result, ApiError) else None
            return result
        finally:
            self.journal.end(exchange)

    async def _computed(self, exchange: Exchange, raw: bytes) -> Warmed | ApiError:
        try:
            request = parse_warm_chat(raw, request_id=exchange.id, keys=exchange.keys)
            exchange.namespace = request.namespace
            prepared = await self.engine.prepare(request)
            exchange.prepared = prepared
            async with aclosing(self.engine.generate(prepared)) as events:
                async for event in events:
                    exchange.saw(event)
        except LlmxError as error:
            return api_error(error)
        started, finished = exchange.started, exchange.finished
        assert finished is not None, "the engine's events ended without a Finished"
        failure = failure_of(finished)
        if failure is not None:
            return failure
        assert started is not None, "the engine's events began without a Started"
        return Warmed(started.cache, finished.usage)


@dataclass(frozen=True, slots=True)
class WarmEndpoint:
    """One prompt after the other: a later one may begin with an earlier one."""

    warmer: Warmer
    max_body_bytes: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientLeft):
            raw = await read_body(scope, receive, self.max_body_bytes)
            await while_connected(receive, self._answer(scope, raw, Reply(send)))

    async def _answer(self, scope: Scope, raw: bytes, reply: Reply) -> None:
        body = parse_warm(raw)
        identity: str = scope["llmx.request_id"]
        results: list[Json | ApiError] = []
        for number, chat in enumerate(body.bodies):
            name = f"{identity}-{number}" if body.is_list else identity
            result = await self.warmer.warm(chat, name, scope["headers"])
            if isinstance(result, Warmed):
                results.append(warmed_body(result.report, result.usage))
            else:
                results.append(result)
        if body.is_list:
            return await reply.whole(200, msgspec.json.encode(warmed_bodies(results)))
        only = results[0]
        if isinstance(only, ApiError):
            return await refuse(scope, reply, only)
        await reply.whole(200, msgspec.json.encode(only))
