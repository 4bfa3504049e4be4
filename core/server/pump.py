"""Between an engine and the reader of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from types import TracebackType

from llmx.core.types import Event, ReasoningDelta, TextDelta, ToolCallDelta


class EventPump:
    """Takes an engine's events in a task of its own, so that no reader ever holds it back.

    Used as a context: leaving it cancels the generation if it still runs. What a slow reader has
    not taken yet is joined to one delta, so memory is bounded by the text of the answer.
    """

    def __init__(self, events: AsyncGenerator[Event, None]) -> None:
        self._events = events
        self._waiting: list[Event] = []
        self._came = asyncio.Event()

    async def __aenter__(self) -> EventPump:
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._came.set())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def take(self, timeout_s: float | None) -> list[Event]:
        """All that has come since the last call, at least one; [] when the time is over.

        Raises what the engine raised, after the events before it. Not to be called again after
        `Finished`.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._came.wait()
        except TimeoutError:
            return []
        self._came.clear()
        if self._waiting:
            events, self._waiting = self._waiting, []
            if self._task.done():
                self._came.set()  # its error, if any, is for the next call
            return joined(events)
        self._task.result()
        raise RuntimeError("The engine's events ended without a Finished.")

    async def _run(self) -> None:
        async with aclosing(self._events) as events:
            async for event in events:
                self._waiting.append(event)
                self._came.set()


def joined(events: list[Event]) -> list[Event]:
    """The same events, those neighbours made one that go on with the same text."""
    result: list[Event] = []
    run: list[Event] = []
    for event in events:
        if run and not _goes_on(run[0], event):
            result.append(_one(run))
            run = []
        run.append(event)
    if run:
        result.append(_one(run))
    return result


def _goes_on(first: Event, event: Event) -> bool:
    match first, event:
        case (TextDelta(), TextDelta()) | (ReasoningDelta(), ReasoningDelta()):
            return first.choice == event.choice
        case ToolCallDelta(), ToolCallDelta():
            return (first.choice, first.index) == (event.choice, event.index)
        case _:
            return False


def _one(run: list[Event]) -> Event:
    first = run[0]
    if len(run) == 1:
        return first
    match first:
        case TextDelta() | ReasoningDelta():
            parts = [e for e in run if isinstance(e, TextDelta | ReasoningDelta)]
            logprobs = tuple(one for part in parts for one in part.logprobs)
            return replace(first, text="".join(part.text for part in parts), logprobs=logprobs)
        case ToolCallDelta():
            json = "".join(part.arguments for part in run if isinstance(part, ToolCallDelta))
            return replace(first, arguments=json)
        case _:
            raise AssertionError("only deltas are joined")
