"""Tells one request's story: messages of the MLX thread in, events of the engine protocol out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llmx.core.engine.ticket import Admitted, Ended, Message, Progress, Refused, Tokens
from llmx.core.parser.detokenize import Decode
from llmx.core.parser.text import TextStream
from llmx.core.types import (
    Event,
    Finished,
    FinishReason,
    Prefilled,
    Started,
    TextDelta,
    Timings,
    Usage,
)


class Narrator:
    """Lives on the event loop. `stopped`: a stop string is complete, the rows may end now."""

    def __init__(self, prompt_tokens: int, decode: Decode, stops: tuple[str, ...]) -> None:
        self._prompt_tokens = prompt_tokens
        self._text = TextStream(decode, stops)
        self._one_by_one = bool(stops)  # to count the tokens up to the match
        self._shown = 0  # tokens that went into the text
        self.done = False

    @property
    def stopped(self) -> bool:
        return self._text.matched is not None

    def tell(self, messages: Iterable[Message]) -> list[Event]:
        """The events of all that has piled up; text that came in pieces is told in one.

        Raises what the engine refused the request with.
        """
        events: list[Event] = []
        pieces: list[str] = []
        for message in messages:
            match message:
                case Tokens(ids):
                    pieces.append(self._add(ids))
                case Admitted(report):
                    events.append(Started(self._prompt_tokens, report))
                case Progress(done, total):
                    events.append(Prefilled(done, total))
                case Refused(error):
                    self.done = True
                    raise error
                case Ended(reason, usage, timings, fault):
                    self.done = True
                    pieces.append(self._text.finish())
                    if text := "".join(pieces):
                        events.append(TextDelta(text))
                    return [*events, self._finished(reason, usage, timings, fault)]
        if text := "".join(pieces):
            events.append(TextDelta(text))
        return events

    def _add(self, ids: tuple[int, ...]) -> str:
        if not self._one_by_one:
            return self._text.add(ids)
        pieces: list[str] = []
        for token in ids:
            if self.stopped:
                break
            pieces.append(self._text.add((token,)))
            self._shown += 1
        return "".join(pieces)

    def _finished(
        self, reason: FinishReason, usage: Usage, timings: Timings, fault: str | None
    ) -> Finished:
        if self._text.matched is None:
            return Finished(reason, usage, timings, None, fault)
        # The row ran on until the word reached it; the client sees what led to the match.
        usage = replace(usage, completion_tokens=self._shown)
        return Finished("stop", usage, timings, self._text.matched)
