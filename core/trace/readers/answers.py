"""The answer of a foreign recorder: a whole JSON body, or the text of a stream.

Streams are read by the readers of the client.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from llmx.core.client.chat_transcript import ChatTranscript
from llmx.core.client.messages_transcript import MessagesTranscript
from llmx.core.client.responses_transcript import ResponsesTranscript
from llmx.core.client.sse import DONE, SseReader
from llmx.core.client.transcript import NoChunk, SaidError, Transcript, error_message
from llmx.core.names import FinishReason, Json
from llmx.core.trace.readers.bodies import Api
from llmx.core.trace.readers.found import (
    count,
    dig,
    first_count,
    members,
    messages_usage,
    text,
    value,
    whole_prompt,
)
from llmx.core.trace.record import (
    TraceCall,
    TraceDiagnosis,
    TraceError,
    TraceResponse,
    TraceServer,
    TraceUsage,
)

STREAM_BEGINS = (b"event:", b"data:", b":", b"id:", b"retry:")
FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "pause_turn": "stop",
    "refusal": "stop",
    "content_filter": "stop",
    "completed": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "incomplete": "length",
    "model_context_window_exceeded": "context",
    "cancelled": "cancelled",
    "failed": "error",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is not said is None; a stream that was cut has what came of it."""

    response: TraceResponse = field(default_factory=TraceResponse)
    usage: TraceUsage = field(default_factory=TraceUsage)
    server: TraceServer = field(default_factory=TraceServer)
    finish: FinishReason | None = None
    model: str | None = None
    id: str | None = None
    stream: bool | None = None


def read_answer(api: Api, content: bytes | None, status: int | None = None) -> Answer:
    """Never raises: a body that is no answer is none."""
    if not content or not content.strip():
        return Answer()
    is_stream = content.lstrip(b"\xef\xbb\xbf \r\n").startswith(STREAM_BEGINS)
    if status is not None and status >= 400 and not is_stream:
        return _refusal(content)
    data = _events(content) if is_stream else [content.decode("utf-8", "replace")]
    api, heard, error = _heard(api, data)
    said = heard.text or (None if is_stream else _completion_text(content))
    return Answer(
        response=TraceResponse(
            text=_whole(said),
            reasoning=_whole(heard.reasoning),
            calls=[
                TraceCall(name=_whole(call.name) or "", arguments=_whole(call.arguments) or "")
                for call in heard.calls
            ],
            error=error,
        ),
        usage=_usage(api, heard.counted),
        server=TraceServer(diagnosis=_diagnosis(api, heard.diagnostics)),
        finish="error" if error is not None else finish_of(heard.finish_reason),
        model=_whole(heard.model),
        id=_whole(heard.id),
        stream=is_stream,
    )


def finish_of(said: Json) -> FinishReason | None:
    return FINISH.get(said) if isinstance(said, str) else None


def chat_usage(counted: Json) -> TraceUsage:
    """Usage as Chat says it, its cached tokens in the words of whichever server. `counted` is an
    object with `usage`, and with `timings` where there are some."""
    usage = dig(counted, "usage")
    details = dig(usage, "prompt_tokens_details")
    cached = first_count(
        dig(details, "cached_tokens"),
        dig(usage, "prompt_cache_hit_tokens"),
        dig(usage, "cache_read_input_tokens"),
        dig(usage, "cached_tokens"),
        dig(counted, "timings", "cache_n"),
    )
    written = first_count(
        dig(details, "cache_write_tokens"),
        dig(details, "cache_creation_tokens"),
        dig(usage, "cache_creation_input_tokens"),
    )
    return TraceUsage(
        prompt=whole_prompt(count(dig(usage, "prompt_tokens")), cached, written),
        cached=cached,
        written=written,
        out=count(dig(usage, "completion_tokens")),
        reasoning=count(dig(usage, "completion_tokens_details", "reasoning_tokens")),
    )


def responses_usage(usage: Json) -> TraceUsage:
    return TraceUsage(
        prompt=count(dig(usage, "input_tokens")),
        cached=count(dig(usage, "input_tokens_details", "cached_tokens")),
        written=count(dig(usage, "input_tokens_details", "cache_write_tokens")),
        out=count(dig(usage, "output_tokens")),
        reasoning=count(dig(usage, "output_tokens_details", "reasoning_tokens")),
    )


