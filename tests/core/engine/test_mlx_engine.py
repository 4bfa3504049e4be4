"""The engine on the real demo model: same answers as offline, and a cache that is really used."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.errors import BudgetExceeded, Busy, ContextLengthExceeded, RequestError
from llmx.core.types import Event, Prefilled, Started, TextDelta
from tests.asking import Answer, answer, request_of
from tests.offline import greedy, load_offline

LoadEngine = Callable[..., MLXEngine]
SYSTEM = ("system", " ".join(f"Rule {n}: plant row {n * n % 97} after row {n}." for n in range(30)))
QUESTIONS = ["Who are you?", "Tell me a joke", "What is 2+2?", "Why?"]


def ask(engine: MLXEngine, *requests: object) -> list[Answer]:
    async def all_at_once() -> list[Answer]:
        return await asyncio.gather(*(answer(engine, request) for request in requests))  # pyright: ignore

    return asyncio.run(all_at_once())


def test_answers_are_those_of_an_offline_run_alone_and_eight_at_once(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)
    requests = [request_of([SYSTEM, ("user", "word " * n + "?")]) for n in range(8)]
    together = ask(engine, *requests)
    alone = [ask(engine, request_of([SYSTEM, ("user", "word " * n + "?")]))[0] for n in range(8)]
    model, tokenizer = load_offline(noise)
    for number in range(8):
        expected = tokenizer.decode(greedy(model, together[number].prepared.tokens, 16))
        assert together[number].text == expected
        assert alone[number].text == expected
    assert len({a.text for a in alone}) > 1, "a model that always says the same proves nothing"


def test_a_second_question_over_the_same_system_prompt_computes_only_the_question(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)
    first, second = (
        ask(engine, request_of([SYSTEM, ("user", question)]))[0] for question in QUESTIONS[:2]
    )
    shared = first.prepared.boundaries[-3].position  # where the question begins
    assert first.end.usage.cached_tokens == 0
    assert first.cache.reason == "cold"
    assert second.end.usage.cached_tokens >= shared
    assert (second.cache.reason, second.cache.part) == ("diverged", "message 1 (user)")


@pytest.mark.parametrize(
    "sampling",
    [
        {},
        {"presence_penalty": 1.5, "frequency_penalty": 0.5, "repetition_penalty": 1.3},
        {"temperature": 0.9, "top_p": 0.95, "top_k": 40, "seed": 11},
    ],
    ids=["greedy", "penalties", "seed"],
)
def test_warm_answers_are_cold_answers(
    noise: Path, load_engine: LoadEngine, sampling: dict[str, Any]
) -> None:
    """Repeat, extend, diverge, and a batch of hits, each against the same request uncached."""
    engine = load_engine(noise)
    conversations = [
        [SYSTEM, ("user", "Who are you?")],
        [SYSTEM, ("user", "Who are you?")],
        [SYSTEM, ("user", "Who are they?")],
        [SYSTEM, ("user", "Who are you?"), ("assistant", "A gardener."), ("user", "Since when?")],
        [SYSTEM, ("user", "W")],
        [("system", SYSTEM[1][:400]), ("user", "Who are you?")],
    ]
    warm = [ask(engine, request_of(c, **sampling))[0] for c in conversations]
    batch = ask(engine, *(request_of(c, **sampling) for c in conversations))
    cold = [ask(engine, request_of(c, cache=False, **sampling))[0] for c in conversations]
    assert [a.text for a in warm] == [a.text for a in cold]
    assert [a.text for a in batch] == [a.text for a in cold]
    assert all(a.end.usage.cached_tokens > 0 for a in [*warm[1:], *batch])
    assert all(a.cache.reason == "bypass" and a.cache.matched == 0 for a in cold)


def test_an_exact_repeat_computes_one_token(noise: Path, load_engine: LoadEngine) -> None:
    engine = load_engine(noise)
    first, second = (ask(engine, request_of([SYSTEM, ("user", "Hm?")]))[0] for _ in range(2))
    assert second.end.usage.cached_tokens == first.end.usage.prompt_tokens - 1
    assert second.cache.reason is None


def test_a_prompt_of_one_token_and_its_repeat_are_answered(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise, chat_template="{{ messages[0].content }}")
    texts = {ask(engine, request_of("a"))[0].text for _ in range(3)}
    assert len(texts) == 1


def test_the_models_own_answer_is_reused_in_the_next_turn(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)
    first = ask(engine, request_of([SYSTEM, ("user", "Go on")], max_tokens=24))[0]
    turn = [SYSTEM, ("user", "Go on"), ("assistant", first.text), ("user", "And then?")]
    second = ask(engine, request_of(turn))[0]
    prompt, total = first.end.usage.prompt_tokens, second.end.usage.prompt_tokens
    assert second.end.usage.cached_tokens >= prompt
    assert second.text == ask(engine, request_of(turn, cache=False))[0].text
    assert total > prompt


def test_a_seed_fixes_the_text_in_any_company_and_others_vary(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)
    alone = ask(engine, request_of("Sing", temperature=1.0, seed=5))[0].text
    beside = ask(engine, *(request_of("Sing", temperature=1.0, seed=s) for s in (5, 6, 7)))
    assert beside[0].text == alone
    assert len({a.text for a in beside}) == 3


def test_a_stop_string_ends_the_row_and_is_not_shown(noise: Path, load_engine: LoadEngine) -> None:
    engine = load_engine(noise)
    whole = ask(engine, request_of("Tell", max_tokens=40))[0].text
    stop = whole[len(whole) // 2 : len(whole) // 2 + 4]
    cut = ask(engine, request_of("Tell", max_tokens=4000, stop=(stop,)))[0]
    assert cut.text == whole[: whole.index(stop)]
    assert (cut.end.reason, cut.end.stop) == ("stop", stop)
    assert cut.end.usage.completion_tokens <= 40
    assert engine.stats().running == 0


def test_limits_are_honoured_and_named(noise: Path, load_engine: LoadEngine) -> None:
    engine = load_engine(noise, max_context=64)
    short = ask(engine, request_of("a", max_tokens=3))[0]
    assert (short.end.reason, short.end.usage.completion_tokens) == ("length", 3)
    clamped = ask(engine, request_of("a", max_tokens=100_000))[0]
    assert clamped.end.usage.prompt_tokens + clamped.end.usage.completion_tokens == 64
    with pytest.raises(ContextLengthExceeded, match="64 tokens, but the prompt has"):
        ask(engine, request_of("word " * 200))
    with pytest.raises(RequestError, match="top_k is 1000000, but the model has"):
        ask(engine, request_of("a", top_k=1_000_000))


def test_a_prompt_beyond_the_budget_is_refused_with_both_byte_counts(
    noise: Path, load_engine: LoadEngine
) -> None:
    whole = load_engine(noise)._layout
    engine = load_engine(noise, cache_ram=whole.nbytes(512))
    with pytest.raises(BudgetExceeded) as refused:
        ask(engine, request_of("word " * 1500))
    assert refused.value.budget == whole.nbytes(512)
    assert refused.value.needed > refused.value.budget
    assert ask(engine, request_of("word"))[0].end.reason == "length"


def test_a_full_queue_is_refused_and_the_others_are_served(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise, max_queue=2, max_running=1)

    async def crowd() -> list[Answer | BaseException]:
        asked = [answer(engine, request_of(f"word {n}", max_tokens=50)) for n in range(8)]
        return await asyncio.gather(*asked, return_exceptions=True)

    answers = asyncio.run(crowd())
    refused = [a for a in answers if isinstance(a, Busy)]
    served = [a for a in answers if isinstance(a, Answer)]
    assert refused
    assert len(refused) + len(served) == 8
    assert engine.stats().queued == 0


@pytest.mark.parametrize("event", [Started, Prefilled, TextDelta])
def test_a_client_that_leaves_stops_its_request_at_once_and_its_work_is_kept(
    noise: Path, load_engine: LoadEngine, event: type[Event]
) -> None:
    engine = load_engine(noise, prefill_chunk=64)
    asked = request_of([SYSTEM, ("user", "Go on")], max_tokens=10_000)

    async def leave_at_first(kind: type[Event]) -> int:
        prepared = await engine.prepare(asked)
        events: AsyncIterator[Event] = engine.generate(prepared)
        async with contextlib.aclosing(events):  # pyright: ignore
            async for seen in events:
                if isinstance(seen, kind):
                    break
        left_at = engine.stats().steps
        while engine.stats().running:
            await asyncio.sleep(0)
        return engine.stats().steps - left_at

    # The step that runs when the client leaves, and one that begins before the word arrives.
    assert asyncio.run(leave_at_first(event)) <= 2
    stats = engine.stats()
    assert dict(stats.finished) == {"cancelled": 1}
    assert stats.cache.running_bytes == 0
    if event is not Started:  # nothing may be computed yet when a request has just started
        assert stats.cache.stored_tokens > 0


def test_without_a_cache_every_token_is_computed_and_the_reason_is_counted(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise, cache=False)
    answers = [ask(engine, request_of("Who?"))[0] for _ in range(2)]
    assert [a.end.usage.cached_tokens for a in answers] == [0, 0]
    assert [a.end.usage.written_tokens for a in answers] == [0, 0]
    stats = engine.stats().cache
    assert (stats.enabled, dict(stats.reasons)) == (False, {"disabled": 2})


def test_the_counters_add_up(noise: Path, load_engine: LoadEngine) -> None:
    engine = load_engine(noise)
    answers = [ask(engine, request_of([SYSTEM, ("user", q)]))[0] for q in QUESTIONS]
    stats = engine.stats()
    assert stats.prompt_tokens == sum(a.end.usage.prompt_tokens for a in answers)
    assert stats.completion_tokens == sum(a.end.usage.completion_tokens for a in answers)
    assert stats.cache.cached_tokens == sum(a.end.usage.cached_tokens for a in answers)
    assert stats.cache.lookups == len(QUESTIONS)
    assert dict(stats.finished) == {"length": len(QUESTIONS)}
    assert stats.cache.stored_bytes == stats.cache.stored_tokens * (
        engine.info.kv_bytes_per_token or 0
    )


def test_clearing_the_cache_makes_the_next_request_cold(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)
    ask(engine, request_of("Who?"))

    async def clear() -> int:
        assert await engine.cache_entries(10)
        return await engine.clear_cache()

    assert asyncio.run(clear()) > 0
    assert ask(engine, request_of("Who?"))[0].cache.reason == "cold"


def test_a_question_about_the_cache_that_nobody_waits_for_leaves_the_engine_alive(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)

    async def leave() -> None:
        prepared = await engine.prepare(request_of([SYSTEM, ("user", "Go on")]))
        async for _ in engine.generate(prepared):
            asking = asyncio.create_task(engine.cache_entries(3))
            await asyncio.sleep(0)
            asking.cancel()

    asyncio.run(leave())
    assert ask(engine, request_of("Still there?"))[0].end.reason == "length"
    assert engine.stats().state == "ready"
