"""Reads OpenTelemetry spans of calls of a model: OTLP JSON, and one span per line or document.

`gen_ai.usage.input_tokens` counts the cached tokens in. Spans of agents and tools sum up what the
spans of calls below them say, so only calls are requests. Prompts are there where the recorder was
told to keep content, in the form of the conventions: a body is put together from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from llmx.core.names import Json
from llmx.core.trace.readers.answers import finish_of
from llmx.core.trace.readers.bodies import Api
from llmx.core.trace.readers.documents import Document
from llmx.core.trace.readers.found import (
    Found,
    Head,
    Passed,
    dig,
    first_count,
    identity,
    members,
    moment,
    origin,
    seconds,
    text,
    value,
    whole_prompt,
)
from llmx.core.trace.readers.otel_messages import body_of, said_of
from llmx.core.trace.record import (
    Source,
    TraceError,
    TraceRecord,
    TraceRequest,
    TraceResponse,
    TraceUsage,
)

Attributes = Mapping[str, Json]

CALLS = frozenset({"chat", "text_completion", "generate_content", "completion", "messages"})
PROMPT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
OUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
)
CACHED = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.input_tokens_cached",
    "gen_ai.usage.cached_tokens",
)
WRITTEN = (
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
)
REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.output_tokens.reasoning")
FIRST = (  # seconds to the first token, by the client's clock or the server's
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.client.operation.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
)
FIRST_EVENTS = ("first_token", "gen_ai.first_token", "gen_ai.content.completion.chunk")
SPAN_KEYS = frozenset({"traceId", "spanId", "trace_id", "span_id", "context", "spanContext"})


class _Span(msgspec.Struct):
    """Of OTLP, and of the exporters that write one for a person to read."""

    name: Json = None
    traceId: Json = None
    trace_id: Json = None
    spanId: Json = None
    span_id: Json = None
    context: Json = None
    startTimeUnixNano: Json = None
    start_time_unix_nano: Json = None
    start_time: Json = None
    startTime: Json = None
    endTimeUnixNano: Json = None
    end_time_unix_nano: Json = None
    end_time: Json = None
    endTime: Json = None
    attributes: Json = None
    events: Json = None
    status: Json = None


class _Scope(msgspec.Struct):
    spans: list[msgspec.Raw] = []


class _Resource(msgspec.Struct):
    scopeSpans: list[_Scope] = []
    scope_spans: list[_Scope] = []


class _Export(msgspec.Struct):
    resourceSpans: list[_Resource] = []
    resource_spans: list[_Resource] = []


class OtelReader:
    source: Source = "otel"

    def claims(self, head: Head) -> bool:
        is_export = "resourceSpans" in head or "resource_spans" in head
        return is_export or ("attributes" in head and not SPAN_KEYS.isdisjoint(head))

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        if "attributes" in head:
            yield _read(msgspec.json.decode(document.data, type=_Span), document)
            return
        export = msgspec.json.decode(document.data, type=_Export)
        for resource in (*export.resourceSpans, *export.resource_spans):
            for scope in (*resource.scopeSpans, *resource.scope_spans):
                for raw in scope.spans:
                    yield _read(msgspec.json.decode(raw, type=_Span), document)

    def end(self) -> Iterator[Found]:
        yield from ()


def _read(span: _Span, document: Document) -> Found:
    attributes = _attributes(span.attributes)
    if not _is_call(attributes):
        return Passed("otel: a span of something else")
    times = _times(span, attributes)
    trace = text(span.traceId) or text(span.trace_id) or text(dig(span.context, "trace_id"))
    own = text(span.spanId) or text(span.span_id) or text(dig(span.context, "span_id"))
    body = body_of(attributes, _events(span))
    is_failed = text(attributes.get("error.type")) is not None or _has_failed(span)
    reasons = attributes.get("gen_ai.response.finish_reasons")
    reasons = value(reasons.encode("utf-8", "replace")) if isinstance(reasons, str) else reasons
    reason = reasons[0] if isinstance(reasons, list) and reasons else None
    api = _api(attributes)
    answer = text(attributes.get("gen_ai.response.id"))
    return TraceRecord(
        id=f"{answer or own or 'otel'}-{identity(trace, own, times.t0, body)}",
        session=text(attributes.get("gen_ai.conversation.id"))
        or text(attributes.get("session.id")),
        api=api,
        model=text(attributes.get("gen_ai.response.model"))
        or text(attributes.get("gen_ai.request.model")),
        t0=times.t0,
        t_first=times.first,
        t_last=times.last,
        status=first_count(
            attributes.get("http.response.status_code"), attributes.get("http.status_code")
        ),
        finish="error" if is_failed else finish_of(reason),
        req=TraceRequest() if body is None else TraceRequest.of("POST", "", {}, body),
        res=TraceResponse(
            text=said_of(attributes),
            error=TraceError(message=text(dig(span.status, "message")) or "error")
            if is_failed
            else None,
        ),
        usage=_usage(attributes),
        origin=origin("otel", document, "usage_only" if body is None else "rebuilt"),
    )


@dataclass(frozen=True, slots=True)
class _Times:
    t0: float | None
    first: float | None
    last: float | None


def _times(span: _Span, attributes: Attributes) -> _Times:
    begins = (span.startTimeUnixNano, span.start_time_unix_nano, span.start_time, span.startTime)
    ends = (span.endTimeUnixNano, span.end_time_unix_nano, span.end_time, span.endTime)
    t0, last = (next((_at(one) for one in told if one), None) for told in (begins, ends))
    waits = [seconds(attributes.get(name)) for name in FIRST]
    wait = next((one for one in waits if one is not None), None)
    first = t0 + wait if t0 is not None and wait is not None else None
    if first is None:
        told = [
            _at(event.get("timeUnixNano") or event.get("timestamp") or event.get("time"))
            for event in _events(span)
            if event.get("name") in FIRST_EVENTS
        ]
        first = min((at for at in told if at is not None), default=None)
    return _Times(t0, first, last)


def _at(found: Json) -> float | None:
    """A time, also as JavaScript has it: seconds and nanoseconds."""
    match found:
        case [int(whole), int(nanos)]:
            return moment(whole + nanos / 1e9)
        case _:
            return moment(found)


def _is_call(attributes: Attributes) -> bool:
    operation = text(attributes.get("gen_ai.operation.name"))
    if operation is not None:
        return operation.lower() in CALLS
    kind = text(attributes.get("llm.request.type"))
    return kind in ("chat", "completion") or any(name in attributes for name in PROMPT)


def _api(attributes: Attributes) -> Api:
    provider = text(attributes.get("gen_ai.provider.name")) or text(attributes.get("gen_ai.system"))
    if provider is not None and "anthropic" in provider.lower():
        return "messages"
    is_text = attributes.get("gen_ai.operation.name") == "text_completion"
    return "completions" if is_text else "chat"


def _usage(attributes: Attributes) -> TraceUsage:
    def said(names: tuple[str, ...]) -> int | None:
        return first_count(*(attributes.get(name) for name in names))

    cached, written = said(CACHED), said(WRITTEN)
    return TraceUsage(
        prompt=whole_prompt(said(PROMPT), cached, written),
        cached=cached,
        written=written,
        out=said(OUT),
        reasoning=said(REASONING),
    )


def _has_failed(span: _Span) -> bool:
    code = dig(span.status, "code") or dig(span.status, "status_code")
    return code in (2, "2", "ERROR", "STATUS_CODE_ERROR")


def _events(span: _Span) -> list[dict[str, Json]]:
    events = span.events if isinstance(span.events, list) else []
    return [
        {**event, "attributes": _attributes(event.get("attributes"))}
        for event in events
        if isinstance(event, dict)
    ]


def _attributes(found: Json) -> dict[str, Json]:
    """By name: an object, or OTLP's list of keys and tagged values."""
    if not isinstance(found, list):
        return members(found)
    return {
        key: _untagged(dig(one, "value"))
        for one in found
        if isinstance(key := dig(one, "key"), str)
    }


def _untagged(tagged: Json) -> Json:
    """What is in a tagged value. Integers are strings there, and stay so: `count` reads them."""
    for name, inner in members(tagged).items():
        match name:
            case "stringValue" | "intValue" | "boolValue" | "doubleValue":
                return inner
            case "arrayValue":
                values = dig(inner, "values")
                return [_untagged(one) for one in values] if isinstance(values, list) else []
            case "kvlistValue":
                return _attributes(dig(inner, "values"))
            case _:
                continue
    return None
