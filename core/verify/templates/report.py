"""What was found of a template: scenario by scenario, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmx.core.errors import ModelError, RequestError
from llmx.core.types import Json, Thinking
from llmx.core.verify.templates.behaviours import MEANINGS, Behaviour, causes
from llmx.core.verify.templates.rendering import Rendering
from llmx.core.verify.templates.scenarios import SCENARIOS, Scenario
from llmx.core.verify.templates.seams import Common, Seam, seams_of
from llmx.core.verify.templates.served import Served, Serving
from llmx.core.verify.templates.source import TemplateSource

VERSION = 1  # of the JSON form
_AROUND = 32  # characters on either side of a break

State = Literal[
    "ok",
    "break",  # some prompt does not go on from the one before
    "refused",  # the template raises an error: it does not take such a conversation
    "skipped",  # it has nothing that this could try
]


@dataclass(frozen=True, slots=True)
class Break:
    """Where a prompt parts from what is cached of the turn before.

    `message` is the index of the message in which it lies; None: it lies before all of them.
    `token` is None without a tokenizer. `lost` of what is cached cannot be used; `recomputed` is
    the share of the next prompt that has to be computed. Both are in tokens, or in characters.
    """

    turn: int  # the prompt of turn + 1 breaks
    part: str
    message: int | None
    character: int
    token: int | None
    before: str
    cached: str
    following: str
    behaviours: tuple[Behaviour, ...]
    lost: int
    recomputed: float

    @property
    def advice(self) -> str:
        return MEANINGS[self.behaviours[0]].advice

    def to_json(self) -> dict[str, Json]:
        return {
            "turn": self.turn,
            "message": self.message,
            "part": self.part,
            "character": self.character,
            "token": self.token,
            "text": {"before": self.before, "cached": self.cached, "next": self.following},
            "behaviours": list(self.behaviours),
            "lost": self.lost,
            "recomputed_share": round(self.recomputed, 4),
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True)
class Tried:
    """`served` is None where the scenario was not tried, or says nothing of a server. Of breaks by
    the same behaviours the first is told."""

    scenario: Scenario
    state: State
    why: str | None = None  # it was refused or skipped
    seams: tuple[Seam, ...] = ()
    breaks: tuple[Break, ...] = ()
    served: Served | None = None

    @property
    def worst(self) -> Break | None:
        """The one that costs most."""
        return max(self.breaks, key=lambda one: one.lost, default=None)

    def to_json(self) -> dict[str, Json]:
        served = self.served
        return {
            "name": self.scenario.name,
            "title": self.scenario.title,
            "state": self.state,
            "counts": self.scenario.counts,
            "why": self.why,
            "breaks": [one.to_json() for one in self.breaks],
            "llmx_serve": None
            if served is None
            else {"state": served.state, "rules": list(served.rules), "why": served.why},
            "turns": [_turn(seam) for seam in self.seams],
        }


@dataclass(frozen=True, slots=True)
class TemplateReport:
    source: TemplateSource
    tried: tuple[Tried, ...]

    @property
    def breaks(self) -> tuple[Tried, ...]:
        """Those that count."""
        return tuple(one for one in self.tried if one.state == "break" and one.scenario.counts)

    @property
    def mended(self) -> tuple[Tried, ...]:
        """Of these, those that hold in `llmx serve`."""
        return tuple(
            one for one in self.breaks if one.served is not None and one.served.state == "holds"
        )

    @property
    def exit_code(self) -> int:
        return 1 if self.breaks else 0

    @property
    def unit(self) -> str:
        return "tokens" if self.source.has_tokens else "characters"

    @property
    def verdict(self) -> str:
        return "BREAKS" if self.breaks else "HOLDS"

    @property
    def sentence(self) -> str:
        done = sum(one.state in ("ok", "break") and one.scenario.counts for one in self.tried)
        if not self.breaks:
            return f"in all {done} conversations each prompt goes on from the one before"
        names = [name for one in self.breaks for it in one.breaks for name in it.behaviours]
        found = ", ".join(dict.fromkeys(names))
        mended = f"; llmx serve mends {len(self.mended)} of these" if self.mended else ""
        return f"{len(self.breaks)} of {done} conversations break in the template ({found}){mended}"

    def to_json(self) -> dict[str, Json]:
        return {
            "v": VERSION,
            "template": self.source.name,
            "file": self.source.file,
            "unit": self.unit,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "exit_code": self.exit_code,
            "scenarios": [one.to_json() for one in self.tried],
        }


def try_template(
    source: TemplateSource, scenarios: Sequence[Scenario] = SCENARIOS
) -> TemplateReport:
    """Raises `ModelError` where the template cannot render, shows nothing of what users say, or
    refuses every conversation."""
    rendering = Rendering(source)
    if not rendering.shows_users:
        raise ModelError(
            f"{source.name}: {source.file} is no chat template: it does not show what users say"
        )
    serving = Serving(rendering)
    tried = tuple(_try(rendering, serving, scenario) for scenario in scenarios)
    if not any(one.state in ("ok", "break") for one in tried):
        why = next((one.why for one in tried if one.state == "refused"), None)
        raise ModelError(f"the chat template refuses every conversation: {why or 'none was tried'}")
    return TemplateReport(source, tried)


def _try(rendering: Rendering, serving: Serving, scenario: Scenario) -> Tried:
    if (why := _unneeded(rendering, scenario)) is not None:
        return Tried(scenario, "skipped", why)
    served = None if scenario.must == "asked" or scenario.later else serving.serve(scenario)
    try:
        seams = seams_of(rendering, scenario)
    except RequestError as error:
        return Tried(scenario, "refused", str(error), served=served)
    broken: dict[tuple[Behaviour, ...], Break] = {}
    for seam in seams:
        if not seam.holds:
            found = _break(rendering, scenario, seam)
            broken.setdefault(found.behaviours, found)
    if not broken:
        return Tried(scenario, "ok", seams=seams, served=served)
    if scenario.later:
        served = Served("breaks")  # no rule makes up for another date
    return Tried(scenario, "break", seams=seams, breaks=tuple(broken.values()), served=served)


def _unneeded(rendering: Rendering, scenario: Scenario) -> str | None:
    """Why the template has nothing that this scenario could try; None: it has."""
    match scenario.needs:
        case "thinking" if not rendering.thinks:
            return "the template has no words for reasoning"
        case "switch" if not rendering.manners.of(Thinking(enabled=False)):
            return "the template has no switch for thinking"
        case "clock" if not rendering.has_clock:
            return "the template does not ask for the time"
        case "calls" if not rendering.shows_calls:
            return "the template does not show calls"
        case "parts" if not rendering.takes_parts():
            return "the template takes texts only: servers join the parts"
        case _:
            return None


def _break(rendering: Rendering, scenario: Scenario, seam: Seam) -> Break:
    common = seam.required
    has_tokens = rendering.source.has_tokens
    place = common.characters
    if has_tokens and common.is_text_prefix:  # only the tokens part, before the text ends
        place = rendering.end_of(common.following, common.tokens)
    message = _message_at(seam, place)
    cached, following = common.cached.text, common.following.text
    return Break(
        turn=seam.number,
        part=_part(seam, message, place),
        message=message,
        character=place,
        token=common.tokens if has_tokens else None,
        before=cached[max(0, place - _AROUND) : place],
        cached=cached[place : place + _AROUND],
        following=following[place : place + _AROUND],
        behaviours=causes(rendering, scenario, seam),
        lost=_lost(common, has_tokens=has_tokens),
        recomputed=_recomputed(common, has_tokens=has_tokens),
    )


def _lost(common: Common, *, has_tokens: bool) -> int:
    if has_tokens:
        return len(common.cached.tokens) - common.tokens
    return len(common.cached.text) - common.characters


def _recomputed(common: Common, *, has_tokens: bool) -> float:
    if has_tokens:
        return 1 - common.tokens / len(common.following.tokens)
    return 1 - common.characters / len(common.following.text)


def _message_at(seam: Seam, place: int) -> int | None:
    if place >= seam.opening:
        return len(seam.asked)
    begun = [i for i, start in enumerate(seam.starts) if start is not None and start <= place]
    return begun[-1] if begun else None


def _part(seam: Seam, message: int | None, place: int) -> str:
    if message is None:
        return "the head, before the first message"
    if seam.opening <= place < len(seam.prompt.cached.text):
        return f"generation prompt of message {message} (assistant)"
    role = "assistant" if message == len(seam.asked) else seam.asked[message].role
    return f"message {message} ({role})"


def _turn(seam: Seam) -> dict[str, Json]:
    """Whether the next prompt goes on from the prompt, and from the answer as it was generated."""
    answer = seam.answer
    return {
        "turn": seam.number,
        "prompt_is_prefix": seam.prompt.is_prefix,
        "answer_is_prefix": None if answer is None else answer.is_prefix,
        "holds": seam.holds,
        "cached_tokens": len(seam.required.cached.tokens),
        "common_tokens": seam.required.tokens,
        "prompt_tokens": len(seam.required.following.tokens),
    }
