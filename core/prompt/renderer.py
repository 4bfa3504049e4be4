"""Renders a conversation through the model's own chat template and tokenizes it.

A prompt that goes on from an earlier one costs a run of the template and the tokens of what is new:
`memory` finds the earlier one, `encoder` reuses its tokens where that is exact (`cuts` says where),
`places` finds where the messages begin.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from llmx.core.errors import RequestError
from llmx.core.prompt.encoder import Encoder
from llmx.core.prompt.memory import LIMIT_BYTES, Known, PromptMemory
from llmx.core.prompt.places import Placer, Places
from llmx.core.prompt.template import ChatTemplate, as_dict
from llmx.core.types import Boundary, Json, Message


class Tokenizer(Protocol):
    """What is used of a Hugging Face tokenizer (`transformers.PreTrainedTokenizerBase`).

    A fast one has its library's tokenizer as `backend_tokenizer`; one without is used as it is.
    """

    is_fast: bool

    def apply_chat_template(self, conversation: list[dict[str, Json]], **kwargs: Any) -> Any: ...

    def __call__(self, text: str, **kwargs: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt's text and tokens, and where its parts end (the last boundary is the end)."""

    text: str
    tokens: tuple[int, ...]
    boundaries: tuple[Boundary, ...]
    packed: bytes  # the tokens as native 32-bit integers, the form of the prefix cache's keys
    fresh: int  # characters that were tokenized for it; the tokens of the others were known


class Renderer:
    """Thread-safe. Remembers recent prompts within `memory_bytes`; no result depends on that."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        chat_template: str | None = None,
        memory_bytes: int = LIMIT_BYTES,
    ) -> None:
        self._template = ChatTemplate(tokenizer, chat_template)
        self._encoder = Encoder(tokenizer)
        self._placer = Placer(self._template)
        self._memory = PromptMemory(memory_bytes)

    def check(self) -> None:
        """Raises `ModelError` where the template cannot render the plainest conversation."""
        self._template.check()

    def render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]] = ()
    ) -> Rendered:
        """Raises `RequestError` where template or tokenizer refuse the conversation."""
        conversation = [as_dict(message) for message in messages]
        text = self._template.text(conversation, tools)
        match = self._memory.find(text)
        if match is None:
            encoded = self._encoder.encode(text)
            places = self._placer.find(text, conversation, tools)
        else:
            known = match.known
            encoded = self._encoder.encode(text, known.encoded, match.common)
            places = self._placer.find(text, conversation, tools, known.places, match.common)
        if not encoded.tokens:
            raise RequestError("The messages render to an empty prompt.", param="messages")
        self._memory.add(Known(text, encoded, places), match)
        parts = _parts(messages, bool(tools))
        boundaries = _boundaries(places, encoded.ends, parts, len(encoded.tokens))
        return Rendered(text, encoded.tokens, boundaries, encoded.packed, encoded.fresh)


def _parts(messages: Sequence[Message], with_tools: bool) -> list[str]:
    """The names of the parts: what stands before the first message, then one per message."""
    parts = [f"message {index} ({message.role})" for index, message in enumerate(messages)]
    before = "template"
    if with_tools and messages and messages[0].role == "system":
        parts[0] = "tools+system"  # the tools stand before or after what it says
    elif with_tools:
        before = "tools"
    return [before, *parts]


def _boundaries(
    places: Places, ends: array[int], parts: Sequence[str], total: int
) -> tuple[Boundary, ...]:
    """Each part ends where the next message's content begins: its role header is shared too."""
    starts = sorted((start, i) for i, start in enumerate(places.starts) if start is not None)
    if not ends or not starts:
        return (Boundary(total, "prompt"),)
    found: list[Boundary] = []
    part = parts[0]
    for place, index in starts:
        _add(found, bisect_right(ends, place), part, total)
        part = parts[index + 1]
    if places.end is not None and places.end > starts[-1][0]:
        _add(found, bisect_right(ends, places.end), part, total)
        part = "generation prompt"
    found.append(Boundary(total, part))
    return tuple(found)


def _add(found: list[Boundary], position: int, part: str, total: int) -> None:
    """A boundary before the first token that reaches beyond its place, if it cuts anything."""
    if (found[-1].position if found else 0) < position < total:
        found.append(Boundary(position, part))
