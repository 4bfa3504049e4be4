"""Renders a conversation through the model's own chat template and tokenizes it.

A prompt that goes on from an earlier one costs a run of the template and the tokens of what is new:
`memory` finds the earlier one, `encoder` reuses its tokens where that is exact (`cuts` says where),
`places` finds where the messages begin.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from llmx.core.errors import RequestError
from llmx.core.prompt.boundaries import boundaries_of, continued_boundaries, parts_of
from llmx.core.prompt.call_ids import numbered
from llmx.core.prompt.conversation import Told, told
from llmx.core.prompt.deferred import introduce
from llmx.core.prompt.encoder import Encoder
from llmx.core.prompt.history import Answer, Candidate, Decode, History, Written, seam
from llmx.core.prompt.hygiene import Hygiene, without_attribution
from llmx.core.prompt.late import Arrangement, arranged
from llmx.core.prompt.manners import Manners, manners_of
from llmx.core.prompt.marks import with_marks
from llmx.core.prompt.memory import LIMIT_BYTES, Known, PromptMemory
from llmx.core.prompt.places import Placer
from llmx.core.prompt.template import ChatTemplate, Frame
from llmx.core.types import Boundary, GenerationRequest, HygieneRule, Json, Message
from llmx.core.types import Seam as SeamKind

log = logging.getLogger(__name__)


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
    rules: tuple[HygieneRule, ...] = ()  # that applied
    seam: SeamKind | None = None
    written: Written | None = None  # for `remember`; None: it is no conversation
    messages: int = 0  # of the cleaned conversation

    @classmethod
    def of(
        cls,
        written: Written,
        rules: tuple[HygieneRule, ...] = (),
        seam: SeamKind | None = None,
        messages: int = 0,
        boundaries: tuple[Boundary, ...] | None = None,
    ) -> Rendered:
        """`boundaries`: those of `written`, and what this request marks besides."""
        encoded = written.encoded
        return cls(
            written.text, encoded.tokens,
            written.boundaries if boundaries is None else boundaries,
            encoded.packed, encoded.fresh, rules, seam, written, messages,
        )  # fmt: skip


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
        """What the template takes; found by the first who asks, at the latest."""
        if self._manners is None:
            self._manners = manners_of(self._template, self._think)
        return self._manners

    def check(self) -> None:
        """Raises `ModelError` where the template cannot render the plainest conversation."""
        self._template.check()
        log.info("the chat template, by trial: %s", self.manners)

    def prepare(self, request: GenerationRequest) -> Rendered:
        """The prompt of a request: cleaned by the rules of hygiene, said as the template can say
        it, rendered. `tool_choice` and `output` do not show in it.

        Raises `RequestError` where the conversation cannot be rendered.
        """
        if request.continues and request.messages[-1].role != "assistant":
            raise RequestError(
                "Only a last message of the assistant can be continued.", param="messages"
            )
        clean = self._cleaned(request)
        variables = {**self.manners.of(request.thinking), **request.template}
        frame = Frame(clean.tools, variables, request.continues)
        rules = clean.rules
        scene = self._with_late_tools(request.namespace, clean, frame)
        if scene is None:
            scene = self._scene(clean.messages, frame, Arrangement(clean.tools))
        else:
            rules = (*rules, "late_tools")
        written, seam = self._from_history(request.namespace, scene)
        if written is None:
            written = self._written(scene)
        else:
            rules = (*rules, "generated_history")
        self.hygiene.applied(rules)
        boundaries = with_marks(written, scene.messages, scene.said)
        return Rendered.of(written, rules, seam, len(scene.messages), boundaries)

    def render(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Json]] = ()
    ) -> Rendered:
        """Messages and tools as they are: no rule of hygiene applies.

        Raises `RequestError` where template or tokenizer refuse the conversation.
        """
        head = tuple(tools)
        return Rendered.of(self._written(self._scene(messages, Frame(head), Arrangement(head))))

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

    def _scene(self, messages: Sequence[Message], frame: Frame, tools: Arrangement) -> _Scene:
        said = told(messages, self.manners)
        plain = self._template.text(said.conversation, frame)
        return _Scene(tuple(messages), said, frame, tools, plain)

    def _with_late_tools(self, namespace: str, clean: _Clean, frame: Frame) -> _Scene | None:
        """With the tools that are new since the latest answer that was made here described behind
        it; None where none are, or the prompt of that answer would not stay as it was."""
        if not clean.tools or not self.hygiene.is_on("late_tools"):
            return None
        latest: int | None = None
        for candidate in self._history.candidates(namespace, clean.messages):
            latest = candidate.index if latest is None else latest
            if candidate.index != latest:
                return None
            prompt = candidate.answer.prompt
            tools = arranged(prompt.tools, latest, clean.messages, clean.tools)
            if tools is None:
                continue
            messages = tools.described(clean.messages)
            scene = self._scene(messages, replace(frame, tools=tools.head), tools)
            if scene.plain.startswith(prompt.plain):
                return scene
        return None

    def _written(self, scene: _Scene) -> Written:
        """As the template has it, by what is remembered of its beginning."""
        text, conversation, frame = scene.plain, scene.said.conversation, scene.frame
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
        parts = parts_of(scene.said, frame)
        boundaries = boundaries_of(places, encoded.ends, parts, len(encoded.tokens))
        return Written(text, text, encoded, places, boundaries, scene.tools)

    def _from_history(
        self, namespace: str, scene: _Scene
    ) -> tuple[Written | None, SeamKind | None]:
        """The prompt with the latest answer that was made here written as it was generated, and
        all before it as it was then; None: by the template."""
        if not self.hygiene.is_on("generated_history"):
            return None, None
        latest: int | None = None
        for candidate in self._history.candidates(namespace, scene.messages):
            latest = candidate.index if latest is None else latest
            if (written := self._continued(candidate, scene)) is not None:
                return written, "generated" if candidate.index == latest else "template"
        return None, None if latest is None else "template"

    def _continued(self, candidate: Candidate, scene: _Scene) -> Written | None:
        """The prompt that goes on from this answer; None where it does not."""
        plain, said, answer = scene.plain, scene.said, candidate.answer
        prompt = answer.prompt
        if self._decode is None or not plain.startswith(prompt.plain):
            return None
        known = len(prompt.plain)
        places = self._placer.find(plain, said.conversation, scene.frame, prompt.places, known)
        item = said.origins.index(candidate.index)
        after = places.starts[item + 1] if item + 1 < len(places.starts) else None
        stands = seam(candidate, plain, self._decode, self._ends, after)
        if stands is None:
            return None
        text = prompt.text + answer.text(self._decode)
        place = len(text)
        text += plain[stands.end :]
        encoded = self._encoder.extend(prompt.encoded, answer.ids, text, place)
        if encoded is None:
            return None
        boundaries = continued_boundaries(
            prompt.boundaries, item, places, place - stands.end, encoded.ends,
            parts_of(said, scene.frame), len(encoded.tokens),
        )  # fmt: skip
        shifts = (*prompt.shifts, *[0] * (item + 1 - len(prompt.shifts)))[: item + 1]
        moved = (place - stands.end,) * (len(places.starts) - len(shifts))
        return Written(plain, text, encoded, places, boundaries, scene.tools, (*shifts, *moved))


@dataclass(frozen=True, slots=True)
class _Scene:
    """A conversation as it is given to the template, and what that makes of it."""

    messages: tuple[Message, ...]
    said: Told
    frame: Frame
    tools: Arrangement
    plain: str


@dataclass(frozen=True, slots=True)
class _Clean:
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Json], ...]
    rules: tuple[HygieneRule, ...]
