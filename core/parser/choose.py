"""Which family's syntax a model writes its calls in, and how it marks its reasoning.

Read off the chat template, then off the added tokens and the vocabulary; the operator may name it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from llmx.core.errors import ConfigError
from llmx.core.parser.families.base import Family, Scanner
from llmx.core.parser.families.deepseek import DEEPSEEK_V3, DEEPSEEK_V31
from llmx.core.parser.families.deepseek_dsml import DEEPSEEK_V4, DEEPSEEK_V32
from llmx.core.parser.families.gemma import FUNCTION_GEMMA, GEMMA4
from llmx.core.parser.families.glm import GLM47, LONGCAT
from llmx.core.parser.families.granite import Granite
from llmx.core.parser.families.harmony import Harmony
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.families.kimi_k2 import KIMI_K2
from llmx.core.parser.families.kimi_k3 import KIMI_K3
from llmx.core.parser.families.llama3 import Llama3
from llmx.core.parser.families.minicpm5 import MINICPM5
from llmx.core.parser.families.mistral import Mistral
from llmx.core.parser.families.pythonic import LLAMA4, PYTHONIC
from llmx.core.parser.families.xml_like import MINIMAX_M2, MUSE_SPARK, QWEN3_CODER, SEED_OSS
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.parser.tools import DeclaredTools

NONE = "none"

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Hermes(), QWEN3_CODER, SEED_OSS, GLM47, LONGCAT, MINIMAX_M2, MINICPM5, MUSE_SPARK,
        Mistral(), KIMI_K2, KIMI_K3, GEMMA4, FUNCTION_GEMMA, PYTHONIC, Llama3(), LLAMA4,
        DEEPSEEK_V3, DEEPSEEK_V31, DEEPSEEK_V32, DEEPSEEK_V4, Granite(), Harmony(),
    )
}  # fmt: skip

THINKING: Mapping[str, ThinkMarkers] = {
    "think": ThinkMarkers("<think>", "</think>"),
    "longcat": ThinkMarkers("<longcat_think>", "</longcat_think>"),
    "think_start": ThinkMarkers("<|think:start|>", "<|think:end|>"),
    "seed": ThinkMarkers("<seed:think>", "</seed:think>"),
    "mistral": ThinkMarkers("[THINK]", "[/THINK]"),
    "command": ThinkMarkers("<|START_THINKING|>", "<|END_THINKING|>"),
    "kimi_k3": ThinkMarkers("<|open|>think<|sep|>", "<|close|>think<|sep|>"),
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


_DEEPSEEK_CALLS = "<\uff5ctool\u2581calls\u2581begin\uff5c>"
_XTML = ("<|open|>", "<|close|>", "<|sep|>", "<|end_of_msg|>")

_Sign = Callable[[Written], bool]

# The first that fits: markers that one family alone has come before those that several share.
_FAMILY_SIGNS: tuple[tuple[str, _Sign], ...] = (
    ("harmony", lambda model: model.has("<|channel|>", "<|message|>")),
    ("minimax_m2", lambda model: model.has("<minimax:tool_call>")),
    ("gemma4", lambda model: model.has("<|tool_call>", "<tool_call|>")),
    ("function_gemma", lambda model: model.has("<start_function_call>")),
    ("longcat", lambda model: model.has("<longcat_tool_call>")),
    ("seed_oss", lambda model: model.has("<seed:tool_call>")),
    ("glm47", lambda model: model.has("<arg_key>")),
    ("pythonic", lambda model: model.has("<|tool_list_start|>")),
    ("pythonic", lambda model: model.has("<|tool_call_start|>")),
    ("qwen3_coder", lambda model: model.has("<tool_call>", "<function=")),
    ("kimi_k2", lambda model: model.has("<|tool_calls_section_begin|>")),
    ("minicpm5", lambda model: model.has('<function name="', '<param name="')),
    ("mistral", lambda model: model.has("[TOOL_CALLS]")),
    ("muse_spark", lambda model: model.has("<atem:function_calls>")),
    ("deepseek_v4", lambda model: model.has("\uff5cDSML\uff5c", "tool_calls>")),
    ("deepseek_v32", lambda model: model.has("\uff5cDSML\uff5c")),
    ("deepseek_v3", lambda model: model.has(_DEEPSEEK_CALLS, "```json")),
    ("deepseek_v31", lambda model: model.has(_DEEPSEEK_CALLS)),
    ("granite", lambda model: model.has("<|tool_call|>")),
    ("hermes", lambda model: model.has("<tool_call>")),
    ("llama4", lambda model: model.knows("<|python_start|>", "<|python_end|>")),
    ("llama3", lambda model: model.has("<|python_tag|>") or model.knows("<|python_tag|>")),
    # Templates that do not name the tokens which their models write, and renderers in code.
    ("kimi_k3", lambda model: model.knows(*_XTML)),
    ("pythonic", lambda model: model.knows("<|tool_call_start|>", "<|tool_call_end|>")),
)
_THINKING_SIGNS: tuple[tuple[str, _Sign], ...] = (
    ("think", lambda model: model.knows("<think>", "</think>")),
    ("longcat", lambda model: model.knows("<longcat_think>", "</longcat_think>")),
    ("think_start", lambda model: model.knows("<|think:start|>", "<|think:end|>")),
    ("seed", lambda model: model.has("<seed:think>") or model.knows("<seed:think>")),
    ("mistral", lambda model: model.knows("[THINK]", "[/THINK]")),
    ("command", lambda model: model.knows("<|START_THINKING|>", "<|END_THINKING|>")),
    ("gemma4", lambda model: model.knows("<|channel>", "<channel|>")),
    ("kimi_k3", lambda model: model.knows(*_XTML)),
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
    return [name for name, family in FAMILIES.items() if family.tells_reasoning]


def _check(option: str, name: str | None, known: Iterable[str]) -> None:
    if name is not None and name != NONE and name not in known:
        names = ", ".join([*sorted(known), NONE])
        raise ConfigError(f"{option}: {name!r} is not known; there are {names}")


class _Silent:
    """A family that frames answers, of a server that reads no calls."""

    frames_answers = True
    tells_reasoning = True
    begins = frozenset[str]()

    def __init__(self, family: Family) -> None:
        self._family = family
        self.name = family.name
        self.markers = family.markers

    def scanner(self, tools: DeclaredTools) -> Scanner:
        return self._family.scanner(DeclaredTools())
