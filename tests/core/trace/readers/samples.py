"""Samples of every foreign format, made here: what recorders write, with what bites in it."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

T0 = 1_761_773_444.053  # 2025-10-29T21:30:44.053Z
MESSAGE = "msg_01Aa2Bb3Cc4Dd5Ee6Ff7Gg8"


def iso(at: float) -> str:
    whole, milli = divmod(round((at - T0) * 1000) + 53, 1000)
    minutes, second = divmod(44 + whole, 60)
    return f"2025-10-29T21:{30 + minutes:02d}:{second:02d}.{milli:03d}Z"


def lines(*documents: Any) -> bytes:
    """One per line, as JavaScript writes them: without escapes that are not needed."""
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in documents)


def pretty(document: Any) -> bytes:
    """As `JSON.stringify(document, null, 2)` writes it, without a line end."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def messages_body(turns: int = 1, **more: Any) -> dict[str, Any]:
    """A body of Messages with `turns` exchanges in it."""
    said = [
        {"role": "user" if n % 2 == 0 else "assistant", "content": f"turn {n}"}
        for n in range(2 * turns - 1)
    ]
    return {
        "model": "claude-test",
        "max_tokens": 32000,
        "stream": True,
        "metadata": {"user_id": "user_ab_account__session_0123-4567-89ab"},
        "system": [{"type": "text", "text": "You are ä tester.", "cache_control": {"type": "e"}}],
        "tools": [{"name": "Read", "input_schema": {"authorizationUrl": "[REDACTED]"}}],
        "messages": said,
        **more,
    }


def messages_sse(
    text: str = "Hello", *, read: int | None = 18500, whole: bool = True, message: str = MESSAGE
) -> str:
    """A stream of Messages; not `whole`: it ends in the middle of an event."""
    usage: dict[str, Any] = {"input_tokens": 50, "output_tokens": 1}
    if read is not None:
        usage |= {"cache_read_input_tokens": read, "cache_creation_input_tokens": 7}
    begin = {"id": message, "type": "message", "model": "claude-test", "usage": usage}
    events = [
        {"type": "message_start", "message": begin},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 9},
        },
        {"type": "message_stop"},
    ]
    stream = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events)
    return stream if whole else stream[: stream.index("content_block_stop")]


def chat_sse(text: str = "Hello", cached: int = 64) -> str:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    chunks: list[Any] = [
        {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": {"content": text}}]},
        {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]},
        {"id": "chatcmpl-1", "choices": [], "usage": usage},
    ]
    return "".join(f"data: {json.dumps(one)}\n\n" for one in chunks) + "data: [DONE]\n\n"


def chat_body(turns: int = 1) -> dict[str, Any]:
    said = [
        {"role": "user" if n % 2 == 0 else "assistant", "content": f"t{n}"} for n in range(turns)
    ]
    return {"model": "m", "stream": True, "messages": [{"role": "system", "content": "s"}, *said]}


# ── one document of each recorder ─────────────────────────────────────────────────────────────


def anyclaude(
    at: float,
    body: Any,
    *,
    mode: str = "claude",
    answer: Any = None,
    status: int = 200,
    url: str = "/v1/messages?beta=true",
) -> dict[str, Any]:
    """`answer`: the body of the response; None: there is no response."""
    headers = {"content-type": "application/json", "x-api-key": "[REDACTED]"}
    document: dict[str, Any] = {
        "timestamp": iso(at),
        "mode": mode,
        "request": {"method": "POST", "url": url, "headers": headers, "body": body},
    }
    if answer is not None:
        document["response"] = {"statusCode": status, "headers": {}, "body": answer}
    return document


def claude_trace(at: float, body: Any, answer: Any = None, *, took: float = 2.0) -> dict[str, Any]:
    """`answer`: a stream's text, a JSON body, or None for a request that was orphaned."""
    response: Any = None
    if answer is not None:
        kept = {"body_raw": answer} if isinstance(answer, str) else {"body": answer}
        response = {"timestamp": at + 0.5, "status_code": 200, "headers": {}, **kept}
    url = "https://api.anthropic.com/v1/messages?beta=true"
    headers = {"authorization": "Bearer sk-...xyz", "x-claude-code-session-id": "session-7"}
    return {
        "request": {
            "timestamp": at,
            "method": "POST",
            "url": url,
            "headers": headers,
            "body": body,
        },
        "response": response,
        "logged_at": iso(at + took),
    }


def har_entry(
    at: float,
    body: Any,
    answer: bytes,
    *,
    encoding: str = "",
    is_base64: bool = True,
    url: str = "https://host/v1/messages",
    status: int = 200,
) -> dict[str, Any]:
    kept = b64encode(answer).decode() if is_base64 else answer.decode()
    content = {"size": len(answer), "text": kept} | ({"encoding": "base64"} if is_base64 else {})
    headers = [{"name": "Content-Encoding", "value": encoding}] if encoding else []
    return {
        "startedDateTime": iso(at),
        "time": 2500.0,
        "request": {
            "method": "POST",
            "url": url,
            "headers": [{"name": "Authorization", "value": "Bearer secret"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(body)},
        },
        "response": {"status": status, "headers": headers, "content": content},
        "timings": {"send": 1, "wait": 300, "receive": 2199},
    }


def har(*entries: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "tests"}, "entries": list(entries)}}


