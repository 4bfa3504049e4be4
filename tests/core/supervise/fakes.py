"""A server whose word and whose deed can be set apart: what `/health` says, what a chat gets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Chat = Literal["a token", "nothing", "never", "uncounted", "three tokens", "text, counted as none"]


def health_body(
    *, status: str = "ok", steps: int = 10, running: int = 0, **engine: Any
) -> dict[str, Any]:
    """As our server says it."""
    return {
        "status": status,
        "server": "llmx",
        "version": "0.1.0",
        "model": {"id": "demo", "backend": "cpu", "blas": "OpenBLAS 0.3.21", "cacheable": True},
        "engine": {
            "state": "ready",
            "running": running,
            "queued": 0,
            "steps": steps,
            "prompt_tokens": 100,
            "completion_tokens": 5,
            "uptime_s": 60.0,
            **engine,
        },
        "cache": {
            "enabled": True,
            "budget_bytes": 4_000_000_000,
            "stored_bytes": 1_000_000_000,
            "running_bytes": 0,
            "prompt_tokens": 100,
            "cached_tokens": 75,
        },
    }


@dataclass
class Server:
    """`health` are the bodies of one `GET /health` after another, the last one for ever."""

    health: list[Any] = field(default_factory=lambda: [health_body()])
    health_status: int = 200
    models: list[str] | None = field(default_factory=lambda: ["demo"])
    chat: Chat = "a token"
    chat_status: int = 200
    asked: int = 0  # for its health
    chats: int = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/health", self._health),
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
            ]
        )

    async def _health(self, request: Request) -> Response:
        self.asked += 1
        body = self.health.pop(0) if len(self.health) > 1 else self.health[0]
        if body is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        return JSONResponse(body, self.health_status)

    async def _models(self, request: Request) -> Response:
        if self.models is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        return JSONResponse({"data": [{"id": one} for one in self.models]})

    async def _chat(self, request: Request) -> Response:
        self.chats += 1
        if self.chat == "never":
            await asyncio.sleep(3600)
        if self.chat_status != 200:
            return JSONResponse({"error": {"message": "not like this"}}, self.chat_status)
        text = "" if self.chat == "nothing" else "OK"
        counts = {"a token": 1, "three tokens": 3, "nothing": 0, "text, counted as none": 0}
        delta = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "length"}]}
        frames = [json.dumps(delta), "[DONE]"]
        if self.chat in counts:
            usage = {"prompt_tokens": 9, "completion_tokens": counts[self.chat]}
            frames.insert(1, json.dumps({"choices": [], "usage": usage}))
        body = "".join(f"data: {frame}\n\n" for frame in frames)
        return Response(body, media_type="text/event-stream")
