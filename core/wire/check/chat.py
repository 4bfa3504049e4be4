"""The grammar of a Chat Completions stream, checked over its recorded bytes. Of each choice:

    unseen ── role ──▶ open ── finish_reason ──▶ finished
                       │  ▲
                       └──┘ content, reasoning, calls: index 0, 1, 2 … each begun once, then pieces

and of the stream: chunks ▶ [a chunk of usage alone] ▶ [DONE], or an error as its last event.

The check goes on behind a breach as a tolerant client would, so that each is told once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeGuard

from pydantic_core import from_json

from llmx.core.types import Json
from llmx.core.wire.check.sse_frames import SseFrame, frames_of
from llmx.core.wire.check.violation import Client, Severity, Violation

FINISH_REASONS = {"stop", "length", "tool_calls", "content_filter", "function_call"}
TEXTS = ("content", "reasoning_content", "refusal")  # fields of a delta that are pieces of a text
HEAD = ("id", "created", "model", "system_fingerprint", "service_tier")  # equal in every chunk
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
DONE = "[DONE]"

ACCUMULATORS: tuple[Client, ...] = ("accumulators",)
SCHEMAS: tuple[Client, ...] = ("schema-js", "strict-java")
ALL: tuple[Client, ...] = ("accumulators", "schema-js", "strict-java")

State = Literal["chunks", "usage", "done", "failed"]


@dataclass(slots=True)
class SeenCall:
    """A call as a client has it at the end."""

    id: str | None = None
    name: str | None = None
    kind: str | None = None
    arguments: str = ""  # JSON text; of a custom tool its input
    offset: int = 0  # where it began, in bytes


@dataclass(slots=True)
class SeenChoice:
    content: str = ""
    reasoning_content: str = ""
    refusal: str = ""
    calls: dict[int, SeenCall] = field(default_factory=dict)  # by index, as they began
    logprobs: list[Json] = field(default_factory=list)
    has_role: bool = False
    finish_reason: str | None = None
    offset: int = 0  # of its last chunk


@dataclass(slots=True)
class SeenChat:
    """What the stream said, put together."""

    choices: dict[int, SeenChoice] = field(default_factory=dict)
    usage: Json = None
    error: Json = None
    violations: list[Violation] = field(default_factory=list)


def check_chat(raw: bytes) -> SeenChat:
    """The answer that the stream holds, and every breach of the grammar, by place."""
    frames, violations = frames_of(raw)
    machine = _Machine(SeenChat(violations=violations))
    for frame in frames:
        machine.take(frame)
    machine.end(len(raw))
    machine.seen.violations.sort(key=lambda violation: violation.offset)
    return machine.seen


class _Machine:
    def __init__(self, seen: SeenChat) -> None:
        self.seen = seen
        self._state: State = "chunks"
        self._at = 0
        self._head: dict[str, Json] | None = None

    # ── events ────────────────────────────────────────────────────────────────────────────────

    def take(self, frame: SseFrame) -> None:
        self._at = frame.offset
        if frame.event is not None and frame.event != "error":
            self._breach("event_name", "strict", f"`event: {frame.event}`: this API names none")
        if self._state in ("done", "failed"):
            return self._breach("after_end", "compat", "data after the end", "schema-js")
        if frame.data == DONE:
            return self._done()
        body = self._body(frame)
        if body is None:
            return None
        if body.get("error"):
            return self._error(body["error"])
        return self._chunk(body)

    def end(self, nbytes: int) -> None:
        self._at = nbytes
        if self._state == "done":
            return
        if self._state != "failed":
            self._breach("no_done", "strict", "the stream ends without [DONE] or an error")
            self._unfinished()

    def _body(self, frame: SseFrame) -> dict[str, Json] | None:
        try:
            body = from_json(frame.data, allow_inf_nan=False)
        except ValueError:
            body = None
        if isinstance(body, dict):
            return body
        self._breach("data_json", "compat", "the data is no JSON object", *ALL)
        return None

    def _done(self) -> None:
        self._unfinished()
        self._state = "done"

    def _unfinished(self) -> None:
        if not self.seen.choices:
            self._breach("no_choice", "compat", "the stream has no choice", *ALL)
        for index, choice in self.seen.choices.items():
            if choice.finish_reason is None:
                said = f"choice {index} has no finish_reason"
                self._breach("unfinished", "compat", said, *ACCUMULATORS, "schema-js")

    def _error(self, error: Json) -> None:
        self._state = "failed"
        self.seen.error = error
        is_whole = isinstance(error, dict) and isinstance(error.get("message"), str)
        if not is_whole:
            self._breach("error_field", "compat", "an error without a message", *SCHEMAS)

    # ── a chunk ───────────────────────────────────────────────────────────────────────────────

    def _chunk(self, body: dict[str, Json]) -> None:
        self._check_head(body)
        choices = body.get("choices")
        if not isinstance(choices, list):
            return self._breach("choices_missing", "compat", "a chunk without choices", *ALL)
        if self._state == "usage":
            self._breach("after_usage", "compat", "a chunk after that of the usage", *ACCUMULATORS)
        usage = body.get("usage")
        if usage is not None:
            self._usage(usage)
        if not choices:
            self._state = "usage"
            if usage is None:
                self._breach("empty_chunk", "strict", "a chunk with neither choices nor usage")
        for choice in choices:
            self._choice(choice)

    def _check_head(self, body: dict[str, Json]) -> None:
        if body.get("object") != "chat.completion.chunk":
            said = f"object is {body.get('object')!r}"
            self._breach("object", "compat", said, *SCHEMAS)
        head = {name: body[name] for name in HEAD if name in body}
        if self._head is None:
            self._head = head
            for name in ("id", "model"):
                if not isinstance(head.get(name), str) or not head[name]:
                    self._breach("head_field", "compat", f"{name} is no text", *SCHEMAS)
            if not isinstance(head.get("created"), int):
                self._breach("head_field", "compat", "created is no integer", *SCHEMAS)
        elif head != self._head:
            names = [name for name in HEAD if head.get(name) != self._head.get(name)]
            said = f"{', '.join(names)} differs from the first chunk's"
            self._breach("head_changes", "compat", said, "schema-js")

    def _choice(self, body: Json) -> None:
        index = body.get("index") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not _is_index(index):
            said = "a choice without an integer index"
            return self._breach("choice_index", "compat", said, *ALL)
        if index not in self.seen.choices and index != len(self.seen.choices):
            said = f"choice {index} comes before choice {len(self.seen.choices)}"
            self._breach("choice_order", "compat", said, *ACCUMULATORS)
        choice = self.seen.choices.setdefault(index, SeenChoice())
        delta, reason = body.get("delta"), body.get("finish_reason")
        if choice.finish_reason is not None:
            said = f"choice {index} goes on after its finish_reason"
            self._breach("after_finish", "compat", said, *ACCUMULATORS)
        if not isinstance(delta, dict):
            self._breach("delta_missing", "compat", "a choice without a delta", *ALL)
        else:
            self._delta(choice, delta)
        self._logprobs(choice, body.get("logprobs"))
        choice.offset = self._at
        if reason is not None:
            self._finish(choice, reason)

    def _delta(self, choice: SeenChoice, delta: dict[str, Json]) -> None:
        role = delta.get("role")
        if role is not None:
            if choice.has_role:
                self._breach("role_again", "compat", "a second role", *ACCUMULATORS)
            if role != "assistant":
                self._breach("role", "compat", f"the role is {role!r}", *SCHEMAS)
            choice.has_role = True
        elif not choice.has_role:
            self._breach("no_role", "strict", "the first delta of a choice has no role")
            choice.has_role = True
        for name in TEXTS:
            text = delta.get(name)
            if text is not None and not isinstance(text, str):
                self._breach("delta_text", "compat", f"delta.{name} is no text", *ALL)
        if delta.get("reasoning_content") and (choice.content or choice.calls):
            said = "reasoning after the answer has begun"
            self._breach("reasoning_late", "strict", said)
        choice.content += _text(delta.get("content"))
        choice.reasoning_content += _text(delta.get("reasoning_content"))
        choice.refusal += _text(delta.get("refusal"))
        calls = delta.get("tool_calls")
        if calls is None:
            return
        if not isinstance(calls, list):
            return self._breach("calls_list", "compat", "tool_calls is no list", *ALL)
        for call in calls:
            self._call(choice, call)

    # ── calls ─────────────────────────────────────────────────────────────────────────────────

    def _call(self, choice: SeenChoice, body: Json) -> None:
        index = body.get("index") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not _is_index(index):
            said = "a call's delta without an integer index"
            return self._breach("call_index", "compat", said, *ALL)
        if index not in choice.calls:
            if index != len(choice.calls):
                said = f"a call has index {index}, wanted {len(choice.calls)}"
                self._breach("call_order", "compat", said, *ACCUMULATORS)
            return self._call_begin(choice, index, body)
        last = next(reversed(choice.calls))
        if index != last:
            said = f"call {index} goes on after call {last} has begun"
            self._breach("call_interleaved", "strict", said)
        return self._call_piece(choice.calls[index], body)

    def _call_begin(self, choice: SeenChoice, index: int, body: dict[str, Json]) -> None:
        kind = body.get("type")
        call = SeenCall(kind=kind if isinstance(kind, str) else None, offset=self._at)
        choice.calls[index] = call
        if kind not in ("function", "custom"):
            self._breach("call_type", "compat", f"a call begins with type {kind!r}", *SCHEMAS)
        inner = body.get(kind if kind == "custom" else "function")
        name = inner.get("name") if isinstance(inner, dict) else None
        call.id = body.get("id") if isinstance(body.get("id"), str) else None
        call.name = name if isinstance(name, str) else None
        if not call.id:
            self._breach("call_field", "compat", "a call begins without id", *ALL)
        if not call.name:
            self._breach("call_field", "compat", "a call begins without a name", *ALL)
        others = (other for one in self.seen.choices.values() for other in one.calls.values())
        if call.id and any(other.id == call.id for other in others if other is not call):
            self._breach("call_id_again", "compat", "two calls have one id", *ACCUMULATORS)
        self._arguments(call, inner)

    def _call_piece(self, call: SeenCall, body: dict[str, Json]) -> None:
        """Clients join the fields of all deltas: a name that comes twice is doubled."""
        inner = body.get("custom" if call.kind == "custom" else "function")
        name = inner.get("name") if isinstance(inner, dict) else None
        for field_name, value in (("id", body.get("id")), ("name", name)):
            if value:
                said = f"the {field_name} of a call comes again"
                self._breach("call_again", "compat", said, *ACCUMULATORS)
        if body.get("type"):
            self._breach("call_again", "strict", "the type of a call comes again")
        self._arguments(call, inner)

    def _arguments(self, call: SeenCall, inner: Json) -> None:
        if not isinstance(inner, dict):
            said = "a call's delta without its function"
            return self._breach("call_function", "compat", said, *ACCUMULATORS)
        piece = inner.get("input" if call.kind == "custom" else "arguments")
        if piece is not None and not isinstance(piece, str):
            said = "arguments are no text"
            return self._breach("call_arguments", "compat", said, *ALL)
        call.arguments += piece or ""

    # ── the end of a choice ───────────────────────────────────────────────────────────────────

    def _finish(self, choice: SeenChoice, reason: Json) -> None:
        if reason not in FINISH_REASONS:
            said = f"unknown finish_reason {reason!r}"
            self._breach("finish_unknown", "compat", said, *SCHEMAS)
        choice.finish_reason = str(reason)
        if reason == "tool_calls" and not choice.calls:
            said = "finish_reason tool_calls without a call"
            self._breach("no_call", "compat", said, *ACCUMULATORS)
        if reason == "stop" and choice.calls:
            said = "a call, but finish_reason stop"
            self._breach("call_unsaid", "compat", said, *ACCUMULATORS)
        last = next(reversed(choice.calls.values()), None)
        for call in choice.calls.values():
            if call.kind == "custom" or _is_object(call.arguments):
                continue
            if reason == "length" and call is last:
                continue  # it was cut, and says so
            said = f"the arguments of {call.name} are no JSON object: {call.arguments[:40]!r}"
            self.seen.violations.append(
                Violation("call_json", "compat", call.offset, said, ACCUMULATORS)
            )

    def _logprobs(self, choice: SeenChoice, body: Json) -> None:
        if body is None:
            return
        content = body.get("content") if isinstance(body, dict) else None
        if content is None:
            return
        is_whole = isinstance(content, list) and all(
            isinstance(one, dict)
            and isinstance(one.get("token"), str)
            and isinstance(one.get("logprob"), int | float)
            and isinstance(one.get("top_logprobs"), list)
            for one in content
        )
        if not is_whole:
            said = "logprobs without token, logprob or top_logprobs"
            return self._breach("logprobs", "compat", said, *SCHEMAS)
        choice.logprobs += content

    def _usage(self, usage: Json) -> None:
        """Some servers send it with each chunk; the last one counts."""
        counts = [usage.get(name) if isinstance(usage, dict) else None for name in COUNTS]
        known = [count for count in counts if _is_index(count)]
        if len(known) < len(COUNTS):
            said = f"usage without {', '.join(COUNTS)}"
            return self._breach("usage_count", "compat", said, *SCHEMAS)
        if sum(known[:2]) != known[2]:
            self._breach("usage_sum", "strict", f"{known[0]} + {known[1]} is not {known[2]}")
        self.seen.usage = usage

    def _breach(self, code: str, severity: Severity, said: str, *breaks: Client) -> None:
        self.seen.violations.append(Violation(code, severity, self._at, said, breaks))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _is_index(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_object(text: str) -> bool:
    try:
        return isinstance(from_json(text), dict)
    except ValueError:
        return False