def session_line(kind: str, number: int, at: float, **more: Any) -> dict[str, Any]:
    """A line of a session of Claude Code."""
    return {
        "parentUuid": f"u{number - 1}",
        "isSidechain": False,
        "sessionId": "s1",
        "type": kind,
        "uuid": f"u{number}",
        "timestamp": iso(at),
        "version": "2.1.0",
        **more,
    }


def session_answer(
    number: int,
    at: float,
    message: str,
    out: int,
    *,
    request: str | None = "req_1",
    stop: str | None = None,
    read: int = 10,
    **more: Any,
) -> dict[str, Any]:
    usage = {
        "input_tokens": 5,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": 2,
        "output_tokens": out,
    }
    said = {"id": message, "model": "claude-test", "usage": usage, "stop_reason": stop}
    named = {} if request is None else {"requestId": request}
    return session_line("assistant", number, at, message=said, **named, **more)


def litellm(at: float, **more: Any) -> dict[str, Any]:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 900},
    }
    return {
        "id": "chatcmpl-9",
        "trace_id": "t",
        "call_type": "acompletion",
        "stream": True,
        "status": "success",
        "model": "gpt-test",
        "startTime": at,
        "completionStartTime": at + 0.25,
        "endTime": at + 3,
        "prompt_tokens": 1000,
        "completion_tokens": 20,
        "cache_hit": None,
        "messages": [{"role": "user", "content": "hi"}],
        "model_parameters": {"tools": [{"type": "function", "function": {"name": "f"}}]},
        "response": {
            "choices": [{"finish_reason": "stop", "message": {"content": "hello"}}],
            "usage": usage,
        },
        "metadata": {"usage_object": usage, "requester_metadata": {"session_id": "s-9"}},
        **more,
    }


SPAN = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-test",
    "gen_ai.usage.input_tokens": 1200,
    "gen_ai.usage.cache_read.input_tokens": 1000,
    "gen_ai.usage.cache_creation.input_tokens": 100,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.conversation.id": "c-1",
    "gen_ai.response.time_to_first_chunk": 0.5,
}


def tagged(value: Any) -> dict[str, Any]:
    """A value as OTLP JSON has it: integers are strings."""
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [tagged(one) for one in value]}}
        case _:
            return {"stringValue": str(value)}


def otlp_span(at: float, attributes: dict[str, Any], number: int = 1) -> dict[str, Any]:
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": f"eee19b7ec3c1b1{number:02x}",
        "name": "chat gpt-test",
        "startTimeUnixNano": str(round(at * 1_000_000) * 1000),
        "endTimeUnixNano": str(round((at + 4) * 1_000_000) * 1000),
        "attributes": [{"key": key, "value": tagged(one)} for key, one in attributes.items()],
        "status": {},
    }


def otlp(*spans: Any) -> dict[str, Any]:
    return {
        "resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]
    }


def printed_span(at: float, attributes: dict[str, Any]) -> dict[str, Any]:
    """As the Python SDK prints a span for a person."""
    return {
        "name": "chat gpt-test",
        "context": {"trace_id": "0x5b8e", "span_id": "0xeee1", "trace_state": "[]"},
        "kind": "SpanKind.CLIENT",
        "parent_id": None,
        "start_time": iso(at),
        "end_time": iso(at + 4),
        "status": {"status_code": "UNSET"},
        "attributes": attributes,
        "events": [],
    }


MOONCAKE = [
    {"timestamp": 0, "input_length": 1025, "output_length": 5, "hash_ids": [7, 8, 9]},
    {"timestamp": 3000, "input_length": 1400, "output_length": 6, "hash_ids": [7, 8, 10]},
]
BAILIAN = [
    {
        "chat_id": 159,
        "parent_chat_id": -1,
        "timestamp": 61.114,
        "input_length": 40,
        "output_length": 4,
        "type": "text",
        "turn": 1,
        "hash_ids": [1, 2, 3],
    },
    {
        "chat_id": 160,
        "parent_chat_id": 159,
        "timestamp": 71.5,
        "input_length": 60,
        "output_length": 4,
        "type": "text",
        "turn": 2,
        "hash_ids": [1, 2, 3, 4],
    },
]
WEKA = {
    "id": "agent-1",
    "models": ["m"],
    "block_size": 64,
    "hash_id_scope": "local",
    "requests": [
        {"t": 0.0, "type": "s", "model": "m", "in": 130, "out": 9, "hash_ids": [1, 2, 3]},
        {
            "t": 2.5,
            "type": "subagent",
            "requests": [{"t": 3.0, "model": "m", "in": 70, "out": 1, "hash_ids": [1, 5]}],
        },
    ],
}


def every() -> dict[str, bytes]:
    """A file of each format, by its source."""
    asked, told = messages_body(), messages_sse()
    return {
        "anyclaude": pretty(anyclaude(T0, asked)) + pretty(anyclaude(T0 + 2, asked, answer=told)),
        "claude-trace": lines(claude_trace(T0, asked, messages_sse(message="msg_local"))),
        "claude-code": lines(
            session_line("user", 1, T0), session_answer(2, T0 + 1, "msg_2", 9, stop="end_turn")
        ),
        "har": pretty(
            har(har_entry(T0, chat_body(), chat_sse().encode(), url="http://h/v1/chat/completions"))
        ),
        "litellm": lines(litellm(T0)),
        "otel": lines(otlp(otlp_span(T0, SPAN))),
        "mooncake": lines(*MOONCAKE),
        "bailian": lines(*BAILIAN),
        "weka": lines(WEKA),
    }
