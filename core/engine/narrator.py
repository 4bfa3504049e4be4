"""Tells one request's story: messages of the MLX thread in, events of the engine protocol out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from llmx.core.engine.ticket import Admitted, Ended, Message, Progress, Refused, Tokens
from llmx.core.parser.output import OutputParser
from llmx.core.types import (
    Delta,
    Event,
    Finished,
    FinishReason,
    Prefilled,
    Prepared,
    Started,
    Timings,
    Usage,
)


class Narrator:
    """Lives on the event loop. `stopped`: a stop string is complete, the rows may end now."""

    def __init__(self, prepared: Prepared, parser: OutputParser) -> None:
        self._prompt_tokens = prepared.prompt_tokens
        self._is_clamped = prepared.clamped
        self._parser = parser
        self._one_by_one = bool(prepared.request.sampling.stop)  # to count up to the match
        self._shown = 0  # tokens that went into the text
        self.done = False

    @property
    def stopped(self) -> bool:
        return self._parser.matched is not None

    def tell(self, messages: Iterable[Message]) -> list[Event]:
        """The events of all that has piled up; text that came in pieces is told in one.

        Raises what the engine refused the request with.
        """
        events: list[Event] = []
        ids: list[int] = []
        for message in messages:
            match message:
                case Tokens():
                    ids += message.ids
                    continue
                case Refused(error):
                    self.done = True
                    raise error
                case _:
                    events += self._add(ids)
                    ids = []
            match message:
                case Admitted(report):
                    events.append(Started(self._prompt_tokens, report))
                case Progress(done, total):
                    events.append(Prefilled(done, total))
                case Ended(reason, usage, timings, fault):
                    self.done = True
                    events += self._parser.finish(is_cut=reason != "stop")
                    return [*events, self._finished(reason, usage, timings, fault)]
        return events + self._add(ids)

    def _add(self, ids: list[int]) -> list[Delta]:
        if not ids:
            return []
        if not self._one_by_one:
            return self._parser.add(ids)
        deltas: list[Delta] = []
        for token in ids:
            if self.stopped:
                break
            deltas += self._parser.add((token,))
            self._shown += 1
        return deltas

    def _finished(
        self, reason: FinishReason, usage: Usage, timings: Timings, fault: str | None
    ) -> Finished:
        usage = replace(usage, reasoning_tokens=self._parser.reasoning_tokens)
        flags = self._parser.flags
        if not self.stopped:
            if reason == "length" and self._is_clamped:
                reason = "context"
            return Finished(reason, usage, timings, None, fault, flags)
        # The row ran on until the word reached it; the client sees what led to the match.
        usage = replace(usage, completion_tokens=self._shown)
        return Finished("stop", usage, timings, self._parser.matched, None, flags)
