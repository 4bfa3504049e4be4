"""What templates do that breaks a prefix: names, what they mean, and which of them breaks this one.

Found by trial, not by reading the template: the conversation is changed so that one behaviour has
nothing to act on. Where that mends the break, that behaviour is the cause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from llmx.core.errors import RequestError
from llmx.core.types import Message
from llmx.core.verify.templates.rendering import Rendering
from llmx.core.verify.templates.scenarios import Scenario, Turn
from llmx.core.verify.templates.seams import Seam, seams_of

Behaviour = Literal[
    "date_line",
    "not_repeatable",
    "content_form",
    "strips_thinking",
    "strips_whitespace",
    "drops_empty",
    "moves_system",
    "reorders_tools",
    "moves_tools",
    "reserialises_arguments",
    "prints_call_ids",
    "merges_tool_results",
    "generation_prompt_differs",
    "position_dependent",
    "rewrites_answer",
    "tokens_merge_at_seam",
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A sentence on what the template does, and one on what helps."""

    does: str
    advice: str


MEANINGS: dict[Behaviour, Meaning] = {
    "date_line": Meaning(
        "the prompt says what time it is (strftime_now)",
        "Give the template a fixed date where it takes one, or put the date into the latest "
        "user message: with a new date all behind it is computed again.",
    ),
    "not_repeatable": Meaning(
        "the same conversation is rendered otherwise each time",
        "Take what is random out of the template: no cache can reuse such a prompt.",
    ),
    "content_form": Meaning(
        "a content that is a list of one text part is written otherwise than the string",
        "Send contents in one form, always strings or always parts.",
    ),
    "strips_thinking": Meaning(
        "reasoning is left out of earlier turns",
        "Expect the turns from the first one that loses its reasoning to be computed again, or use "
        "the template's switch that keeps it, where it has one.",
    ),
    "strips_whitespace": Meaning(
        "blanks around contents are cut off",
        "Reuse generated tokens in the server; a template that writes contents as they are needs "
        "no such thing.",
    ),
    "drops_empty": Meaning(
        "a message without content is left out or written otherwise",
        "Leave empty messages out of the history yourself, or write them in the template.",
    ),
    "moves_system": Meaning(
        "what a system message says stands elsewhere when the conversation grows",
        "Keep one system message at the beginning; where even that moves, put its text into the "
        "first user message.",
    ),
    "reorders_tools": Meaning(
        "tools stand in another order when the conversation grows",
        "Write the tools in the order in which they come.",
    ),
    "moves_tools": Meaning(
        "the tools stand elsewhere when the conversation grows",
        "Write the tools at the beginning of the prompt, whatever comes last.",
    ),
    "reserialises_arguments": Meaning(
        "arguments of calls are written anew: other blanks, keys in another order, other escapes",
        "Write arguments on one line in the order of the call (tojson without options), or reuse "
        "generated tokens in the server.",
    ),
    "prints_call_ids": Meaning(
        "ids of calls are printed, and a server gives other ids than the model wrote",
        "Number the calls in the server instead of drawing ids.",
    ),
    "merges_tool_results": Meaning(
        "results side by side become one message",
        "Send all results of one answer in the same request.",
    ),
    "generation_prompt_differs": Meaning(
        "what opens an answer is not what stands before it once it is history",
        "Write the same opening before earlier answers as in the generation prompt.",
    ),
    "position_dependent": Meaning(
        "a message is written otherwise when it is not the last one any more",
        "Write a message the same wherever it stands.",
    ),
    "rewrites_answer": Meaning(
        "an answer is not written as it was generated",
        "Write contents of answers as they are, or reuse generated tokens in the server.",
    ),
    "tokens_merge_at_seam": Meaning(
        "the text goes on from the prompt, but the tokenizer cuts it otherwise at the seam",
        "End the generation prompt and the answer with a token of its own, or reuse generated "
        "tokens in the server.",
    ),
}
assert tuple(MEANINGS) == get_args(Behaviour)


def causes(rendering: Rendering, scenario: Scenario, seam: Seam) -> tuple[Behaviour, ...]:
    """Which behaviours break this seam, the one that explains it best first. Never empty."""
    if seam.required.is_text_prefix:
        return ("tokens_merge_at_seam",)
    if not _is_repeatable(rendering, scenario):
        return ("not_repeatable",)
    found = _found_by_trial(rendering, scenario, seam)
    if "date_line" in found:
        return ("date_line",)
    if found:
        return tuple(_tools_of(scenario, seam) if name == "moves_tools" else name for name in found)
    if scenario.must == "asked" and seam.asked[-1].role == "tool":
        return ("merges_tool_results",)
    place = _by_place(seam)
    if not _lost_thought(scenario, seam):
        return (place,)
    opens = place == "generation_prompt_differs"
    return (place, "strips_thinking") if opens else ("strips_thinking",)


