"""Trace records for tests, as a server would have written them."""

from __future__ import annotations

import json
from typing import Any

from llmx.core.trace.record import (
    TraceCache,
    TraceRecord,
    TraceRequest,
    TraceResponse,
    TraceServer,
    TraceUsage,
)
from llmx.core.types import MissReason


def chat(*messages: tuple[str, Any], tools: list[dict[str, Any]] | None = None) -> bytes:
    body: dict[str, Any] = {
        "model": "m",
        "messages": [{"role": role, "content": content} for role, content in messages],
    }
    return json.dumps(body if tools is None else body | {"tools": tools}).encode()


def tool(name: str, does: str = "does") -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": does}}


def record(
    number: int,
    body: bytes = b"{}",
    *,
    prompt: int | None = None,
    cached: int | None = None,
    ttft: float | None = None,
    answer: str | None = None,
    reason: MissReason | None = None,
    status: int = 200,
    model: str = "m",
) -> TraceRecord:
    t0 = 1000.0 + number
    return TraceRecord(
        id=f"r{number}",
        api="chat",
        model=model,
        t0=t0,
        t_first=None if ttft is None else t0 + ttft,
        t_last=t0 + 1,
        status=status,
        finish="stop" if status == 200 else None,
        req=TraceRequest.of("POST", "/v1/chat/completions", {}, body),
        res=TraceResponse(text=answer),
        usage=TraceUsage(prompt=prompt, cached=cached),
        server=TraceServer(kind="llmx", cache=TraceCache(reason=reason)),
    )
