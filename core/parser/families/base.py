"""What a family of models is to the parser, and a scanner is to its stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from llmx.core.parser.lexer import Lexeme
from llmx.core.parser.pieces import Piece, Text
from llmx.core.parser.tools import DeclaredTools


class Scanner(Protocol):
    """Turns the lexemes of one answer into pieces, in order, none lost: what is no call is text.

    The pieces do not depend on how the text was cut into lexemes, but for where texts are cut.
    """

    @property
    def is_reasoning(self) -> bool:
        """Whether the next token belongs to the model's reasoning."""
        ...

    @property
    def may_reason(self) -> bool:
        """Whether it may yet: tokens are to be counted, so they have to come one by one."""
        ...

    def feed(self, lexeme: Lexeme) -> Iterable[Piece]:
        """What is certain now."""
        ...

    def finish(self, *, is_cut: bool) -> Iterable[Piece]:
        """The rest. `is_cut`: the answer was ended (limit, cancel), the model did not end it."""
        ...


class Family(Protocol):
    @property
    def name(self) -> str:
        """As `--tool-parser` names it."""
        ...

    @property
    def markers(self) -> frozenset[str]:
        """The texts that begin and end blocks, each found by its id where it is one token."""
        ...

    @property
    def begins(self) -> frozenset[str]:
        """Those of the markers with which calls begin; empty: no calls are read.

        Other things begin with them only in a family that frames answers. An answer without them
        calls nothing, unless the family also knows calls without a marker.
        """
        ...

    @property
    def frames_answers(self) -> bool:
        """Whether it frames all of an answer and not calls alone."""
        ...

    @property
    def tells_reasoning(self) -> bool:
        """Whether its frames tell reasoning from text, so that no other markers do."""
        ...

    def scanner(self, tools: DeclaredTools) -> Scanner:
        """For one answer; `tools` is empty only for a family that frames answers."""
        ...


class PlainScanner:
    """Everything is text, markers too: of an answer that may call nothing."""

    is_reasoning = may_reason = False

    def feed(self, lexeme: Lexeme) -> Iterable[Piece]:
        yield Text(lexeme if isinstance(lexeme, str) else lexeme.text)

    def finish(self, *, is_cut: bool) -> Iterable[Piece]:
        return ()
