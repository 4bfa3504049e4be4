"""The schema of `POST /v1/messages`. Null always means: not given. What is unknown is ignored.

`cache_control` is accepted wherever a client puts it, by not being looked at: what the cache can
reuse it finds by itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from llmx.core.wire.body import Body
from llmx.core.wire.namespace import MAX_SALT

Id: TypeAlias = Annotated[str, Field(min_length=1)]


# ── blocks of a message ───────────────────────────────────────────────────────────────────────


class TextBlock(Body):
    type: Literal["text"]
    text: str


class ThinkingBlock(Body):
    type: Literal["thinking"]
    thinking: str
    signature: str | None = None


class RedactedBlock(Body):
    """Thinking that its server did not want to be read; there is nothing in it to render."""

    type: Literal["redacted_thinking"]


class ToolUseBlock(Body):
    type: Literal["tool_use"]
    id: Id
    name: Id
    input: dict[str, Any]


class ReferenceBlock(Body):
    """In the result of a search for tools: from here on the model may call this one."""

    type: Literal["tool_reference"]
    tool_name: Id


class OtherBlock(Body):
    """An image, a document, or what a server of another vendor ran: to be refused by its place."""

    type: str


def _content_tag(value: Any) -> str:
    return ":parts" if isinstance(value, list) else ":text"


def _tag_of(*known: str) -> Discriminator:
    def tag(value: Any) -> str:
        kind = value.get("type") if isinstance(value, dict) else None
        return f":{kind}-block" if kind in known else ":other-block"

    return Discriminator(tag)


ResultBlock: TypeAlias = Annotated[
    Annotated[TextBlock, Tag(":text-block")]
    | Annotated[ReferenceBlock, Tag(":tool_reference-block")]
    | Annotated[OtherBlock, Tag(":other-block")],
    _tag_of("text", "tool_reference"),
]

ResultContent: TypeAlias = Annotated[
    Annotated[str, Tag(":text")]
    | Annotated[list[ResultBlock], Field(fail_fast=True), Tag(":parts")],
    Discriminator(_content_tag),
]


class ToolResultBlock(Body):
    type: Literal["tool_result"]
    tool_use_id: Id
    content: ResultContent | None = None
    is_error: bool | None = None


Block: TypeAlias = Annotated[
    Annotated[TextBlock, Tag(":text-block")]
    | Annotated[ThinkingBlock, Tag(":thinking-block")]
    | Annotated[RedactedBlock, Tag(":redacted_thinking-block")]
    | Annotated[ToolUseBlock, Tag(":tool_use-block")]
    | Annotated[ToolResultBlock, Tag(":tool_result-block")]
    | Annotated[OtherBlock, Tag(":other-block")],
    _tag_of("text", "thinking", "redacted_thinking", "tool_use", "tool_result"),
]

Content: TypeAlias = Annotated[
    Annotated[str, Tag(":text")] | Annotated[list[Block], Field(fail_fast=True), Tag(":parts")],
    Discriminator(_content_tag),
]

System: TypeAlias = Annotated[
    Annotated[str, Tag(":text")] | Annotated[list[TextBlock], Field(fail_fast=True), Tag(":parts")],
    Discriminator(_content_tag),
]


class MessageBody(Body):
    role: Literal["user", "assistant", "system"]
    content: Content


# ── tools ─────────────────────────────────────────────────────────────────────────────────────


class ClientTool(Body):
    """A tool that the client runs."""

    type: Literal["custom"] | None = None
    name: Id
    description: str | None = None
    input_schema: dict[str, Any]
    strict: bool | None = None
    defer_loading: bool | None = None


class VendorTool(Body):
    """A tool that the vendor's servers run, or that only its models know without a schema."""

    type: str
    name: str | None = None


def _tool_tag(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else None
    return ":client-tool" if kind in (None, "custom") else ":vendor-tool"


Tool: TypeAlias = Annotated[
    Annotated[ClientTool, Tag(":client-tool")] | Annotated[VendorTool, Tag(":vendor-tool")],
    Discriminator(_tool_tag),
]


class ToolChoiceBody(Body):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


# ── the rest ──────────────────────────────────────────────────────────────────────────────────


class ThinkingBody(Body):
    type: str
    display: str | None = None


class FormatBody(Body):
    type: str
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None


class OutputBody(Body):
    effort: str | None = None
    format: FormatBody | None = None


class MetadataBody(Body):
    user_id: str | None = None


class DiagnosticsBody(Body):
    previous_message_id: str | None = None


class PromptBody(Body):
    """What `count_tokens` takes: all that the prompt is made of."""

    model: str | None = None
    messages: Annotated[list[MessageBody], Field(fail_fast=True, min_length=1)]
    system: System | None = None
    tools: Annotated[list[Tool], Field(fail_fast=True)] | None = None
    tool_choice: ToolChoiceBody | None = None
    thinking: ThinkingBody | None = None
    output_config: OutputBody | None = None
    output_format: FormatBody | None = None  # where the format stood before `output_config`
    thread: Any = None
    cache: bool | None = None  # our own: false neither reads nor fills the prefix cache
    cache_salt: Annotated[str, Field(min_length=1, max_length=MAX_SALT)] | None = None


class MessagesBody(PromptBody):
    max_tokens: Annotated[int, Field(ge=0)]  # 0: compute and store the prompt only
    stream: bool | None = None
    stop_sequences: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=1024)]],
            Field(fail_fast=True, max_length=128),
        ]
        | None
    ) = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    seed: int | None = None  # our own, as on Chat
    metadata: MetadataBody | None = None
    diagnostics: DiagnosticsBody | None = None
