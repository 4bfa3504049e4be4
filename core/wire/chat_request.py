"""The body of `POST /v1/chat/completions` to a `GenerationRequest`.

Fields that would change the meaning of the answer and that we cannot honour are refused by name;
every other unknown field is ignored, as clients send many.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from llmx.core.errors import RequestError
from llmx.core.types import (
    GenerationRequest,
    Json,
    Message,
    Prepared,
    SamplingParams,
    ToolCall,
    ToolChoice,
)
from llmx.core.wire.api import Head
from llmx.core.wire.body import Body, field_error, parse_body
from llmx.core.wire.chat_frames import ChatAnswer, ChatStream
from llmx.core.wire.namespace import MAX_SALT, namespace


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What concerns the answer's form only; an engine never sees it."""

    stream: bool
    include_usage: bool  # one more chunk with the usage; only of a stream
    model: str | None  # as asked; any name is served
    user: str | None
    conversation: str | None  # OpenAI's `prompt_cache_key`: groups requests, separates nothing


@dataclass(frozen=True, slots=True)
class ChatRequest:
    generation: GenerationRequest
    options: ChatOptions

    @property
    def stream(self) -> bool:
        return self.options.stream

    @property
    def user(self) -> str | None:
        return self.options.user

    @property
    def conversation(self) -> str | None:
        return self.options.conversation

    def whole(self, prepared: Prepared, head: Head) -> ChatAnswer:
        return ChatAnswer(head)

    def streamed(self, prepared: Prepared, head: Head) -> ChatStream:
        return ChatStream(head, self.options.include_usage)


def parse_chat(raw: bytes, *, request_id: str, keys: Iterable[bytes] = ()) -> ChatRequest:
    """Raises `RequestError` that names the first field that is wrong or not supported.

    `keys` are the API keys that separate this request's cached state from that of others.
    """
    body = parse_body(raw, ChatBody)
    _refuse_unsupported(body)
    messages = tuple(_message(m, f"messages[{i}]") for i, m in enumerate(body.messages))
    generation = GenerationRequest(
        id=request_id,
        messages=messages,
        tools=tuple(_tool(tool) for tool in body.tools or ()),
        tool_choice=ToolChoice("none" if body.tool_choice == "none" else "auto"),
        sampling=_sampling(body),
        cache=body.cache is not False,
        namespace=namespace(body.cache_salt, keys),
    )
    options = ChatOptions(
        stream=body.stream is True,
        include_usage=body.stream_options is not None and body.stream_options.include_usage is True,
        model=body.model,
        user=body.user,
        conversation=body.prompt_cache_key,
    )
    return ChatRequest(generation, options)


# ── the schema; null always means: not given ──────────────────────────────────────────────────


class TextPart(Body):
    type: Literal["text"]
    text: str


def _content_tag(value: Any) -> str:
    return ":parts" if isinstance(value, list) else ":text"


Content: TypeAlias = Annotated[
    Annotated[str, Tag(":text")] | Annotated[list[TextPart], Field(fail_fast=True), Tag(":parts")],
    Discriminator(_content_tag),
]


def _arguments_tag(value: Any) -> str:
    return ":object" if isinstance(value, dict) else ":json"


class CalledFunction(Body):
    name: str
    arguments: Annotated[
        Annotated[str, Tag(":json")] | Annotated[dict[str, Any], Tag(":object")],
        Discriminator(_arguments_tag),
    ]


class ToolCallBody(Body):
    id: str
    type: Literal["function"] | None = None
    function: CalledFunction


class MessageBody(Body):
    role: Literal["developer", "system", "user", "assistant", "tool"]
    content: Content | None = None
    tool_calls: Annotated[list[ToolCallBody], Field(fail_fast=True)] | None = None
    tool_call_id: str | None = None
    name: str | None = None


class FunctionBody(Body):
    name: Annotated[str, Field(min_length=1)]
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ToolBody(Body):
    type: Literal["function"]
    function: FunctionBody


class StreamOptions(Body):
    include_usage: bool | None = None


class ResponseFormat(Body):
    type: str


StopString: TypeAlias = Annotated[str, Field(min_length=1, max_length=1024)]


