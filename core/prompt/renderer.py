"""Renders a conversation through the model's own chat template and tokenizes it.

A prompt that goes on from an earlier one costs a run of the template and the tokens of what is new:
`memory` finds the earlier one, `encoder` reuses its tokens where that is exact (`cuts` says where),
`places` finds where the messages begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from llmx.core.errors import RequestError
from llmx.core.prompt.boundaries import boundaries_of, continued_boundaries, parts_of
from llmx.core.prompt.call_ids import numbered
from llmx.core.prompt.conversation import Told, told
from llmx.core.prompt.deferred import introduce
from llmx.core.prompt.encoder import Encoder
from llmx.core.prompt.history import Answer, Decode, History, Written, seam
from llmx.core.prompt.hygiene import Hygiene, without_attribution
from llmx.core.prompt.manners import Manners, manners_of
from llmx.core.prompt.memory import LIMIT_BYTES, Known, PromptMemory
from llmx.core.prompt.places import Placer
from llmx.core.prompt.template import ChatTemplate, Frame
from llmx.core.types import Boundary, GenerationRequest, HygieneRule, Json, Message
from llmx.core.types import Seam as SeamKind


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
    seam: SeamKind | None = None
    written: Written | None = None  # what `remember` needs of it; None: not for the history
    messages: int = 0  # of the cleaned conversation


class Renderer:
    """Thread-safe. Remembers recent prompts within `memory_bytes`; no result depends on that.

    `think` are the markers that the model writes around its reasoning. With `decode`, which leaves
    special tokens in the text, and the tokens that end an answer, it can also be told what was
    answered (`remember`), and renders answers that come back from their tokens.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        chat_template: str | None = None,
        memory_bytes: int = LIMIT_BYTES,
        *,
        hygiene: Hygiene | None = None,
        think: tuple[str, str] | None = None,
        decode: Decode | None = None,
        end_tokens: Iterable[int] = (),
    ) -> None:
        self._template = ChatTemplate(tokenizer, chat_template)
        self._encoder = Encoder(tokenizer)
        self._placer = Placer(self._template)
        self._memory = PromptMemory(memory_bytes)
        self._history = History()
        self._decode = decode
        self._ends = self._encoder.cut_texts(end_tokens) if decode is not None else ()
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
        said = told(clean.messages, self.manners)
        plain = self._template.text(said.conversation, frame)
        rendered, seam = self._from_history(request.namespace, clean.messages, said, plain, frame)
        rules = clean.rules
        if rendered is None:
            rendered = self._render(plain, said, frame)
        else:
            rules = (*rules, "generated_history")
        self.hygiene.applied(rules)
        return replace(rendered, rules=rules, seam=seam, messages=len(clean.messages))

    def render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]] = ()
    ) -> Rendered:
        """Messages and tools as they are: no rule of hygiene applies.

        Raises `RequestError` where template or tokenizer refuse the conversation.
        """
        said, frame = told(messages, self.manners), Frame(tuple(tools))
        return self._render(self._template.text(said.conversation, frame), said, frame)

    def remember(
        self, request: GenerationRequest, rendered: Rendered, answer: Message, ids: tuple[int, ...]
    ) -> None:
        """What was answered to this prompt, as a client would send it back, and its tokens.

        Costs next to nothing, so that it may be called where no time is to be lost.
        """
        if rendered.written is not None and self._ends and not request.continues:
            generated = Answer(rendered.written, ids)
            self._history.add(request.namespace, rendered.messages, answer, generated)

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

    def _render(self, text: str, said: Told, frame: Frame) -> Rendered:
        """The prompt that the template's text is, by what is remembered of its beginning."""
        conversation = said.conversation
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
        boundaries = boundaries_of(places, encoded.ends, parts_of(said, frame), len(encoded.tokens))
        return _rendered(Written(text, text, encoded, places, boundaries))

    def _from_history(
        self, namespace: str, messages: Sequence[Message], said: Told, plain: str, frame: Frame
    ) -> tuple[Rendered | None, SeamKind | None]:
        """The prompt with the latest answer that was made here written as it was generated, and
        all before it as it was then; None: by the template."""
        if self._decode is None or not self.hygiene.is_on("generated_history"):
            return None, None
        latest: int | None = None
        for candidate in self._history.candidates(namespace, messages):
            latest = candidate.index if latest is None else latest
            prompt = candidate.answer.prompt
            if not plain.startswith(prompt.plain):
                continue
            places = self._placer.find(
                plain, said.conversation, frame, prompt.places, len(prompt.plain)
            )
            item = said.origins.index(candidate.index)
            after = places.starts[item + 1] if item + 1 < len(places.starts) else None
            stands = seam(candidate, plain, self._decode, self._ends, after)
            if stands is None:
                continue
            text = prompt.text + candidate.answer.text(self._decode)
            place = len(text)
            text += plain[stands.end :]
            encoded = self._encoder.extend(prompt.encoded, candidate.answer.ids, text, place)
            if encoded is None:
                continue
            boundaries = continued_boundaries(
                prompt.boundaries, item, places, place - stands.end, encoded.ends,
                parts_of(said, frame), len(encoded.tokens),
            )  # fmt: skip
            kind: SeamKind = "generated" if candidate.index == latest else "template"
            return _rendered(Written(plain, text, encoded, places, boundaries)), kind
        return None, None if latest is None else "template"


def _rendered(written: Written) -> Rendered:
    encoded = written.encoded
    return Rendered(
        written.text, encoded.tokens, written.boundaries, encoded.packed, encoded.fresh,
        written=written,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Clean:
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Json], ...]
    rules: tuple[HygieneRule, ...]