def _found_by_trial(rendering: Rendering, scenario: Scenario, seam: Seam) -> list[Behaviour]:
    """Those that each break it; where several do only together, all of these."""
    trials: dict[Behaviour, Callable[[Scenario], Scenario]] = {
        name: without for name, without in _TRIALS if without(scenario) != scenario
    }
    found: list[Behaviour] = [
        name for name, without in trials.items() if _mends(rendering, without(scenario), seam)
    ]
    if found:
        return found

    def without_all(but: Behaviour | None = None) -> Scenario:
        varied = scenario
        for name, without in trials.items():
            varied = varied if name == but else without(varied)
        return varied

    if not _mends(rendering, without_all(), seam):
        return []
    return [name for name in trials if not _mends(rendering, without_all(but=name), seam)]


def _by_place(seam: Seam) -> Behaviour:
    place = seam.required.characters
    if place < seam.opening:
        return "position_dependent"
    if place < len(seam.prompt.cached.text):
        return "generation_prompt_differs"
    if seam.answered is None:
        return "rewrites_answer"
    cached = seam.required.cached.text
    # The template itself wrote it so as the last message: that is how it was told what was drawn.
    as_last = seam.answered.startswith(cached[: place + 1])
    return "position_dependent" if as_last else "rewrites_answer"


def _is_repeatable(rendering: Rendering, scenario: Scenario) -> bool:
    first, again = (seams_of(rendering, scenario) for _ in range(2))
    return [seam.prompt for seam in first] == [seam.prompt for seam in again]


def _mends(rendering: Rendering, varied: Scenario, seam: Seam) -> bool:
    try:
        seams = seams_of(rendering, varied)
    except RequestError:
        return False
    return len(seams) >= seam.number and seams[seam.number - 1].holds


def _lost_thought(scenario: Scenario, seam: Seam) -> bool:
    """Whether reasoning that came back is not in the next prompt."""
    returned = [message for turn in scenario.turns[: seam.number] for message in turn.kept]
    following = seam.required.following.text
    return any(message.reasoning and message.reasoning not in following for message in returned)


def _tools_of(scenario: Scenario, seam: Seam) -> Behaviour:
    names: list[str] = [tool["function"]["name"] for tool in scenario.tools]

    def order(text: str) -> list[str]:
        said = {name: text.find(f'"{name}"') for name in names}
        return sorted(said, key=lambda name: said[name])

    prompts = seam.prompt.cached.text, seam.required.following.text
    return "moves_tools" if order(prompts[0]) == order(prompts[1]) else "reorders_tools"


# ── conversations on which one behaviour has nothing to act ───────────────────────────────────

_Change = Callable[[Message], Message | None]


def _changed(scenario: Scenario, change: _Change) -> Scenario:
    """With messages changed, or left out where the change is None; questions that are empty after
    that stay as they were."""

    def turn(known: Turn) -> Turn:
        asks = tuple(new for message in known.asks if (new := change(message)) is not None)
        return Turn(
            asks or known.asks,
            None if known.answer is None else change(known.answer),
            None if known.returned is None else change(known.returned),
        )

    return replace(scenario, turns=tuple(map(turn, scenario.turns)))


def _without_thought(message: Message) -> Message:
    return replace(message, reasoning=None)


def _stripped(message: Message) -> Message:
    return replace(message, content=message.content.strip())


def _with_words(message: Message) -> Message:
    if message.content or message.tool_calls:
        return message
    return replace(message, content="Never mind, go on.")


def _without_system(message: Message) -> Message | None:
    return None if message.role == "system" else message


_TRIALS: tuple[tuple[Behaviour, Callable[[Scenario], Scenario]], ...] = (
    ("date_line", lambda scenario: replace(scenario, later=False)),
    ("content_form", lambda scenario: replace(scenario, shape="text")),
    ("strips_thinking", lambda scenario: _changed(scenario, _without_thought)),
    ("strips_whitespace", lambda scenario: _changed(scenario, _stripped)),
    ("drops_empty", lambda scenario: _changed(scenario, _with_words)),
    ("moves_system", lambda scenario: _changed(scenario, _without_system)),
    ("moves_tools", lambda scenario: replace(scenario, tools=())),
    (
        "reserialises_arguments",
        lambda scenario: replace(scenario, own_arguments=False, other_blanks=False),
    ),
    ("prints_call_ids", lambda scenario: replace(scenario, own_ids=False)),
)
