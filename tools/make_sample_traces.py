"""Makes the sample traces of the wheel: an invented afternoon of one small agent.

    python tools/make_sample_traces.py

Writes `fixtures/traces/sample.jsonl`. Every value is invented here; nothing was measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from llmx.core.trace.record import (
    TraceCache,
    TraceError,
    TraceRecord,
    TraceRequest,
    TraceResponse,
    TraceServer,
    TraceUsage,
)
from llmx.core.types import FinishReason, MissReason

TARGET = Path(__file__).parents[1] / "fixtures" / "traces" / "sample.jsonl"
START = 1_767_603_600.0  # 2026-01-05 09:00:00 UTC, a Monday
CHARACTERS_PER_TOKEN = 4

RULES = (
    "Answer in plain words. Say what you looked at before you say what you found. "
    "Change one thing at a time and name the file you changed. "
    "When a tool fails, read its message before you call it again. "
    "Ask before you delete. Keep answers short; a list is for three things or more.\n"
)
DAY = "You help in a small code base. Today is Monday, 2026-01-05.\n"
NEXT_DAY = "You help in a small code base. Today is Tuesday, 2026-01-06.\n"


def tool(name: str, does: str, **parameters: str) -> dict[str, Any]:
    fields = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return {
        "type": "function",
        "function": {"name": name, "description": does, "parameters": schema},
    }


TOOLS = [
    tool("Read", "Gives the lines of a file.", path="The file, from the top of the code base."),
    tool("Grep", "Finds lines that match.", pattern="What to look for.", path="Where to look."),
    tool("Edit", "Replaces a text in a file.", path="The file.", old="What stands there.", new="x"),
]
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "Read", "arguments": '{"path": "notes.md"}'},
        }
    ],
}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "1  buy ink\n2  mend the gate\n"}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def body(messages: list[dict[str, Any]], *, day: str = DAY, **options: Any) -> bytes:
    system = {"role": "system", "content": day + RULES * 3}
    content = {"model": "sample", "messages": [system, *messages], "tools": TOOLS, "stream": True}
    return json.dumps(content | options).encode()


def tokens(raw: bytes) -> int:
    return len(raw) // CHARACTERS_PER_TOKEN


def record(
    number: int,
    raw: bytes,
    *,
    cached: int,
    ttft: float,
    answer: str,
    reason: MissReason | None,
    part: str | None,
    finish: FinishReason = "stop",
) -> TraceRecord:
    t0 = START + 20 * number
    prompt = tokens(raw)
    out = max(1, len(answer) // CHARACTERS_PER_TOKEN)
    return TraceRecord(
        id=f"chatcmpl-sample-{number}",
        session="sample-session",
        api="chat",
        model="sample",
        t0=t0,
        t_first=t0 + ttft,
        t_last=round(t0 + ttft + 0.05 * out, 3),
        status=200,
        stream=True,
        finish=finish,
        req=request(raw),
        res=TraceResponse(text=answer),
        usage=TraceUsage(prompt=prompt, cached=cached, written=prompt - cached, out=out),
        server=TraceServer(
            kind="llmx",
            version="0.1.0",
            cache=TraceCache(
                source="ram" if cached else "none", matched=cached, reason=reason, part=part
            ),
            prepare_s=0.004,
            queue_s=0.001,
            prefill_s=round(ttft - 0.005, 3),
        ),
    )


def refused(number: int, raw: bytes) -> TraceRecord:
    t0 = START + 20 * number
    error = TraceError(
        message="messages[1].role: must be 'developer', 'system', 'user', 'assistant' or 'tool'",
        type="invalid_request_error",
        param="messages[1].role",
    )
    return TraceRecord(
        id=f"chatcmpl-sample-{number}",
        api="chat",
        model="sample",
        t0=t0,
        t_last=t0 + 0.002,
        status=400,
        req=request(raw),
        res=TraceResponse(error=error),
        server=TraceServer(kind="llmx", version="0.1.0"),
    )


def request(raw: bytes) -> TraceRequest:
    headers = {"content-type": "application/json", "authorization": "[REDACTED]"}
    return TraceRequest.of("POST", "/v1/chat/completions", headers, raw)


def records() -> Iterator[TraceRecord]:
    """Cold, hit, repeat, a loop of two over a tool, a changed date, refused, cancelled."""
    first = body([user("Who are you?")])
    yield record(
        0, first, cached=0, ttft=1.85, answer="A helper for this code base.",
        reason="cold", part=None,
    )  # fmt: skip
    second = body([user("What is in the notes?")])
    shared = tokens(second) - 12
    yield record(
        1, second, cached=shared, ttft=0.12, answer="I will read them.",
        reason="diverged", part="message 1 (user)",
    )  # fmt: skip
    yield record(
        2, second, cached=tokens(second) - 1, ttft=0.09, answer="I will read them.",
        reason=None, part="message 1 (user)",
    )  # fmt: skip
    loop = [user("What is in the notes?"), CALL, RESULT]
    yield record(
        3, body(loop), cached=tokens(second) - 3, ttft=0.16,
        answer="Two things: buy ink, mend the gate.", reason=None, part="message 1 (user)",
    )  # fmt: skip
    longer = [
        *loop,
        {"role": "assistant", "content": "Two things: buy ink, mend the gate."},
        user("Which one first?"),
    ]
    yield record(
        4, body(longer), cached=tokens(body(loop)) - 3, ttft=0.14, answer="The gate.",
        reason=None, part="message 3 (tool)",
    )  # fmt: skip
    yield record(
        5, body(longer, day=NEXT_DAY), cached=11, ttft=1.97, answer="Still the gate.",
        reason="diverged", part="template",
    )  # fmt: skip
    yield refused(6, body([{"role": "robot", "content": "Hello"}]))
    longest = [*longer, {"role": "assistant", "content": "Still the gate."}, user("Tell me all.")]
    yield record(
        7, body(longest, day=NEXT_DAY), cached=tokens(body(longer)) - 3, ttft=0.15,
        answer="The gate hangs", reason=None, part="message 5 (user)", finish="cancelled",
    )  # fmt: skip


def lines() -> bytes:
    """The file's content."""
    encoder = msgspec.json.Encoder()
    return b"".join(encoder.encode(record) + b"\n" for record in records())


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(lines())
    print(f"{TARGET.name}: {len(lines())} bytes")
