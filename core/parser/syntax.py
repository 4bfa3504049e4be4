"""How one model writes, and the parser for one answer of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from llmx.core.parser.detokenize import Decode
from llmx.core.parser.families.base import Family, PlainScanner, Scanner
from llmx.core.parser.lexer import Lexer
from llmx.core.parser.output import OutputParser
from llmx.core.parser.thinking import ThinkingScanner, ThinkMarkers
from llmx.core.parser.tools import DeclaredTools
from llmx.core.types import GenerationRequest, Prepared


@dataclass(frozen=True, slots=True)
class Syntax:
    """Found once, when the model is loaded, or named by the operator.

    `decode` must leave special tokens in the text. `specials` are the added tokens, by id.
    """

    decode: Decode
    specials: Mapping[int, str] = field(default_factory=dict)
    family: Family | None = None  # None: its calls are text
    thinking: ThinkMarkers | None = None  # None: it does not think, or the family says how

    def opens_reasoning(self, prompt: str) -> bool:
        """Whether the rendered prompt ends inside the model's reasoning."""
        return self.thinking is not None and prompt.rstrip().endswith(self.thinking.begin)

    def parser(self, prepared: Prepared, choice: int = 0) -> OutputParser:
        """For one answer to this prompt."""
        request = prepared.request
        scanner, markers = self._scanner(prepared)
        return OutputParser(
            Lexer(self.decode, self.specials, markers),
            scanner,
            request.sampling.stop,
            choice=choice,
            make_id=lambda: _call_id(request),
        )

    def _scanner(self, prepared: Prepared) -> tuple[Scanner, frozenset[str]]:
        request = prepared.request
        scanner: Scanner = PlainScanner()
        markers: frozenset[str] = frozenset()
        if request.prompt is not None:  # a text to go on with has neither reasoning nor calls
            return scanner, markers
        tools = DeclaredTools.of(request, constrained=prepared.constraint is not None)
        family = self.family
        is_framed = family is not None and family.frames_answers
        # Where the answer goes on with a message, the prompt has opened the family's frame.
        if family is not None and (not request.continues if is_framed else tools):
            scanner, markers = family.scanner(tools), family.markers
        if self.thinking is not None and not request.continues:
            scanner = ThinkingScanner(scanner, self.thinking, is_open=prepared.is_thinking)
            markers |= {self.thinking.begin, self.thinking.end}
        return scanner, markers


def _call_id(request: GenerationRequest) -> str:
    return f"{request.call_id_prefix}{uuid.uuid4().hex[:24]}"
