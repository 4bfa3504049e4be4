"""The grammar of a Chat Completions stream, checked on its bytes."""

from __future__ import annotations

import json
from typing import Any

from llmx.core.wire.check.chat import check_chat


def chat_chunks(raw: bytes) -> list[dict[str, Any]]:
    """The chunks of a whole, successful stream. Fails on any byte that breaks the grammar."""
    *chunks, done = _frames(raw)
    assert done == "[DONE]"
    seen = check_chat(raw)
    assert seen.violations == []
    assert seen.error is None
    bodies = [json.loads(chunk) for chunk in chunks]
    _check_form(bodies)
    return bodies


def failed_chunks(raw: bytes) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The chunks of a stream that ends in an error, and that error; no `[DONE]` follows it."""
    assert check_chat(raw).violations == []
    *chunks, last = [json.loads(frame) for frame in _frames(raw)]
    assert set(last) == {"error"}
    assert set(last["error"]) == {"message", "type", "param", "code"}
    _check_form(chunks)
    return chunks, last["error"]


def text_of(chunks: list[dict[str, Any]]) -> str:
    return "".join(
        choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]
    )


def _frames(raw: bytes) -> list[str]:
    text = raw.decode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n\n")
    frames = text.removesuffix("\n\n").split("\n\n")
    for frame in frames:
        assert frame.startswith("data: ")
        assert "\n" not in frame
    return [frame.removeprefix("data: ") for frame in frames]


def _check_form(bodies: list[dict[str, Any]]) -> None:
    """What we promise beyond the grammar."""
    assert len({body["system_fingerprint"] for body in bodies}) == 1
    assert bodies[0]["id"].startswith("chatcmpl-")
    assert bodies[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    for choice in (choice for body in bodies for choice in body["choices"]):
        assert set(choice) == {"index", "delta", "logprobs", "finish_reason"}
