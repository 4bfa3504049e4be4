"""Reads LiteLLM's StandardLoggingPayload: one object per request, or the object that holds it.

`completionStartTime` is the first token. `cache_hit` is LiteLLM's own store of answers, not a cache
of a model server: what it answered reached no server. Prompts are the fields that LiteLLM kept, not
the bytes of the wire, and they are missing or blanked where content was switched off.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from llmx.core.names import Json
from llmx.core.trace.readers.answers import chat_usage, finish_of, responses_usage
from llmx.core.trace.readers.bodies import Api, session_of
from llmx.core.trace.readers.documents import Document
from llmx.core.trace.readers.found import (
    Found,
    Head,
    Passed,
    count,
    dig,
    fields,
    identity,
    members,
    moment,
    origin,
    text,
    value,
    whole_prompt,
)
from llmx.core.trace.record import (
    Mark,
    Source,
    TraceError,
    TraceRecord,
    TraceRequest,
    TraceResponse,
    TraceUsage,
)

WRAPPED = "standard_logging_object"
BLANKED = b"redacted-by-litellm"
OTHER_CALLS = ("embedding", "image", "speech", "transcription", "moderation", "rerank", "batch")
BODY_FIELDS = ("tools", "tool_choice", "functions", "system", "response_format", "thinking")


class _Payload(msgspec.Struct):
    id: Json = None
    request_id: Json = None  # of the same in LiteLLM's own table
    trace_id: Json = None
    call_type: Json = None
    stream: Json = None
    status: Json = None
    model: Json = None
    startTime: Json = None
    endTime: Json = None
    completionStartTime: Json = None
    prompt_tokens: Json = None
    completion_tokens: Json = None
    cache_hit: Json = None
    messages: msgspec.Raw = msgspec.Raw()
    model_parameters: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    metadata: Json = None
    error_str: Json = None
    error_information: Json = None


class LiteLLMReader:
    source: Source = "litellm"

    def claims(self, head: Head) -> bool:
        is_payload = "startTime" in head and ("call_type" in head or "completionStartTime" in head)
        return is_payload or WRAPPED in head

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        payload = msgspec.json.decode(head.get(WRAPPED) or document.data, type=_Payload)
        call = (text(payload.call_type) or "completion").lower()
        if any(word in call for word in OTHER_CALLS):
            yield Passed("litellm: not a request for an answer")
            return
        yield _record(payload, _api(call), document)

    def end(self) -> Iterator[Found]:
        yield from ()


def _record(payload: _Payload, api: Api, document: Document) -> TraceRecord:
    t0, first, last = map(moment, (payload.startTime, payload.completionStartTime, payload.endTime))
    is_own_answer = payload.cache_hit in (True, "True", "true")
    body = _body(payload)
    marks: list[Mark] = ["usage_only" if body is None else "rebuilt"]
    if is_own_answer:
        marks.append("proxy_answered")
    response = value(payload.response)
    usage = TraceUsage() if is_own_answer else _usage(payload, response)
    is_failed = payload.status == "failure"
    named = text(payload.id) or text(payload.request_id)
    choices = dig(response, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    path = {"chat": "/v1/chat/completions"}.get(api, f"/v1/{api}")
    return TraceRecord(
        id=f"{named or 'litellm'}-{identity(named, t0, last, text(payload.trace_id), body)}",
        session=session_of({}, _metadata(payload)),
        api=api,
        model=text(payload.model),
        t0=t0,
        t_first=None if is_failed or is_own_answer else _first_token(payload, first, last),
        t_last=last,
        status=_status(payload) if is_failed else 200,
        stream=payload.stream if isinstance(payload.stream, bool) else None,
        finish="error" if is_failed else finish_of(dig(choice, "finish_reason")),
        req=TraceRequest(path=path) if body is None else TraceRequest.of("POST", path, {}, body),
        res=TraceResponse(
            text=text(dig(choice, "message", "content")),
            error=TraceError(message=text(payload.error_str) or "failure") if is_failed else None,
        ),
        usage=usage,
        origin=origin("litellm", document, *marks),
    )


def _first_token(payload: _Payload, first: float | None, last: float | None) -> float | None:
    """Without a stream LiteLLM says the end of the answer there."""
    if payload.stream is True:
        return first
    is_earlier = first is not None and last is not None and first < last
    return first if is_earlier and payload.stream is None else None


def _api(call: str) -> Api:
    if "anthropic_messages" in call:
        return "messages"
    if "responses" in call:
        return "responses"
    return "completions" if "text_completion" in call else "chat"


def _usage(payload: _Payload, response: Json) -> TraceUsage:
    """The proxy's own counts, and the cached tokens of the usage that it passes on."""
    whole = dig(payload.metadata, "usage_object") or dig(response, "usage")
    said = chat_usage({"usage": whole})
    if "input_tokens" in members(whole) and said.prompt is None:
        said = responses_usage(whole)
    prompt = count(payload.prompt_tokens)
    prompt = said.prompt if said.prompt is not None else prompt
    out = count(payload.completion_tokens) if said.out is None else said.out
    return TraceUsage(
        prompt=whole_prompt(prompt or None, said.cached, said.written),
        cached=said.cached,
        written=said.written,
        out=out,
        reasoning=said.reasoning,
    )


def _body(payload: _Payload) -> bytes | None:
    """A body of what was kept; None where the content was not, or was blanked."""
    kept = bytes(payload.messages)
    if kept in (b"", b"null", b"[]", b"{}", b'""') or BLANKED in kept:
        return None
    if kept[:1] != b"[":
        said = value(kept)
        if not isinstance(said, str):
            return None
        kept = msgspec.json.encode([{"role": "user", "content": said}])
    parameters = fields(payload.model_parameters)
    parts = [(name, bytes(parameters[name])) for name in BODY_FIELDS if name in parameters]
    model = msgspec.json.encode(text(payload.model))
    members_ = [("model", model), *parts, ("messages", kept)]
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), raw) for name, raw in members_) + b"}"


def _metadata(payload: _Payload) -> dict[str, Json]:
    """Where a session may be named."""
    own = members(payload.metadata)
    inner = members(own.get("requester_metadata"))
    return {
        "user_id": inner.get("user_id"),
        "session_id": inner.get("session_id") or own.get("session_id"),
    }


def _status(payload: _Payload) -> int | None:
    return count(dig(payload.error_information, "error_code"))
