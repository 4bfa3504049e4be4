"""Renders a conversation through the model's own chat template and tokenizes it.

Boundaries are found in the rendered text, not guessed from the messages: the template is rendered a
second time with a mark before each message's content, and the marks' places are carried over. If
the marked text without its marks is not the plain text (a template that trims, or looks at how a
content begins), the prompt has one boundary, its end; the tokens never depend on the marks.
"""

from __future__ import annotations

import json
import re
import secrets
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from jinja2.exceptions import TemplateError

from llmx.core.errors import RequestError
from llmx.core.types import Boundary, Json, Message


class Tokenizer(Protocol):
    """What is used of a Hugging Face tokenizer (`transformers.PreTrainedTokenizerBase`)."""

    is_fast: bool

    def apply_chat_template(self, conversation: list[dict[str, Json]], **kwargs: Any) -> Any: ...

    def __call__(self, text: str, **kwargs: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt's text and tokens, and where its parts end (the last boundary is the end)."""

    text: str
    tokens: tuple[int, ...]
    boundaries: tuple[Boundary, ...]


class Renderer:
    """Thread-safe: it holds no state but the tokenizer and the template."""

    def __init__(self, tokenizer: Tokenizer, chat_template: str | None = None) -> None:
        self._tokenizer = tokenizer
        self._template = {} if chat_template is None else {"chat_template": chat_template}

    def render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]] = ()
    ) -> Rendered:
        """Raises `RequestError` where the template refuses the conversation."""
        conversation = [_as_dict(message) for message in messages]
        text = self._text(conversation, tools)
        starts = self._content_starts(conversation, tools, text)
        encoded = self._tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=self._tokenizer.is_fast
        )
        tokens = tuple(encoded["input_ids"])
        if not tokens:
            raise RequestError("The messages render to an empty prompt.", param="messages")
        offsets = encoded["offset_mapping"] if self._tokenizer.is_fast else None
        return Rendered(text, tokens, _boundaries(starts, offsets, messages, len(tokens)))

    def _text(
        self, conversation: list[dict[str, Json]], tools: Sequence[Mapping[str, Json]]
    ) -> str:
        try:
            return self._tokenizer.apply_chat_template(
                conversation,
                tools=[dict(tool) for tool in tools] or None,
                tokenize=False,
                add_generation_prompt=True,
                **self._template,
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
            # The template is a program of the model's, run on what the client sent.
            raise RequestError(
                f"The model's chat template cannot render this conversation: {error}",
                param="messages",
            ) from error

    def _content_starts(
        self,
        conversation: list[dict[str, Json]],
        tools: Sequence[Mapping[str, Json]],
        text: str,
    ) -> dict[int, int]:
        """Message index -> character at which its content begins in `text`."""
        nonce = secrets.token_hex(8)
        marked = [
            {**message, "content": f"[{nonce}:{index}]{message['content']}"}
            if message["content"] and not message["content"][0].isspace()
            else message
            for index, message in enumerate(conversation)
        ]
        try:
            with_marks = self._text(marked, tools)
        except RequestError:
            return {}
        starts: dict[int, int] = {}
        plain: list[str] = []
        length = last = 0
        for mark in re.finditer(rf"\[{nonce}:(\d+)\]", with_marks):
            piece = with_marks[last : mark.start()]
            plain.append(piece)
            length, last = length + len(piece), mark.end()
            starts.setdefault(int(mark.group(1)), length)
        plain.append(with_marks[last:])
        return starts if "".join(plain) == text else {}


def _boundaries(
    starts: Mapping[int, int],
    offsets: Sequence[tuple[int, int]] | None,
    messages: Sequence[Message],
    total: int,
) -> tuple[Boundary, ...]:
    """Each part ends where the next message's content begins: its role header is shared too."""
    places = sorted(starts.items(), key=lambda item: item[1])
    found: list[Boundary] = []
    if offsets is not None and places:
        ends = [end for _, end in offsets]
        part = "template"
        for index, character in places:
            position = bisect_left(ends, character + 1)  # first token that reaches into the content
            if 0 < position < total and (not found or position > found[-1].position):
                found.append(Boundary(position, part))
            part = f"message {index} ({messages[index].role})"
        found.append(Boundary(total, part))
    else:
        found.append(Boundary(total, "prompt"))
    return tuple(found)


def _as_dict(message: Message) -> dict[str, Json]:
    """The form that chat templates expect; arguments as an object where they are one."""
    fields: dict[str, Json] = {"role": message.role, "content": message.content}
    if message.name is not None:
        fields["name"] = message.name
    if message.tool_call_id is not None:
        fields["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        fields["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _object_or_text(call.arguments)},
            }
            for call in message.tool_calls
        ]
    return fields


def _object_or_text(arguments: str) -> Json:
    try:
        parsed = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    return parsed if isinstance(parsed, dict) else arguments
