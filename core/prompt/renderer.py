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
from llmx.core.prompt.call_ids import numbered
from llmx.core.prompt.conversation import Told, told
from llmx.core.prompt.deferred import introduce
from llmx.core.prompt.encoder import Encoder
from llmx.core.prompt.hygiene import Hygiene, without_attribution
from llmx.core.prompt.manners import Manners, checked, manners_of
from llmx.core.prompt.memory import LIMIT_BYTES, Known, PromptMemory
from llmx.core.prompt.places import Placer, Places
from llmx.core.prompt.template import ChatTemplate, Frame
from llmx.core.types import Boundary, GenerationRequest, HygieneRule, Json, Message


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
    rules: tuple[HygieneRule, ...] = ()  # that changed how it is rendered


class Renderer:
    """Thread-safe. Remembers recent prompts within `memory_bytes`; no result depends on that.

    `think` are the markers that the model writes around its reasoning.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        chat_template: str | None = None,
        memory_bytes: int = LIMIT_BYTES,
        *,
        hygiene: Hygiene | None = None,
        think: tuple[str, str] | None = None,
    ) -> None:
        self._template = ChatTemplate(tokenizer, chat_template)
        self._encoder = Encoder(tokenizer)
        self._placer = Placer(self._template)
        self._memory = PromptMemory(memory_bytes)
        self._think = think
        self._manners: Manners | None = None
        self.hygiene = hygiene or Hygiene()

    @property
    def manners(self) -> Manners:
        """What the template takes; found by the first who asks."""
        if self._manners is None:
            self._manners = manners_of(self._template, self._think)
        return self._manners

    def check(self) -> None:
        """Raises `ModelError` where the template cannot render the plainest conversation."""
        self._template.check()

    def prepare(self, request: GenerationRequest) -> Rendered:
        """The prompt of a request: cleaned by the rules of hygiene, said as the template can say
        it, rendered. `tool_choice` and `output` do not show in it.

        Raises `RequestError` where the conversation cannot be rendered.
        """
        checked(request.template)
        clean = self._cleaned(request)
        frame = Frame(
            clean.tools,
            {**self.manners.of(request.thinking), **request.template},
            request.continues,
        )
        if request.continues and request.messages[-1].role != "assistant":
            raise RequestError(
                "Only a last message of the assistant can be continued.", param="messages"
            )
        rendered = self._render(told(clean.messages, self.manners), frame, clean.rules)
        self.hygiene.applied(rendered.rules)
        return rendered

    def render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]] = ()
    ) -> Rendered:
        """Messages and tools as they are: no rule of hygiene applies.

        Raises `RequestError` where template or tokenizer refuse the conversation.
        """
        return self._render(told(messages, self.manners), Frame(tuple(tools)), ())

    def _cleaned(self, request: GenerationRequest) -> _Clean:
        rules: list[HygieneRule] = []
        messages = request.messages
        if self.hygiene.is_on("attribution_line"):
            cleaned = without_attribution(messages)
            messages = cleaned.messages
            if cleaned.is_changed:
                rules.append("attribution_line")
        if self.hygiene.is_on("call_ids"):
            with_numbers = numbered(messages, self.manners.ids)
            if with_numbers != messages:
                rules.append("call_ids")
            messages = with_numbers
        introduced = introduce(messages, request.tools, is_on=self.hygiene.is_on("deferred_tools"))
        if introduced.is_changed:
            rules.append("deferred_tools")
        return _Clean(introduced.messages, introduced.tools, tuple(rules))

    def _render(self, said: Told, frame: Frame, rules: tuple[HygieneRule, ...]) -> Rendered:
        conversation = said.conversation
        text = self._template.text(conversation, frame)
        match = self._memory.find(text)
        if match is None:
            encoded = self._encoder.encode(text)
            places = self._placer.find(text, conversation, frame)
        else:
            known = match.known
            encoded = self._encoder.encode(text, known.encoded, match.common)
            places = self._placer.find(text, conversation, frame, known.places, match.common)
        if not encoded.tokens:
            raise RequestError("The messages render to an empty prompt.", param="messages")
        self._memory.add(Known(text, encoded, places), match)
        parts = _parts(said, frame)
        boundaries = _boundaries(places, encoded.ends, parts, len(encoded.tokens))
        return Rendered(text, encoded.tokens, boundaries, encoded.packed, encoded.fresh, rules)


@dataclass(frozen=True, slots=True)
class _Clean:
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Json], ...]
    rules: tuple[HygieneRule, ...]


def _parts(said: Told, frame: Frame) -> list[str]:
    """The names of the parts: what stands before the first message, one per message, the end."""
    parts = [
        f"message {origin} ({message['role']})"
        for origin, message in zip(said.origins, said.conversation, strict=True)
    ]
    before = "template"
    if frame.tools and said.conversation and said.conversation[0]["role"] == "system":
        parts[0] = "tools+system"  # the tools stand before or after what it says
    elif frame.tools:
        before = "tools"
    return [before, *parts, parts[-1] if frame.continues else "generation prompt"]


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
        part = parts[-1]
    found.append(Boundary(total, part))
    return tuple(found)


def _add(found: list[Boundary], position: int, part: str, total: int) -> None:
    """A boundary before the first token that reaches beyond its place, if it cuts anything."""
    if (found[-1].position if found else 0) < position < total:
        found.append(Boundary(position, part))
