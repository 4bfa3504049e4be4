"""The body of `POST /v1/cache/warm`: one chat body, or `{"requests": [chat body, ...]}`.

Each chat body is handed on as the bytes that came, so that it is read like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from llmx.core.errors import RequestError
from llmx.core.types import CacheReport, GenerationRequest, Json, Usage
from llmx.core.wire.body import field_error, parse_json
from llmx.core.wire.chat_request import parse_chat, prompt_only
from llmx.core.wire.errors import ApiError
from llmx.core.wire.told import cache_body

MOST = 1000  # requests in one body


@dataclass(frozen=True, slots=True)
class WarmBody:
    bodies: tuple[bytes, ...]
    is_list: bool  # whether the answer is a list, too


def parse_warm(raw: bytes) -> WarmBody:
    """Raises `RequestError`; what is wrong inside a chat body is not looked at here."""
    body = parse_json(raw)
    if not isinstance(body, dict) or "requests" not in body:
        return WarmBody((raw,), is_list=False)
    requests = body["requests"]
    if "messages" in body:
        raise RequestError("requests: goes without `messages` beside it.", param="requests")
    if not isinstance(requests, list):
        raise field_error("requests", "must be a list of chat bodies", requests)
    if not 1 <= len(requests) <= MOST:
        raise field_error("requests", f"must hold 1 to {MOST} chat bodies", requests)
    pieces = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])["requests"]
    items = msgspec.json.decode(pieces, type=list[msgspec.Raw])
    return WarmBody(tuple(bytes(item) for item in items), is_list=True)


def parse_warm_chat(
    raw: bytes, *, request_id: str, keys: tuple[bytes, ...] = ()
) -> GenerationRequest:
    """Of a chat body only the prompt, and who may share it. Raises `RequestError`."""
    asked = parse_chat(raw, request_id=request_id, keys=keys).generation
    if not asked.cache:
        raise field_error("cache", "must not be false: there would be nothing to warm", False)
    return prompt_only(asked)


def warmed_body(report: CacheReport, usage: Usage) -> Json:
    """What became of one prompt."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "written_tokens": usage.written_tokens,
        "llmx": cache_body(report, usage),
    }


def warmed_bodies(results: list[Json | ApiError]) -> Json:
    """Of a list: one result for each prompt, in order; an error has the API's shape."""
    return {"results": [r.body() if isinstance(r, ApiError) else r for r in results]}
