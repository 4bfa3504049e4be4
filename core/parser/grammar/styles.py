"""What stands around an answer: the reasoning before it, the channel that it is written on."""

from __future__ import annotations

from dataclasses import dataclass

from llmx.core.parser.grammar.lark import Lark, any_number_of, either, maybe
from llmx.core.parser.thinking import ThinkMarkers

_ANYTHING = "(?s:.*)"
_FRAMING = "\\n{0,2}"  # between the reasoning and the answer


@dataclass(frozen=True, slots=True)
class Plain:
    """Most families: the text is the answer, and reasoning stands between two markers."""

    thinking: ThinkMarkers | None

    def value(self, lark: Lark, value: str) -> str:
        return value

    def free(self, lark: Lark, begin: str, calls: str) -> str:
        """Any text, in which `begin` begins calls."""
        text = lark.regex(_ANYTHING)
        if not begin:  # the answer is a call as a whole, or it is none
            return either((calls, lark.regex("[^{](?s:.*)"), '""'))
        return f"{any_number_of(f'{lark.until(_ANYTHING, begin)} {calls}')} {text}"

    def after_reasoning(self, lark: Lark, answer: str, *, is_open: bool, may_think: bool) -> str:
        """`is_open`: the prompt has begun the reasoning."""
        if self.thinking is None or not (is_open or may_think):
            return answer
        thought = f"{lark.until(_ANYTHING, self.thinking.end)} {lark.regex(_FRAMING)}"
        if is_open:
            return f"{thought} {answer}"
        return f"{maybe(f'{lark.text(self.thinking.begin)} {thought}')} {answer}"


@dataclass(frozen=True, slots=True)
class Harmony:
    """gpt-oss: messages on channels, of which the prompt has begun the first."""

    def value(self, lark: Lark, value: str) -> str:
        return f"{lark.text('<|channel|>final<|message|>')} {value}"

    def free(self, lark: Lark, begin: str, calls: str) -> str:
        text = lark.regex(_ANYTHING)
        return either((f"{lark.text(begin)} {calls}", self.value(lark, text)))

    def after_reasoning(self, lark: Lark, answer: str, *, is_open: bool, may_think: bool) -> str:
        if not may_think:
            return answer
        message = lark.rule(
            either(lark.text(f"<|channel|>{channel}<|message|>") for channel in _BEFORE)
            + f" {lark.until(_ANYTHING, '<|end|>')} {lark.text('<|start|>assistant')}"
        )
        return f"{any_number_of(message)} {answer}"


_BEFORE = ("analysis", "commentary")
