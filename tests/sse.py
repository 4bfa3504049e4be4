"""The grammar of a Chat Completions stream, checked on its bytes."""

from __future__ import annotations

import json
from typing import Any


def chat_chunks(raw: bytes) -> list[dict[str, Any]]:
    """The chunks of a whole, successful stream. Fails on any byte that breaks the grammar."""
    *chunks, done = _frames(raw)
    assert done == "[DONE]"
    bodies = [json.loads(chunk) for chunk in chunks]
    usages = [body for body in bodies if not body["choices"]]
    assert len(usages) <= 1
    assert usages == bodies[len(bodies) - len(usages) :], "the usage comes last"
    deltas = bodies[: len(bodies) - len(usages)]
    _check_same_head(bodies)
    _check_choices(deltas)
    reasons = [body["choices"][0]["finish_reason"] for body in deltas]
    assert reasons[-1] in ("stop", "length")
    assert set(reasons[:-1]) <= {None}
    return bodies


def failed_chunks(raw: bytes) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The chunks of a stream that ends in an error, and that error; no `[DONE]` follows it."""
    *chunks, last = [json.loads(frame) for frame in _frames(raw)]
    assert set(last) == {"error"}
    assert set(last["error"]) == {"message", "type", "param", "code"}
    _check_same_head(chunks)
    _check_choices(chunks)
    assert {chunk["choices"][0]["finish_reason"] for chunk in chunks} <= {None}
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


def _check_same_head(bodies: list[dict[str, Any]]) -> None:
    heads = {
        (b["id"], b["created"], b["model"], b["object"], b["system_fingerprint"]) for b in bodies
    }
    assert len(heads) == 1
    ((identity, created, model, kind, _),) = heads
    assert identity.startswith("chatcmpl-")
    assert isinstance(created, int)
    assert isinstance(model, str)
    assert kind == "chat.completion.chunk"


def _check_choices(deltas: list[dict[str, Any]]) -> None:
    assert deltas[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    for number, body in enumerate(deltas):
        (choice,) = body["choices"]
        assert set(choice) == {"index", "delta", "logprobs", "finish_reason"}
        assert (choice["index"], choice["logprobs"]) == (0, None)
        assert ("role" in choice["delta"]) == (number == 0)
