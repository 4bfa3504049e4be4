"""The same conversations as `llmx serve` renders them: with its rules, and with answers in history
written from the tokens that were generated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from llmx.core.errors import RequestError
from llmx.core.prompt.hygiene import Hygiene
from llmx.core.prompt.renderer import Renderer
from llmx.core.types import GenerationRequest, HygieneRule, Message
from llmx.core.verify.templates.rendering import Rendering
from llmx.core.verify.templates.scenarios import Scenario
from llmx.core.verify.templates.seams import frame_of
from llmx.core.verify.templates.written import written

State = Literal["holds", "breaks", "refuses"]


@dataclass(frozen=True, slots=True)
class Served:
    """`rules` are those without which it would not hold; forms that always apply among them."""

    state: State
    rules: tuple[str, ...] = ()
    why: str | None = None  # it refuses


class Serving:
    """Renders as a server with this model does, one conversation at a time."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering.as_served()
        self._renderers: dict[HygieneRule | None, Renderer] = {}  # by the rule that is off
        self._runs = count()

    def serve(self, scenario: Scenario) -> Served:
        """Whether each prompt goes on from the one before, and by which rules."""
        try:
            rules = self._rules(scenario)
        except RequestError as error:
            return Served("refuses", why=str(error))
        if rules is None:
            return Served("breaks")
        needed = [rule for rule in rules if self._rules(scenario, off=rule) is None]
        return Served("holds", (*needed, *self._forms(scenario)))

    def _rules(
        self, scenario: Scenario, off: HygieneRule | None = None
    ) -> list[HygieneRule] | None:
        """The rules that applied; None: some prompt does not go on from the one before."""
        renderer, namespace = self._renderer(off), f"run {next(self._runs)}"
        asked: list[Message] = []
        before: tuple[int, ...] | None = None
        rules: list[HygieneRule] = []
        for turn in scenario.turns:
            asked += turn.asks
            request = GenerationRequest(
                "trial",
                tuple(asked),
                tuple(scenario.tools),
                thinking=scenario.thinking,
                namespace=namespace,  # answers of one conversation are unknown to the next
            )
            rendered = renderer.prepare(request)
            if before is not None and rendered.tokens[: len(before)] != before:
                return None
            rules += rendered.rules
            before = rendered.tokens
            if turn.answer is not None:
                returned = turn.returned or turn.answer
                ids = self._generated(scenario, asked, turn.answer)
                if ids is not None:
                    renderer.remember(request, rendered, turn.answer, ids)
                    before += ids if scenario.must == "answer" else ()
                asked.append(returned)
        return list(dict.fromkeys(rules))

    def _renderer(self, off: HygieneRule | None) -> Renderer:
        if off not in self._renderers:
            self._renderers[off] = Renderer(
                self._rendering.prompter,
                hygiene=Hygiene(() if off is None else (off,)),
                think=self._rendering.think,
                decode=self._rendering.prompter.decode,
                end_tokens=self._rendering.ends,
            )
        return self._renderers[off]

    def _generated(
        self, scenario: Scenario, asked: Sequence[Message], answer: Message
    ) -> tuple[int, ...] | None:
        """The tokens of the answer; None: what the model writes cannot be told."""
        rendering = self._rendering
        text = written(
            rendering, asked, answer, frame_of(rendering, scenario),
            other_blanks=scenario.other_blanks,
        )  # fmt: skip
        return None if text is None else rendering.encode(text)

    def _forms(self, scenario: Scenario) -> list[str]:
        """What is always done to what the template has no word for."""
        manners = self._rendering.manners
        systems = [
            index
            for index, message in enumerate(m for turn in scenario.turns for m in turn.asks)
            if message.role == "system"
        ]
        found: list[str] = []
        if systems and not manners.leading_system:
            found.append("leading_system")
        if any(systems[1:]) and manners.late_system != "kept":
            found.append("late_system")
        if scenario.shape != "text":
            found.append("content_form")
        return found
