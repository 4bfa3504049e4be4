"""A model's chat template: a program of the model's, run on what a client sent.

Whatever it raises on a conversation is the request's fault (400), whatever it raises on the
plainest conversation there is, the model's or the operator's: `check` finds that at start.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jinja2.exceptions import TemplateError, TemplateSyntaxError

from llmx.core.errors import ModelError, RequestError
from llmx.core.types import Json

log = logging.getLogger(__name__)

Conversation = list[dict[str, Json]]
Tools = Sequence[Mapping[str, Json]]

_TEMPLATE_FILE = "<template>"  # the name that jinja gives a template's frames in a traceback
_CHECK_MESSAGE: dict[str, Json] = {"role": "user", "content": "Hello"}
CHECK_TOOL: dict[str, Json] = {
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


@dataclass(frozen=True, slots=True)
class Frame:
    """What a conversation is rendered with. `continues`: the last message is left open."""

    tools: Tools = ()
    variables: Mapping[str, Json] = field(default_factory=dict)
    continues: bool = False


_PLAIN = Frame()


class TemplatedTokenizer(Protocol):
    """The half of a Hugging Face tokenizer that renders."""

    def apply_chat_template(self, conversation: Conversation, **kwargs: Any) -> Any: ...


class ChatTemplate:
    """Thread-safe. The template is compiled once, by transformers."""

    def __init__(self, tokenizer: TemplatedTokenizer, source: str | None = None) -> None:
        """`source` is the template itself; None: the tokenizer's own."""
        self._tokenizer = tokenizer
        self._source = {} if source is None else {"chat_template": source}

    @property
    def sources(self) -> tuple[str, ...] | None:
        """The template's text, or texts where there are several; None: it is no text."""
        source = self._source.get("chat_template")
        if source is None:  # tokenizers written in Python need not have the attribute
            source = getattr(self._tokenizer, "chat_template", None)
        if isinstance(source, Mapping):
            return tuple(source.values())
        return (source,) if isinstance(source, str) and source else None

    def text(self, conversation: Conversation, frame: Frame = _PLAIN) -> str:
        """The prompt's text: with the generation prompt, or up to where the last message is left
        open. Raises `RequestError`."""
        try:
            if frame.continues:
                return self._left_open(conversation, frame)
            return self._run(conversation, frame)
        except RequestError:
            raise
        except Exception as error:
            if not isinstance(error, TemplateError):
                log.info("the chat template failed", exc_info=error)
            raise RequestError(
                f"The model's chat template cannot render this conversation: {_named(error)}",
                param="messages",
            ) from error

    def tried(self, conversation: Conversation, frame: Frame = _PLAIN) -> str | None:
        """The text, or None where the template refuses."""
        try:
            return self._run(conversation, frame)
        except Exception as error:  # noqa: BLE001 - a template may raise anything: that is the answer
            log.debug("the chat template refuses a trial: %s", error)
            return None

    def _left_open(self, conversation: Conversation, frame: Frame) -> str:
        """A mark behind what the last message says tells where it ends, whatever follows there."""
        mark = f"[{secrets.token_hex(8)}]"
        last = conversation[-1]
        opened = [*conversation[:-1], {**last, "content": last["content"] + mark}]
        begun, found, rest = self._run(opened, frame, answers=False).partition(mark)
        if not found or mark in rest:
            raise RequestError(
                "The model's chat template cannot leave the last message open.", param="messages"
            )
        return begun

    def check(self) -> None:
        """Render the plainest conversation, also with a tool.

        A refusal that the template itself states (`raise_exception`) is its right: some take no
        tools, some want a system message. Raises `ModelError` for everything else: it names the
        reason and, where jinja knows it, the line.
        """
        for tools in ((), (CHECK_TOOL,)):
            try:
                text = self._run([dict(_CHECK_MESSAGE)], Frame(tools))
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

    def _run(self, conversation: Conversation, frame: Frame, *, answers: bool = True) -> str:
        text = self._tokenizer.apply_chat_template(
            conversation,
            tools=[dict(tool) for tool in frame.tools] or None,
            tokenize=False,
            add_generation_prompt=answers,
            **self._source,
            **frame.variables,
        )
        if not isinstance(text, str):
            raise TypeError(f"it rendered {type(text).__name__}, wanted text")
        return text


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
