"""The pump keeps order, joins what waits, passes failures on and always closes the engine."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from llmx.core.server.pump import EventPump, joined
from llmx.core.types import (
    CacheReport,
    Event,
    Finished,
    Prefilled,
    Started,
    TextDelta,
    Timings,
    Usage,
)

STARTED = Started(3, CacheReport(0, 0, "cold"))
FINISHED = Finished("stop", Usage(3, 0, 3, 2), Timings())


async def story(*events: Event, fault: Exception | None = None) -> AsyncGenerator[Event, None]:
    for event in events:
        yield event
    if fault is not None:
        raise fault


def test_neighbouring_deltas_become_one_and_nothing_else_changes() -> None:
    a, b, c = TextDelta("a"), TextDelta("b"), TextDelta("c")
    prefilled = Prefilled(1, 2)
    assert joined([STARTED, a, b, prefilled, c, FINISHED]) == [
        STARTED,
        TextDelta("ab"),
        prefilled,
        c,
        FINISHED,
    ]
    assert joined([]) == []


def test_what_came_while_nobody_looked_is_taken_in_one() -> None:
    async def main() -> None:
        async with EventPump(story(STARTED, TextDelta("a"), TextDelta("b"), FINISHED)) as pump:
            for _ in range(5):
                await asyncio.sleep(0)
            assert await pump.take(None) == [STARTED, TextDelta("ab"), FINISHED]

    asyncio.run(main())


def test_a_failure_comes_after_the_events_before_it() -> None:
    async def main() -> None:
        async with EventPump(story(STARTED, fault=ValueError("no"))) as pump:
            for _ in range(5):
                await asyncio.sleep(0)
            assert await pump.take(None) == [STARTED]
            with pytest.raises(ValueError, match="no"):
                await pump.take(None)

    asyncio.run(main())


def test_an_engine_that_ends_without_finished_is_a_failure_and_no_endless_wait() -> None:
    async def main() -> None:
        async with EventPump(story(STARTED)) as pump:
            assert await pump.take(None) == [STARTED]
            with pytest.raises(RuntimeError, match="without a Finished"):
                await pump.take(None)

    asyncio.run(main())


def test_nothing_in_time_is_no_event_and_loses_none() -> None:
    async def main() -> None:
        go = asyncio.Event()

        async def late() -> AsyncGenerator[Event, None]:
            await go.wait()
            yield FINISHED

        async with EventPump(late()) as pump:
            assert await pump.take(0.0) == []
            assert await pump.take(0.001) == []
            go.set()
            assert await pump.take(None) == [FINISHED]

    asyncio.run(main())


def test_leaving_closes_the_engine_s_iterator() -> None:
    async def main() -> list[str]:
        ends: list[str] = []

        async def engine() -> AsyncGenerator[Event, None]:
            try:
                yield STARTED
                await asyncio.Event().wait()
            finally:
                ends.append("closed")

        async with EventPump(engine()) as pump:
            assert await pump.take(None) == [STARTED]
            assert ends == []
        return ends

    assert asyncio.run(main()) == ["closed"]
