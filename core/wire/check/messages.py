"""The grammar of a Messages stream, checked over its recorded bytes. A finite-state machine:

    start ── message_start ──▶ between ── content_block_start ──▶ inside
                                  ▲                                 │ content_block_delta
                                  └────── content_block_stop ───────┘
    between ── message_delta with a stop reason ──▶ ending ── message_stop ──▶ over
    anywhere ── error ──▶ over;   ping and a message_delta without a stop reason change nothing

The check goes on behind a breach as a tolerant client would, so that each is told once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic_core import from_json

from llmx.core.types import Json
from llmx.core.wire.check.sse_frames import SseFrame, frames_of
from llmx.core.wire.check.violation import Client, Severity, Violation

STOP_REASONS = {
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
}
CUT = {"max_tokens", "model_context_window_exceeded", "refusal"}  # a call may be incomplete then
DELTAS = {  # kind of a delta: the block that takes it, and its field
    "text_delta": ("text", "text"),
    "citations_delta": ("text", "citation"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("thinking", "signature"),
    "input_json_delta": ("tool_use", "partial_json"),
}
EMPTY = {"text": ("text", ""), "thinking": ("thinking", ""), "tool_use": ("input", {})}
COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")

ACCUMULATORS: tuple[Client, ...] = ("accumulators", "claude-code")
SCHEMAS: tuple[Client, ...] = ("schema-js", "strict-java")
ALL: tuple[Client, ...] = ("accumulators", "schema-js", "strict-java", "claude-code")

State = Literal["start", "between", "inside", "ending", "over"]


@dataclass(slots=True)
class SeenBlock:
    """A content block as a client has it at the end."""

    kind: str
    text: str = ""  # of a text or of thinking; of a call the JSON of its input
    signature: str = ""
    id: str | None = None
    name: str | None = None
    offset: int = 0  # where it began, in bytes
    is_ended: bool = False


@dataclass(slots=True)
class SeenMessage:
    """What the stream said, put together."""

    blocks: list[SeenBlock] = field(default_factory=list)
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: dict[str, Json] = field(default_factory=dict)
    error: Json = None
    violations: list[Violation] = field(default_factory=list)


def check_messages(raw: bytes) -> SeenMessage:
    """The message that the stream holds, and every breach of the grammar, by place."""
    frames, violations = frames_of(raw)
    machine = _Machine(SeenMessage(violations=violations))
    for frame in frames:
        machine.take(frame)
    machine.end(len(raw))
    machine.seen.violations.sort(key=lambda violation: violation.offset)
    return machine.seen


class _Machine:
    def __init__(self, seen: SeenMessage) -> None:
        self.seen = seen
        self._state: State = "start"
        self._at = 0

    # ── events ────────────────────────────────────────────────────────────────────────────────

    def take(self, frame: SseFrame) -> None:
        self._at = frame.offset
        body = self._body(frame)
        if body is None:
            return
        kind = body.get("type")
        if frame.event != kind:
            said = f"`event: {frame.event}` over data of type {kind!r}"
            self._breach("event_name", "compat", said, *ACCUMULATORS)
        if self._state == "over":
            return self._breach("after_end", "compat", f"{kind} after the end", "schema-js")
        if kind not in ("ping", "error", "message_start") and self._state == "start":
            self._breach("first_event", "compat", f"{kind} before message_start", *ALL)
            self._state = "between"
        if self._state == "ending" and kind not in ("ping", "error", "message_stop"):
            self._breach("after_stop_reason", "compat", f"{kind} after the stop reason", *SCHEMAS)
        match kind:
            case "message_start":
                self._message_start(body)
            case "content_block_start":
                self._block_start(body)
            case "content_block_delta":
                self._block_delta(body)
            case "content_block_stop":
                self._block_stop(body)
            case "message_delta":
                self._message_delta(body)
            case "message_stop":
                self._message_stop()
            case "error":
                self._error(body)
            case "ping":
                pass
            case _:
                said = f"an event of the unknown type {kind!r}"
                self._breach("event_unknown", "strict", said, *SCHEMAS)

    def end(self, nbytes: int) -> None:
        self._at = nbytes
        if self._state != "over":
            said = "the stream ends without message_stop or error"
            self._breach("no_end", "compat", said, *ACCUMULATORS)

    def _body(self, frame: SseFrame) -> dict[str, Json] | None:
        try:
            body = from_json(frame.data, allow_inf_nan=False)
        except ValueError:
            body = None
        if isinstance(body, dict):
            return body
        self._breach("data_json", "compat", "the data is no JSON object", *ALL)
        return None

    def _message_start(self, body: Json) -> None:
        if self._state != "start":
            return self._breach("message_start_again", "compat", "a second message_start", *ALL)
        self._state = "between"
        message = body.get("message")
        if not isinstance(message, dict):
            return self._breach("message_missing", "compat", "no message", *ALL)
        for name, wanted in (("type", "message"), ("role", "assistant"), ("content", [])):
            if message.get(name) != wanted:
                said = f"message.{name} is not {wanted!r}"
                self._breach("message_field", "compat", said, *SCHEMAS)
        for name in ("id", "model"):
            if not isinstance(message.get(name), str) or not message[name]:
                said = f"message.{name} is no text"
                self._breach("message_field", "compat", said, *SCHEMAS)
        for name in ("stop_reason", "stop_sequence"):
            if message.get(name, "") is not None:
                said = f"message.{name} is not null"
                self._breach("message_field", "compat", said, "strict-java")
        self._usage(message.get("usage"), ("input_tokens", "output_tokens"))

    def _block_start(self, body: Json) -> None:
        block, index = body.get("content_block"), body.get("index")
        if self._state == "inside":
            said = f"block {index} begins before the one before it ended"
            self._breach("block_open", "compat", said, *ALL)
        self._state = "inside"
        if index != len(self.seen.blocks) or isinstance(index, bool):
            said = f"a block has index {index!r}, wanted {len(self.seen.blocks)}"
            self._breach("block_index", "compat", said, *ACCUMULATORS)
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(block, dict) or not isinstance(kind, str):
            self.seen.blocks.append(SeenBlock("", offset=self._at))
            return self._breach("block_missing", "compat", "no content_block with a type", *ALL)
        self.seen.blocks.append(SeenBlock(kind, offset=self._at))
        if kind in EMPTY:
            name, empty = EMPTY[kind]
            if block.get(name) != empty:
                said = f"a {kind} block begins with {name} other than {empty!r}"
                self._breach("block_not_empty", "compat", said, *SCHEMAS)
        elif kind != "redacted_thinking":
            self._breach("block_unknown", "strict", f"a block of type {kind!r}", "strict-java")
        if kind == "tool_use":
            self._call_start(block)

    def _call_start(self, block: dict[str, Json]) -> None:
        mine = self.seen.blocks[-1]
        for name in ("id", "name"):
            if not isinstance(block.get(name), str) or not block[name]:
                self._breach("call_field", "compat", f"a call without {name}", *ALL)
        mine.id, mine.name = block.get("id"), block.get("name")
        if any(other.id == mine.id for other in self.seen.blocks[:-1] if other.id is not None):
            self._breach("call_id_again", "compat", "two calls have one id", *ACCUMULATORS)

    def _block_delta(self, body: Json) -> None:
        if self._state != "inside":
            return self._breach("delta_outside", "compat", "a delta outside of a block", *ALL)
        block, delta = self.seen.blocks[-1], body.get("delta")
        self._check_index(body.get("index"), "delta_index")
        kind = delta.get("type") if isinstance(delta, dict) else None
        if not isinstance(delta, dict) or kind not in DELTAS:
            said = f"a delta of the unknown type {kind!r}"
            return self._breach("delta_unknown", "compat", said, *SCHEMAS)
        wanted, name = DELTAS[kind]
        if block.kind != wanted:
            said = f"a {kind} in a {block.kind} block"
            return self._breach("delta_kind", "compat", said, *ALL)
        text = delta.get(name)
        if kind == "citations_delta":
            return
        if not isinstance(text, str):
            return self._breach("delta_field", "compat", f"a {kind} without {name}", *ALL)
        if kind == "signature_delta":
            block.signature = text
            return
        if block.signature and text:
            self._breach("after_signature", "strict", "thinking goes on after its signature")
        block.text += text

    def _block_stop(self, body: Json) -> None:
        if self._state != "inside":
            said = "a block ends that is not open"
            return self._breach("stop_outside", "compat", said, *ALL)
        self._check_index(body.get("index"), "stop_index")
        self._state = "between"
        self.seen.blocks[-1].is_ended = True

    def _check_index(self, index: Json, code: str) -> None:
        wanted = len(self.seen.blocks) - 1
        if index != wanted or isinstance(index, bool):
            said = f"index {index!r}, but block {wanted} is open"
            self._breach(code, "compat", said, *ACCUMULATORS)

    def _message_delta(self, body: Json) -> None:
        delta = body.get("delta")
        self._usage(body.get("usage"), ("output_tokens",))
        if not isinstance(delta, dict) or "stop_reason" not in delta:
            return self._breach("message_delta_field", "compat", "no delta.stop_reason", *SCHEMAS)
        reason, sequence = delta["stop_reason"], delta.get("stop_sequence")
        if reason is None:
            return None  # a sign of life
        if self._state == "inside":
            said = "the message ends with a block open"
            self._breach("block_unended", "compat", said, *ACCUMULATORS)
        if reason not in STOP_REASONS:
            said = f"unknown stop_reason {reason!r}"
            self._breach("stop_reason_unknown", "compat", said, *SCHEMAS)
        if (reason == "stop_sequence") != isinstance(sequence, str):
            said = f"stop_reason {reason!r} with stop_sequence {sequence!r}"
            self._breach("stop_sequence", "strict", said)
        has_calls = any(block.kind == "tool_use" for block in self.seen.blocks)
        if reason == "tool_use" and not has_calls:
            self._breach("no_call", "compat", "stop_reason tool_use without a call", *ACCUMULATORS)
        if reason == "end_turn" and has_calls:
            self._breach("call_unsaid", "compat", "a call, but stop_reason end_turn", *ACCUMULATORS)
        self.seen.stop_reason, self.seen.stop_sequence = reason, sequence
        self._check_inputs()
        self._state = "ending"

    def _check_inputs(self) -> None:
        """Of every call: its pieces are the JSON of an object, unless the answer was cut."""
        for block in self.seen.blocks:
            if block.kind == "tool_use" and not _is_object(block.text or "{}"):
                if self.seen.stop_reason in CUT and block is self.seen.blocks[-1]:
                    continue
                said = f"the input of {block.name} is no JSON object: {block.text[:40]!r}"
                where = block.offset
                self.seen.violations.append(
                    Violation("call_input", "compat", where, said, ACCUMULATORS)
                )

    def _message_stop(self) -> None:
        if self._state != "ending":
            said = "message_stop, but nothing said why"
            self._breach("no_stop_reason", "compat", said, *ACCUMULATORS)
        self._state = "over"

    def _error(self, body: Json) -> None:
        self._state = "over"
        self.seen.error = error = body.get("error")
        is_whole = isinstance(error, dict) and all(
            isinstance(error.get(name), str) for name in ("type", "message")
        )
        if not is_whole:
            self._breach("error_field", "compat", "an error without type or message", *SCHEMAS)

    # ── what several events have ──────────────────────────────────────────────────────────────

    def _usage(self, usage: Json, wanted: tuple[str, ...]) -> None:
        """Counts are cumulative, so those of the output never fall."""
        if not isinstance(usage, dict):
            return self._breach("usage_missing", "compat", "no usage", *ALL)
        for name in COUNTS:
            count = usage.get(name)
            if count is None and name not in wanted:
                continue
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                self._breach("usage_count", "compat", f"usage.{name} is {count!r}", *SCHEMAS)
        before, now = self.seen.usage.get("output_tokens"), usage.get("output_tokens")
        if isinstance(before, int) and isinstance(now, int) and now < before:
            said = f"usage.output_tokens falls from {before} to {now}"
            self._breach("usage_falls", "strict", said)
        self.seen.usage.update({name: count for name, count in usage.items() if count is not None})

    def _breach(self, code: str, severity: Severity, said: str, *breaks: Client) -> None:
        self.seen.violations.append(Violation(code, severity, self._at, said, breaks))


def _is_object(text: str) -> bool:
    try:
        return isinstance(from_json(text), dict)
    except ValueError:
        return False
