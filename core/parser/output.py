"""Token ids to the deltas of one answer: text, reasoning, calls, and the stop strings in the text.

ids ─ Lexer ─ lexemes ─ Scanner ─ pieces ─ OutputParser ─ deltas
      what is a marker  what is a call     ids, numbers, choice, stop strings, logprobs
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from llmx.core.parser.escapes import WholeCharacters
from llmx.core.parser.families.base import Scanner
from llmx.core.parser.lexer import Lexer
from llmx.core.parser.pieces import (
    CallArguments,
    CallBegin,
    CallEnd,
    Flag,
    Piece,
    Reasoning,
    Text,
)
from llmx.core.parser.stop import StopScanner
from llmx.core.types import (
    Delta,
    Logprobs,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCalled,
    ToolCallStarted,
)


class OutputParser:
    """One per running answer; lives on the event loop, needs no lock and no MLX.

    An engine calls `add` with the ids that were sampled, in order, one or several at a time. After
    each call it looks at `matched`: once that is set, nothing more comes and the generation is to
    end with "stop". At any other end it sends what `finish` gives, too. The end token itself is not
    to be added. Stop strings are looked for in the text only, not in reasoning nor in calls.

    Deltas of one kind that stand side by side are joined. `logprobs`, where they are given, are one
    for each id; they come with the delta that the id gave something to, else with a later one.
    """

    def __init__(
        self,
        lexer: Lexer,
        scanner: Scanner,
        stops: tuple[str, ...] = (),
        *,
        choice: int = 0,
        make_id: Callable[[], str],
    ) -> None:
        self._lexer = lexer
        self._scanner = scanner
        self._stops = StopScanner(stops)
        self._choice = choice
        self._make_id = make_id
        self._call: _Call | None = None  # that was begun and not ended
        self._calls = 0  # begun so far
        self._untold: list[TokenLogprob] = []
        self._flags: dict[str, None] = {}
        self.reasoning_tokens = 0

    @property
    def matched(self) -> str | None:
        """The stop string that is complete in the text so far."""
        return self._stops.matched

    @property
    def flags(self) -> tuple[str, ...]:
        """What was odd so far, each once."""
        return tuple(self._flags)

    def add(self, ids: Sequence[int], logprobs: Sequence[TokenLogprob] = ()) -> list[Delta]:
        """The deltas that can be sent now."""
        if self.matched is not None:
            return []
        if self._scanner.may_reason:
            return self._add_counting(ids, logprobs)
        deltas = _Deltas(self)
        self._untold += logprobs
        for lexeme in self._lexer.add(ids):
            self._take(self._scanner.feed(lexeme), deltas)
        return deltas.told()

    def _add_counting(self, ids: Sequence[int], logprobs: Sequence[TokenLogprob]) -> list[Delta]:
        """One id after the other, to count those of the reasoning."""
        deltas = _Deltas(self)
        for at, token in enumerate(ids):
            self.reasoning_tokens += self._scanner.is_reasoning
            self._untold += logprobs[at : at + 1]
            for lexeme in self._lexer.add((token,)):
                self._take(self._scanner.feed(lexeme), deltas)
        return deltas.told()

    def finish(self, *, is_cut: bool) -> list[Delta]:
        """The rest, also when it ends in an incomplete character; nothing after a match.

        It may complete a stop string, so look at `matched` once more.
        """
        if self.matched is not None:
            return []
        deltas = _Deltas(self)
        for lexeme in self._lexer.finish():
            self._take(self._scanner.feed(lexeme), deltas)
        self._take(self._scanner.finish(is_cut=is_cut), deltas)
        if self.matched is None:
            self._say(self._stops.finish(), deltas)
        told = deltas.told()
        if self._untold and self.matched is None:  # of a call, of its end, of an empty text
            told.append(TextDelta("", self._choice, self.take_logprobs()))
        return told

    # ── pieces to deltas ──────────────────────────────────────────────────────────────────────

    def _take(self, pieces: Iterable[Piece], deltas: _Deltas) -> None:
        for piece in pieces:
            if self.matched is not None:
                return
            match piece:
                case Text(text):
                    self._say(self._stops.feed(text), deltas)
                case Reasoning(text):
                    deltas.reasoning(text)
                case CallBegin(name):
                    self._say(self._stops.finish(), deltas)  # no stop string spans a call
                    self._call = _Call(self._calls, self._make_id(), name)
                    self._calls += 1
                    deltas.add(ToolCallStarted(self._call.index, self._call.id, name, self._choice))
                case CallArguments(json):
                    call = self._open_call()
                    deltas.arguments(call, call.characters.feed(json))
                case CallEnd(is_complete):
                    call, self._call = self._open_call(), None
                    deltas.arguments(call, call.characters.finish())
                    text = "".join(call.arguments)
                    deltas.add(
                        ToolCalled(call.index, call.id, call.name, text, self._choice, is_complete)
                    )
                case Flag(name):
                    self._flags[name] = None
                case _:
                    assert_never(piece)

    def _say(self, text: str, deltas: _Deltas) -> None:
        if text:
            deltas.text(text)

    def _open_call(self) -> _Call:
        assert self._call is not None, "the scanner speaks of a call that it has not begun"
        return self._call

    @property
    def choice(self) -> int:
        return self._choice

    def take_logprobs(self) -> Logprobs:
        """Of all ids since they were last taken."""
        told, self._untold = tuple(self._untold), []
        return told


@dataclass(slots=True)
class _Call:
    index: int
    id: str
    name: str
    arguments: list[str] = field(default_factory=list)
    characters: WholeCharacters = field(default_factory=WholeCharacters)


class _Deltas:
    """Collects deltas and joins neighbours."""

    def __init__(self, parser: OutputParser) -> None:
        self._parser = parser
        self._all: list[Delta] = []
        self._kind: type[TextDelta | ReasoningDelta] | None = None  # of the pieces
        self._pieces: list[str] = []
        self._call: _Call | None = None
        self._arguments: list[str] = []

    def text(self, text: str) -> None:
        self._append(TextDelta, text)

    def reasoning(self, text: str) -> None:
        self._append(ReasoningDelta, text)

    def arguments(self, call: _Call, json: str) -> None:
        if not json:
            return
        self._close_text()
        self._call = call
        self._arguments.append(json)
        call.arguments.append(json)

    def add(self, delta: Delta) -> None:
        self._close()
        self._all.append(delta)

    def told(self) -> list[Delta]:
        """All of them."""
        self._close()
        return self._all

    def _append(self, kind: type[TextDelta | ReasoningDelta], text: str) -> None:
        if kind is not self._kind:
            self._close()
            self._kind = kind
        self._pieces.append(text)

    def _close(self) -> None:
        self._close_text()
        if self._call is not None:
            json = "".join(self._arguments)
            self._all.append(ToolCallDelta(self._call.index, json, self._parser.choice))
            self._call, self._arguments = None, []

    def _close_text(self) -> None:
        if self._kind is not None:
            text, logprobs = "".join(self._pieces), self._parser.take_logprobs()
            self._all.append(self._kind(text, self._parser.choice, logprobs))
            self._kind, self._pieces = None, []
