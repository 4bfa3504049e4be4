"""The engine of the wire tests keeps the contract of `Engine`."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.errors import Busy, ContextLengthExceeded, NotReady, RequestError
from llmx.core.types import (
    CacheReport,
    Engine,
    Event,
    Finished,
    GenerationRequest,
    Message,
    Prefilled,
    SamplingParams,
    Started,
    TextDelta,
)


def ask(content: str = "Hi", *, cache: bool = True, **sampling: Any) -> GenerationRequest:
    messages = (Message("user", content),)
    return GenerationRequest("r1", messages, sampling=SamplingParams(**sampling), cache=cache)


async def play(engine: ScriptedEngine, request: GenerationRequest) -> list[Event]:
    return [event async for event in engine.generate(await engine.prepare(request))]


def run(engine: ScriptedEngine, request: GenerationRequest | None = None) -> list[Event]:
    return asyncio.run(play(engine, request or ask()))


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def end(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Finished) for event in events) == 1
    return events[-1]


def test_it_is_an_engine() -> None:
    engine: Engine = ScriptedEngine()
    assert engine.stats().state == "ready"


def test_a_script_is_played_between_one_started_and_one_finished() -> None:
    events = run(ScriptedEngine(["One", " two", " three"]))
    assert events[0] == Started(3, CacheReport(0, 0, "cold"))  # "Hi" and the end of the message
    assert events[1:-1] == [TextDelta("One"), TextDelta(" two"), TextDelta(" three")]
    assert (end(events).reason, end(events).usage.completion_tokens) == ("stop", 3)


def test_scripts_are_played_in_order_and_the_last_one_again() -> None:
    engine = ScriptedEngine(["a"], ["b"])
    assert [text(run(engine)) for _ in range(3)] == ["a", "b", "b"]


def test_a_script_may_depend_on_the_request() -> None:
    engine = ScriptedEngine(lambda request: list(request.messages[0].content))
    assert text(run(engine, ask("echo"))) == "echo"


def test_a_character_in_two_tokens_comes_whole() -> None:
    events = run(ScriptedEngine([b"a\xf0\x9f", b"\x99\x83"]))
    assert events[1:-1] == [TextDelta("a"), TextDelta("🙃")]
    assert end(events).usage.completion_tokens == 2


def test_the_token_limit_ends_it() -> None:
    events = run(ScriptedEngine(["a", "b", "c"]), ask(max_tokens=2))
    assert (text(events), end(events).reason) == ("ab", "length")
    assert end(events).usage.completion_tokens == 2


def test_a_stop_string_ends_it_and_is_named() -> None:
    events = run(ScriptedEngine(["a EN", "D b", " c"]), ask(stop=("END",)))
    assert (text(events), end(events).reason, end(events).stop) == ("a ", "stop", "END")
    assert end(events).usage.completion_tokens == 2


def test_held_back_text_comes_before_the_end() -> None:
    assert text(run(ScriptedEngine(["a EN"]), ask(stop=("END",)))) == "a EN"


def test_a_failure_in_the_script_is_a_finished_with_its_fault() -> None:
    events = run(ScriptedEngine(["a", RuntimeError("the device is gone")]))
    assert (end(events).reason, end(events).fault) == ("error", "the device is gone")
    assert end(events).usage.completion_tokens == 1


@pytest.mark.parametrize("refusal", [Busy("full"), RequestError("too big")])
def test_a_refusal_is_raised_before_started(refusal: Exception) -> None:
    with pytest.raises(type(refusal)):
        run(ScriptedEngine([refusal]))


def test_a_prompt_that_fills_the_context_is_refused_in_prepare() -> None:
    with pytest.raises(ContextLengthExceeded):
        run(ScriptedEngine(context=9), ask("12345678"))  # 8 + 1 tokens leave no room
    assert end(run(ScriptedEngine(["a", "b"], context=9), ask("1234567"))).reason == "context"


def test_an_engine_that_is_not_ready_takes_no_request() -> None:
    engine = ScriptedEngine()
    engine.state = "loading"
    with pytest.raises(NotReady):
        run(engine)


def test_cached_tokens_are_reported_all_but_one_at_most() -> None:
    usage = end(run(ScriptedEngine(["a"], cached_tokens=2), ask("12345"))).usage
    assert (usage.cached_tokens, usage.written_tokens, usage.uncached_tokens) == (2, 4, 0)  # of 6
    usage = end(run(ScriptedEngine(["a"], cached_tokens=99), ask("12345"))).usage
    assert (usage.cached_tokens, usage.written_tokens) == (5, 1)


def test_without_the_cache_nothing_is_read_or_written() -> None:
    events = run(ScriptedEngine(["a"], cached_tokens=2), ask(cache=False))
    assert events[0] == Started(3, CacheReport(0, 0, "bypass"))
    usage = end(events).usage
    assert (usage.cached_tokens, usage.written_tokens, usage.uncached_tokens) == (0, 0, 3)


def test_progress_of_the_prefill_is_passed_on() -> None:
    assert run(ScriptedEngine([Prefilled(1, 3), "a"]))[1] == Prefilled(1, 3)


def test_one_request_more_than_the_queue_holds_is_busy() -> None:
    async def story() -> None:
        gate = Gate()
        engine = ScriptedEngine([gate, "a"], slots=1, queue=1)
        first = asyncio.create_task(play(engine, ask()))
        second = asyncio.create_task(play(engine, ask()))
        while engine.stats().queued == 0:
            await asyncio.sleep(0)
        assert engine.stats().running == 1
        with pytest.raises(Busy):
            await play(engine, ask())
        gate.open()
        assert [text(await first), text(await second)] == ["a", "a"]
        assert (engine.stats().running, engine.stats().queued) == (0, 0)

    asyncio.run(story())


@pytest.mark.parametrize("place", ["queued", "waiting", "between"])
def test_closing_or_cancelling_is_recorded_and_frees_the_slot(place: str) -> None:
    async def story() -> None:
        engine = ScriptedEngine(["a", Gate(), "b"], slots=1)
        prepared = await engine.prepare(ask())
        events, blocker = engine.generate(prepared), engine.generate(prepared)
        if place == "between":
            await anext(events)
            await events.aclose()
        else:
            if place == "queued":
                await anext(blocker)
            task = asyncio.create_task(collect(events))
            for _ in range(5):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            if place == "queued":
                assert engine.cancelled == ["r1"]
                engine.cancelled.clear()
                await blocker.aclose()
        assert engine.cancelled == ["r1"]
        assert (engine.stats().running, engine.stats().queued) == (0, 0)

    asyncio.run(story())


async def collect(events: AsyncGenerator[Event, None]) -> list[Event]:
    return [event async for event in events]


def test_closing_after_the_end_cancels_nothing() -> None:
    engine = ScriptedEngine(["a"])
    run(engine)
    assert (engine.cancelled, dict(engine.stats().finished)) == ([], {"stop": 1})


def test_a_closed_engine_ends_a_running_request_as_cancelled() -> None:
    async def story() -> None:
        engine = ScriptedEngine(["a", "b"])
        events = engine.generate(await engine.prepare(ask()))
        assert [await anext(events), await anext(events)][1] == TextDelta("a")
        await engine.close()
        assert end([event async for event in events]).reason == "cancelled"

    asyncio.run(story())


def test_the_counters_add_up_over_requests() -> None:
    engine = ScriptedEngine(["a", "b"], cached_tokens=2)
    run(engine)
    run(engine, ask(max_tokens=1))
    stats = engine.stats()
    assert (stats.prompt_tokens, stats.completion_tokens) == (6, 3)  # 2 * 3 and 2 + 1
    assert dict(stats.finished) == {"stop": 1, "length": 1}
    assert (stats.cache.lookups, stats.cache.hits, stats.cache.cached_tokens) == (2, 2, 4)


def test_a_prompt_that_is_only_computed_plays_progress_and_no_token() -> None:
    request = replace(ask(), generate=False)
    events = run(ScriptedEngine([Prefilled(1, 3), "a", "b"]), request)
    assert events[1:-1] == [Prefilled(1, 3)]
    usage = end(events).usage
    assert (end(events).reason, usage.completion_tokens, usage.written_tokens) == ("stop", 0, 3)


def test_an_engine_that_remembers_restores_what_begins_an_earlier_prompt() -> None:
    engine = ScriptedEngine(["a"], remembers=True)
    reports = [started(run(engine, ask(text))).cache for text in ("12345", "12399", "12345")]
    part = "message 0 (user)"
    assert reports == [
        CacheReport(0, 0, "cold", part),
        CacheReport(3, 3, "diverged", part),
        CacheReport(5, 6, None),  # all but one token of "12345" and the message's end
    ]


def test_an_engine_that_remembers_shares_within_a_namespace_only() -> None:
    engine = ScriptedEngine(["a"], remembers=True)
    asked = [replace(ask("12345"), namespace=one) for one in ("x", "y", "x", "")]
    reports = [started(run(engine, request)).cache for request in asked]
    assert [report.matched for report in reports] == [0, 0, 5, 0]
    assert [report.reason for report in reports] == ["cold", "cold", None, "cold"]
    assert [report.elsewhere for report in reports] == [0, 6, 0, 6]
    assert engine.stats().cache.reasons == {"cold": 1, "salt": 2}
    assert engine.stats().cache.namespaces == 3


def started(events: list[Event]) -> Started:
    assert isinstance(events[0], Started)
    return events[0]