def _stop_tag(value: Any) -> str:
    return ":list" if isinstance(value, list) else ":one"


Penalty: TypeAlias = Annotated[float, Field(ge=-2, le=2)]
Limit: TypeAlias = Annotated[int, Field(ge=1)]


class ChatBody(Body):
    messages: Annotated[list[MessageBody], Field(fail_fast=True, min_length=1)]
    model: str | None = None
    tools: Annotated[list[ToolBody], Field(fail_fast=True)] | None = None
    tool_choice: Any = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=-1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: int | None = None
    stop: (
        Annotated[
            Annotated[StopString, Tag(":one")]
            | Annotated[list[StopString], Field(fail_fast=True, max_length=16), Tag(":list")],
            Discriminator(_stop_tag),
        ]
        | None
    ) = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    repetition_penalty: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    user: str | None = None
    cache: bool | None = None  # our own: false neither reads nor fills the prefix cache
    cache_salt: Annotated[str, Field(min_length=1, max_length=MAX_SALT)] | None = None
    prompt_cache_key: str | None = None
    # refused unless they say what we do anyway
    n: int | None = None
    logprobs: bool | None = None
    logit_bias: dict[str, Any] | None = None
    response_format: ResponseFormat | None = None
    modalities: Annotated[list[str], Field(fail_fast=True)] | None = None
    functions: list[Any] | None = None


# ── body to values ────────────────────────────────────────────────────────────────────────────


def _refuse_unsupported(body: ChatBody) -> None:
    if body.n not in (None, 1):
        raise _unsupported("n", "must be 1: this server gives one choice", body.n)
    if body.logprobs:
        raise _unsupported("logprobs", "must be false: not supported yet", body.logprobs)
    if body.logit_bias:
        raise _unsupported("logit_bias", "must be empty: not supported yet", body.logit_bias)
    if body.response_format is not None and body.response_format.type != "text":
        seen = body.response_format.type
        raise _unsupported("response_format.type", "must be 'text': no other is supported", seen)
    if body.modalities is not None and body.modalities != ["text"]:
        raise _unsupported(
            "modalities", "must be ['text']: this server gives text only", body.modalities
        )
    if body.functions:
        raise _unsupported("functions", "must be empty: send `tools` instead", body.functions)
    if body.tool_choice not in (None, "auto", "none"):
        wanted = "must be 'auto' or 'none': a forced call is not supported yet"
        raise _unsupported("tool_choice", wanted, body.tool_choice)


def _unsupported(path: str, wanted: str, seen: Json) -> RequestError:
    error = field_error(path, wanted, seen)
    error.code = "unsupported_value"
    return error


def _message(body: MessageBody, path: str) -> Message:
    if body.content is None and body.role != "assistant":
        wanted = "must be a string or a list of text parts"
        raise field_error(f"{path}.content", wanted, None)
    return Message(
        role="system" if body.role == "developer" else body.role,
        content=_text(body.content),
        tool_calls=tuple(_tool_call(call) for call in body.tool_calls or ()),
        tool_call_id=body.tool_call_id,
        name=body.name,
    )


def _text(content: str | list[TextPart] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(part.text for part in content)


def _tool_call(body: ToolCallBody) -> ToolCall:
    arguments = body.function.arguments
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(body.id, body.function.name, arguments)


def _tool(body: ToolBody) -> Mapping[str, Json]:
    """Only what a chat template shows: cache markers and the like must not reach the prompt."""
    function: dict[str, Json] = {"name": body.function.name}
    if body.function.description is not None:
        function["description"] = body.function.description
    if body.function.parameters is not None:
        function["parameters"] = body.function.parameters
    return {"type": "function", "function": function}


def _sampling(body: ChatBody) -> SamplingParams:
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    return SamplingParams(
        max_tokens=body.max_completion_tokens or body.max_tokens,
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=0 if body.top_k == -1 else body.top_k,
        min_p=body.min_p,
        seed=body.seed,
        stop=stop,
        presence_penalty=body.presence_penalty or 0.0,
        frequency_penalty=body.frequency_penalty or 0.0,
        repetition_penalty=body.repetition_penalty,
    )
