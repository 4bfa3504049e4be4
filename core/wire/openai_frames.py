"""What the answers of OpenAI's two older APIs have in common: head, usage, frames, reasons."""

from __future__ import annotations

import msgspec

from llmx.core.types import CacheReport, FinishReason, Json, Usage
from llmx.core.wire.api import Head
from llmx.core.wire.told import cache_body

DONE = b"data: [DONE]\n\n"

_ENCODER = msgspec.json.Encoder()


class Frames:
    """Frames of one choice each. What all of them repeat is encoded once."""

    def __init__(self, head: Json, include_usage: bool) -> None:
        self._before = b"data: " + _ENCODER.encode(head).removesuffix(b"}") + b',"choices":['
        self._after = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"

    def of(self, choice: Json) -> bytes:
        return self._before + _ENCODER.encode(choice) + self._after


def frame(body: Json) -> bytes:
    return b"data: " + _ENCODER.encode(body) + b"\n\n"


def head_body(head: Head, kind: str) -> dict[str, Json]:
    return {
        "id": head.id,
        "object": kind,
        "created": head.created,
        "model": head.model,
        "system_fingerprint": f"llmx-{head.version}",
    }


def finish_reason(reason: FinishReason, calls: int = 0) -> str:
    """As these APIs name the end of an answer with so many calls."""
    match reason:
        case "stop":
            return "tool_calls" if calls else "stop"
        case "length" | "context":
            return "length"
        case "cancelled" | "error":
            raise AssertionError("a failure has no finish reason")


def usage_body(usage: Usage, report: CacheReport | None) -> Json:
    """Tokens; `prompt_tokens` counts the cached ones in. `llmx` is our own: the whole account."""
    own = {} if report is None else {"llmx": cache_body(report, usage)}
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.written_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        **own,
    }
