"""`POST /v1/responses/compact`: a conversation to what its user said, and a summary of the rest.

The summary is the model's own: it is asked for behind the conversation, whose prompt is in the
cache. It travels sealed in a `compaction` item; where that comes back, it is expanded to a message
of the assistant, so that it may stand between what the user said and what he says next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from llmx.core.errors import RequestError
from llmx.core.types import Json
from llmx.core.wire.body import WANTED_OF_UNION, Body, check_body, field_error, parse_json
from llmx.core.wire.responses.body import CreateBody
from llmx.core.wire.responses.items import Item, new_id
from llmx.core.wire.responses.record import Record
from llmx.core.wire.responses.sealed import Seal

MOST_TOKENS = 1024  # of a summary
ASKED = (
    "Summarize this conversation for an assistant who will go on with it and sees nothing of it "
    "but your summary and what the user said: what was found out, decided, done and called, with "
    "the names, paths and numbers that are still needed, and what is still to be done. "
    "Write the summary only."
)
TOLD = "Summary of the conversation so far:\n\n"
_SUMMARY = "compaction"  # the name in what is sealed: sealed reasoning is no compaction


class CompactBody(Body):
    """What is not here is as for a response; `model` must be there."""

    model: str
    input: Any = None
    previous_response_id: str | None = None


@dataclass(frozen=True, slots=True)
class Compactor:
    """Seals summaries, and reads what it sealed."""

    seal: Seal

    def item(self, summary: str) -> Item:
        """A `compaction` item."""
        return {
            "id": new_id("compaction"),
            "type": "compaction",
            "encrypted_content": self.seal.seal(to_json({_SUMMARY: summary}).decode("utf-8")),
        }

    def expand(self, item: Item) -> Sequence[Item] | None:
        """What a `compaction` item stands for; None: this server did not make it."""
        unsealed = self.seal.unseal(item["encrypted_content"])
        if unsealed is None:
            return None
        try:
            match from_json(unsealed):
                case {"compaction": str(summary)}:
                    return [_message(f"{TOLD}{summary}")] if summary else []
        except ValueError:
            pass
        return None


def parse_compact(raw: bytes) -> CreateBody:
    """The request whose answer is the summary. Raises `RequestError`.

    Its prompt is that of the next turn but for its end: tools stand in it, and cannot be called.
    """
    given = parse_json(raw)
    body = check_body(given, CompactBody)
    if body.input is None and body.previous_response_id is None:
        raise RequestError("input: is required.", param="input")
    asked: dict[str, Json] = {"type": "message", "role": "user", "content": ASKED}
    whole = {
        **given,
        "input": [*_as_items(body.input), asked],
        "store": False,
        "stream": False,
        "background": False,
        "include": None,
        "max_output_tokens": MOST_TOKENS,
        "reasoning": {"effort": "none"},
        "temperature": 0,
        "text": None,
        "tool_choice": "none",
    }
    return check_body(whole, CreateBody)


def compaction_object(record: Record, compactor: Compactor) -> dict[str, Json]:
    """Of the response that summarized: its items are the conversation, then our question."""
    *items, _ = record.items
    summary = "".join(
        part["text"]
        for item in record.state.output
        if item["type"] == "message"
        for part in item["content"]
    )
    users = [item for item in items if item.get("role") == "user"]
    return {
        "id": record.id,
        "object": "response.compaction",
        "created_at": record.subject.created_at,
        "output": [*users, compactor.item(summary.strip())],
        "usage": record.state.usage,
    }


def _as_items(given: Json) -> list[Json]:
    """Raises `RequestError` for what is neither a text nor a list."""
    match given:
        case None:
            return []
        case str():
            return [{"type": "message", "role": "user", "content": given}]
        case list():
            return given
        case _:
            raise field_error("input", WANTED_OF_UNION[":text"], given)


def _message(text: str) -> Item:
    return {
        "id": new_id("message"),
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
    }