def _whole(said: str | None) -> str | None:
    """Text that can be written: half a character of a stream that was cut is replaced."""
    return said.encode("utf-8", "replace").decode("utf-8") if said else None


def _transcript(api: Api) -> Transcript:
    match api:
        case "messages":
            return MessagesTranscript()
        case "responses":
            return ResponsesTranscript()
        case "chat" | "completions":
            return ChatTranscript()


def _usage(api: Api, counted: Json) -> TraceUsage:
    match api:
        case "messages":
            return messages_usage(dig(counted, "usage"))
        case "responses":
            return responses_usage(dig(counted, "usage"))
        case "chat" | "completions":
            return chat_usage(counted)


def _events(content: bytes) -> list[str]:
    reader = SseReader()
    return [event.data for event in (*reader.feed(content), *reader.end())]


def _heard(api: Api, data: list[str]) -> tuple[Api, Transcript, TraceError | None]:
    """In the words of its API, else of the first other one that it speaks: proxies translate."""
    others: tuple[Api, ...] = ("messages", "chat", "responses")
    tried: list[Api] = [api, *(other for other in others if other != api)]
    for one in tried:
        heard = _transcript(one)
        error = _hear(heard, data)
        if error is not None or heard.id or heard.counted or heard.text or heard.calls:
            return one, heard, error
    return api, _transcript(api), None


def _hear(heard: Transcript, data: list[str]) -> TraceError | None:
    """The error that was said, if one was; what is no event is passed over."""
    for one in data:
        if one.strip() == DONE:
            break
        try:
            heard.add(one)
        except SaidError as error:
            return TraceError(message=_whole(str(error)) or "error")
        except NoChunk:
            continue
    return None


def _refusal(content: bytes) -> Answer:
    body = value(content)
    said = error_message(body if body is not None else content.decode("utf-8", "replace"))
    kind = text(dig(body, "error", "type"))
    code = text(dig(body, "error", "code"))
    return Answer(TraceResponse(error=TraceError(message=said, type=kind, code=code)))


def _completion_text(content: bytes) -> str | None:
    choices = dig(value(content), "choices")
    return text(dig(choices[0], "text")) if isinstance(choices, list) and choices else None


def _diagnosis(api: Api, said: Json) -> TraceDiagnosis | None:
    """What a server says of a miss, in our words."""
    if api == "responses":
        return _responses_diagnosis(members(said))
    reason = members(dig(said, "cache_miss_reason"))
    missed = count(reason.get("cache_missed_input_tokens"))
    match reason.get("type"):
        case "model_changed":
            return TraceDiagnosis(verdict="changed", kind="model", missed=missed)
        case "system_changed":
            return TraceDiagnosis(verdict="changed", kind="system", missed=missed)
        case "tools_changed":
            return TraceDiagnosis(verdict="changed", kind="tools", missed=missed)
        case "messages_changed":
            return TraceDiagnosis(verdict="changed", kind="messages", missed=missed)
        case "unavailable" | "previous_message_not_found":
            return TraceDiagnosis(verdict="unknown")
        case _:
            return None


def _responses_diagnosis(said: dict[str, Json]) -> TraceDiagnosis | None:
    missed = count(said.get("cache_missed_tokens"))
    match said.get("type"), said.get("reason"):
        case "cache_miss", "model_changed":
            return TraceDiagnosis(verdict="changed", kind="model", missed=missed)
        case "cache_miss", "tools_changed":
            return TraceDiagnosis(verdict="changed", kind="tools", missed=missed)
        case "cache_miss", "input_changed" | "context_compacted":
            return TraceDiagnosis(verdict="changed", kind="messages", missed=missed)
        case "cache_miss", _:
            return TraceDiagnosis(verdict="changed", kind="parameters", missed=missed)
        case "cache_hit", _:
            return TraceDiagnosis(verdict="same")
        case "unavailable" | "comparison_response_not_found", _:
            return TraceDiagnosis(verdict="unknown")
        case _:
            return None
