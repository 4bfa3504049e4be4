"""A model's chat template: a program of the model's, run on what a client sent.

Whatever it raises on a conversation is the request's fault (400), whatever it raises on the
plainest conversation there is, the model's or the operator's: `check` finds that at start.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from jinja2.exceptions import TemplateError, TemplateSyntaxError

from llmx.core.errors import ModelError, RequestError
from llmx.core.types import Json, Message

log = logging.getLogger(__name__)

Conversation = list[dict[str, Json]]
Tools = Sequence[Mapping[str, Json]]

_TEMPLATE_FILE = "<template>"  # the name that jinja gives a template's frames in a traceback
_CHECK_MESSAGE: dict[str, Json] = {"role": "user", "content": "Hello"}
_CHECK_TOOL: dict[str, Json] = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Look around.",
        "parameters": {
            "type": "object",
            "properties": {"where": {"type": "string", "description": "A place."}},
            "required": ["where"],
        },
    },
}


class TemplatedTokenizer(Protocol):
    """The half of a Hugging Face tokenizer that renders."""

    def apply_chat_template(self, conversation: Conversation, **kwargs: Any) -> Any: ...


class ChatTemplate:
    """Thread-safe. The template is compiled once, by transformers."""

    def __init__(self, tokenizer: TemplatedTokenizer, source: str | None = None) -> None:
        """`source` is the template itself; None: the tokenizer's own."""
        self._tokenizer = tokenizer
        self._source = {} if source is None else {"chat_template": source}

    def text(self, conversation: Conversation, tools: Tools = ()) -> str:
        """The prompt's text, generation prompt included. Raises `RequestError`."""
        try:
            return self._run(conversation, tools)
        except Exception as error:
            if not isinstance(error, TemplateError):
                log.info("the chat template failed", exc_info=error)
            raise RequestError(
                f"The model's chat template cannot render this conversation: {_named(error)}",
                param="messages",
            ) from error

    def check(self) -> None:
        """Render the plainest conversation, also with a tool.

        A refusal that the template itself states (`raise_exception`) is its right: some take no
        tools, some want a system message. Raises `ModelError` for everything else: it names the
        reason and, where jinja knows it, the line.
        """
        for tools in ((), (_CHECK_TOOL,)):
            try:
                text = self._run([dict(_CHECK_MESSAGE)], tools)
            except Exception as error:
                if (
                    type(error) is TemplateError
                ):  # what raise_exception raises; faults are subclasses
                    continue
                line = _line(error)
                where = "" if line is None else f" (line {line})"
                what = "one user message" + (" and one tool" if tools else "")
                raise ModelError(
                    f"the chat template cannot render {what}{where}: {_named(error)}"
                ) from error
            if not text:
                raise ModelError("the chat template renders one user message to nothing")

    def _run(self, conversation: Conversation, tools: Tools) -> str:
        text = self._tokenizer.apply_chat_template(
            conversation,
            tools=[dict(tool) for tool in tools] or None,
            tokenize=False,
            add_generation_prompt=True,
            **self._source,
        )
        if not isinstance(text, str):
            raise TypeError(f"it rendered {type(text).__name__}, wanted text")
        return text


def as_dict(message: Message) -> dict[str, Json]:
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


def _named(error: Exception) -> str:
    """jinja's own errors are sentences; of the others the type says as much as the text."""
    if isinstance(error, TemplateError):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _line(error: Exception) -> int | None:
    """The line of the template: of its syntax, else of the innermost frame that runs in it."""
    lineno = error.lineno if isinstance(error, TemplateSyntaxError) else None
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame.lineno for frame in frames if frame.filename == _TEMPLATE_FILE]
    return lineno or (inside[-1] if inside else None)
