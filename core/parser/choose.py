"""Which family's syntax a model writes its calls in, and how it marks its reasoning.

Read off the chat template, then off the added tokens and the vocabulary; the operator may name it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from llmx.core.errors import ConfigError
from llmx.core.parser.families.base import Family, Scanner
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.parser.tools import DeclaredTools

NONE = "none"

FAMILIES: Mapping[str, Family] = {family.name: family for family in (Hermes(),)}

THINKING: Mapping[str, ThinkMarkers] = {
    "think": ThinkMarkers("<think>", "</think>"),
    "longcat": ThinkMarkers("<longcat_think>", "</longcat_think>"),
    "think_start": ThinkMarkers("<|think:start|>", "<|think:end|>"),
    "seed": ThinkMarkers("<seed:think>", "</seed:think>"),
    "mistral": ThinkMarkers("[THINK]", "[/THINK]"),
    "command": ThinkMarkers("<|START_THINKING|>", "<|END_THINKING|>"),
    "gemma4": ThinkMarkers("<|channel>thought", "<channel|>"),
    "granite": ThinkMarkers("Here is my thought process:", "Here is my response:"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was found or named; the names are for people, None where there is none."""

    family: Family | None
    thinking: ThinkMarkers | None
    tool_parser: str | None
    reasoning_parser: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of how a model writes."""

    template: str
    vocabulary: Collection[str]  # the texts of its tokens

    def has(self, *texts: str) -> bool:
        """Whether the template has all of them."""
        return all(text in self.template for text in texts)

    def knows(self, *tokens: str) -> bool:
        """Whether each of them is one token."""
        return all(token in self.vocabulary for token in tokens)


_Sign = Callable[[Written], bool]

# The first that fits: markers that one family alone has come before those that several share.
_FAMILY_SIGNS: tuple[tuple[str, _Sign], ...] = (("hermes", lambda model: model.has("<tool_call>")),)
_THINKING_SIGNS: tuple[tuple[str, _Sign], ...] = (
    ("think", lambda model: model.knows("<think>", "</think>")),
    ("longcat", lambda model: model.knows("<longcat_think>", "</longcat_think>")),
    ("think_start", lambda model: model.knows("<|think:start|>", "<|think:end|>")),
    ("seed", lambda model: model.has("<seed:think>") or model.knows("<seed:think>")),
    ("mistral", lambda model: model.knows("[THINK]", "[/THINK]")),
    ("command", lambda model: model.knows("<|START_THINKING|>", "<|END_THINKING|>")),
    ("gemma4", lambda model: model.knows("<|channel>", "<channel|>")),
    ("think", lambda model: model.has("<think>", "</think>")),
    ("granite", lambda model: model.has("Here is my thought process:", "Here is my response:")),
)


def check_names(tool_parser: str | None, reasoning_parser: str | None) -> None:
    """Raises `ConfigError`, which lists the names, for one that is not known."""
    _check("--tool-parser", tool_parser, FAMILIES)
    _check("--reasoning-parser", reasoning_parser, [*THINKING, *_framing()])


def choose(
    template: str,
    vocabulary: Collection[str],
    tool_parser: str | None = None,
    reasoning_parser: str | None = None,
) -> Chosen:
    """The syntax of the model with this chat template; a name given goes before what is found.

    Raises `ConfigError` as `check_names` does, and for two names that exclude each other.
    """
    check_names(tool_parser, reasoning_parser)
    model = Written(template, vocabulary)
    found = _first(_FAMILY_SIGNS, model)
    name = found if tool_parser is None else _named(tool_parser)
    if name is None and found in _framing() and reasoning_parser in (None, found):
        return Chosen(_Silent(FAMILIES[found]), None, None, found)
    if name in _framing():
        if reasoning_parser not in (None, name):
            raise ConfigError(
                f"--reasoning-parser {reasoning_parser}: {name} marks its reasoning by itself"
            )
        return Chosen(FAMILIES[name], None, name, name)
    family = None if name is None else FAMILIES[name]
    if reasoning_parser in _framing():
        raise ConfigError(
            f"--reasoning-parser {reasoning_parser} goes with --tool-parser {reasoning_parser}"
        )
    thinks = (
        _first(_THINKING_SIGNS, model) if reasoning_parser is None else _named(reasoning_parser)
    )
    return Chosen(family, None if thinks is None else THINKING[thinks], name, thinks)


def _first(signs: Iterable[tuple[str, _Sign]], model: Written) -> str | None:
    return next((name for name, fits in signs if fits(model)), None)


def _named(name: str) -> str | None:
    return None if name == NONE else name


def _framing() -> list[str]:
    return [name for name, family in FAMILIES.items() if family.frames_answers]


def _check(option: str, name: str | None, known: Iterable[str]) -> None:
    if name is not None and name != NONE and name not in known:
        names = ", ".join([*sorted(known), NONE])
        raise ConfigError(f"{option}: {name!r} is not known; there are {names}")


class _Silent:
    """A family that frames answers, of a server that reads no calls."""

    frames_answers = True
    begins = frozenset[str]()

    def __init__(self, family: Family) -> None:
        self._family = family
        self.name = family.name
        self.markers = family.markers

    def scanner(self, tools: DeclaredTools) -> Scanner:
        return self._family.scanner(DeclaredTools())
