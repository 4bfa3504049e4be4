"""The scheduler, step by step on this thread: budget at every step, faults, rows that give way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import mlx.core as mx
import pytest

from llmx.core.cache.prefix_cache import RadixCache
from llmx.core.cache.records import Records
from llmx.core.engine.batch_lane import BatchLane
from llmx.core.engine.loading import LoadedModel, load_model
from llmx.core.engine.scheduler import Scheduler
from llmx.core.engine.ticket import Ended, Inbox, Refused, Ticket, Tokens
from llmx.core.index.tokens import pack
from llmx.core.prompt.checkpoints import Stops
from llmx.core.types import Boundary, GenerationRequest, Prepared, SamplingParams
from tests.offline import greedy


@pytest.fixture(scope="module")
def loaded(noise: Path) -> LoadedModel:
    return load_model(noise, chunk=128)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()  # tickets name one; nothing runs on it here
    yield loop
    loop.close()


@dataclass
class Told:
    tokens: list[int] = field(default_factory=list)
    end: Ended | None = None
    refused: Refused | None = None


class Bench:
    """A scheduler and what it said to each ticket."""

    def __init__(
        self, loaded: LoadedModel, loop: asyncio.AbstractEventLoop, budget: int, running: int = 8
    ) -> None:
        records = Records(loaded.layout, loaded.make_state)
        self.cache = RadixCache(budget, loaded.layout, records)
        ends = loaded.tokenizer.eos_token_ids
        self.scheduler = Scheduler(
            lambda: BatchLane(loaded.model, loaded.layout, ends, loaded.vocabulary),
            self.cache,
            {},
            max_running=running,
            budget_bytes=budget,
            chunk=128,
            stops=Stops(loaded.layout.anchored),
        )
        self.loop = loop
        self.told: dict[Ticket, Told] = {}
        self.gave_way = 0

    def ask(self, tokens: list[int], max_tokens: int, **sampling: float) -> Ticket:
        sampling.setdefault("temperature", 0.0)
        request = GenerationRequest("t", (), sampling=SamplingParams(**sampling))  # pyright: ignore
        bounds = (Boundary(len(tokens) // 2, "a"), Boundary(len(tokens), "b"))
        prepared = Prepared(request, tuple(tokens), pack(tokens), bounds, max_tokens, 0.0)
        ticket = Ticket(prepared, pack(tokens), self.loop, Inbox())
        self.told[ticket] = Told()
        self.scheduler.submit(ticket)
        return ticket

    def step(self) -> None:
        running = {*self.scheduler._running.values()}
        self.scheduler.step()
        self.gave_way += len(running & {*self.scheduler._queue})
        for ticket, message in self.scheduler.take_out():
            told = self.told[ticket]
            match message:
                case Tokens(ids):
                    told.tokens.extend(ids)
                case Ended():
                    told.end, usage = message, message.usage
                    assert usage.cached_tokens + usage.written_tokens <= usage.prompt_tokens
                    assert min(usage.cached_tokens, usage.written_tokens) >= 0
                case Refused():
                    told.refused = message
                case _:
                    pass

    def run(self) -> None:
        for _ in range(20_000):
            if self.scheduler.idle:
                return
            self.step()
        raise AssertionError("the scheduler does not come to an end")


def words(rng: random.Random, count: int) -> list[int]:
    return [rng.randrange(300, 1000) for _ in range(count)]


def test_stored_and_running_bytes_stay_within_the_budget_at_every_step(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop
) -> None:
    """By the books at each step, and by MLX's own count of live bytes when nothing runs."""
    budget = loaded.layout.nbytes(3000)
    bench = Bench(loaded, loop, budget)
    rng = random.Random(1)
    shared = [words(rng, 500) for _ in range(3)]
    before = mx.get_active_memory()
    cancelled = 0
    for _ in range(60):
        prompt = rng.choice(shared) + words(rng, rng.randrange(1, 400))
        ticket = bench.ask(prompt, rng.randrange(1, 30))
        for _ in range(rng.randrange(0, 6)):
            bench.step()
            stats = bench.cache.stats(bench.scheduler.running_bytes)
            assert stats.stored_bytes + stats.running_bytes <= budget
        if rng.random() < 0.2:
            bench.scheduler.end(ticket, "cancelled")
            cancelled += 1
    bench.run()
    stats = bench.cache.stats(bench.scheduler.running_bytes)
    assert stats.running_bytes == 0
    assert stats.evicted_tokens > 0, "the budget was never under pressure"
    assert cancelled > 0
    held = mx.get_active_memory() - before
    assert held <= budget * 1.02
    assert held == pytest.approx(stats.stored_bytes, rel=0.02)
    bench.cache._radix.check()
    assert all(told.end or told.refused for told in bench.told.values())


def test_a_row_that_has_to_give_way_is_resumed_and_says_the_same(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop
) -> None:
    rng = random.Random(2)
    prompts = [words(rng, 200) for _ in range(3)]
    # Room for three rows of 256 tokens, not for three of 512: the youngest give way on the way.
    bench = Bench(loaded, loop, 3 * loaded.layout.nbytes(256))
    tickets = [bench.ask(prompt, 150) for prompt in prompts]
    seeded = bench.ask(prompts[0], 150, temperature=0.8, seed=3)
    bench.run()
    for prompt, ticket in zip(prompts, tickets, strict=True):
        assert bench.told[ticket].tokens == greedy(loaded.model, prompt, 150)
    roomy = Bench(loaded, loop, 100 * loaded.layout.nbytes(512))
    alone = roomy.ask(prompts[0], 150, temperature=0.8, seed=3)
    roomy.run()
    assert bench.told[seeded].tokens == roomy.told[alone].tokens
    assert bench.gave_way > 0, "nobody had to give way: the test is too easy"


def test_a_fault_in_a_step_ends_its_requests_with_an_error_and_not_the_engine(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(loaded, loop, loaded.layout.nbytes(5000))
    ticket = bench.ask([301, 302, 303], 50)
    bench.step()
    bench.step()
    assert ticket.row is not None

    def broken(logprobs: mx.array) -> mx.array:
        raise FloatingPointError("a defect in a sampler")

    bench.scheduler._lane._batch.samplers[0] = broken  # pyright: ignore
    bench.run()
    end = bench.told[ticket].end
    assert end is not None
    assert (end.reason, end.fault) == ("error", "FloatingPointError: a defect in a sampler")
    assert "a defect in a sampler" in caplog.text
    again = bench.ask([301, 302, 303], 5)
    bench.run()
    assert bench.told[again].tokens == greedy(loaded.model, [301, 302, 303], 5)


def test_what_cannot_fit_at_all_is_refused_and_the_next_is_served(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop
) -> None:
    bench = Bench(loaded, loop, loaded.layout.nbytes(256))
    rng = random.Random(3)
    large, small = bench.ask(words(rng, 600), 5), bench.ask(words(rng, 20), 5)
    bench.run()
    assert bench.told[large].refused is not None
    assert len(bench.told[small].tokens) == 5


def test_a_cancelled_prefill_leaves_its_finished_chunks_in_the_cache(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop
) -> None:
    bench = Bench(loaded, loop, loaded.layout.nbytes(10_000))
    prompt = words(random.Random(4), 1000)
    ticket = bench.ask(prompt, 5)
    for _ in range(3):
        bench.step()  # 128 tokens each
    waiting = bench.ask(words(random.Random(5), 900), 5)
    for one in (ticket, waiting):
        bench.scheduler.end(one, "cancelled")
    assert bench.cache.stats(0).stored_tokens == 3 * 128
    assert bench.scheduler.prompt_tokens == 3 * 128  # what was computed, not what was asked
    again = bench.ask(prompt, 5)
    bench.run()
    assert bench.told[again].tokens == greedy(loaded.model, prompt, 5)
    end = bench.told[again].end
    assert end is not None
    assert end.usage.cached_tokens == 3 * 128


def test_what_is_stored_evicted_and_stored_again_is_written_once(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop
) -> None:
    bench = Bench(loaded, loop, 2 * loaded.layout.nbytes(600))
    rng = random.Random(5)
    tickets = [bench.ask(words(rng, 50 * n + 10), 60) for n in range(12)]
    bench.run()  # `step` checks the usage of each
    assert all(bench.told[ticket].end for ticket in tickets)
    assert bench.cache.stats(0).written_tokens > sum(
        ticket.prepared.prompt_tokens + 60 for ticket in tickets
    ), "nothing was stored twice: the test is too easy"


def test_a_request_that_cannot_be_admitted_fails_alone(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(loaded, loop, loaded.layout.nbytes(5000))
    running = bench.ask([301, 302, 303], 30)
    bench.step()
    bad = bench.ask([301, 302, 303], 5, temperature=1.0, top_k="many")  # pyright: ignore
    last = bench.ask([301, 302, 303], 5)
    bench.run()
    end = bench.told[bad].end
    assert end is not None
    assert end.reason == "error"
    assert "failed to admit" in caplog.text
    assert len(bench.told[running].tokens) == 30
    assert len(bench.told[last].tokens) == 5


def test_a_stream_of_hits_does_not_starve_a_long_prompt(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop
) -> None:
    """A hit computes one token and still costs a forward: it counts for those who wait."""
    bench = Bench(loaded, loop, loaded.layout.nbytes(20_000), running=32)
    rng = random.Random(6)
    known = [words(rng, 100) for _ in range(8)]
    for prompt in known:
        bench.ask(prompt, 1)
    bench.run()
    long = bench.ask(words(rng, 2000), 1)
    steps = 0
    while bench.told[long].end is None:
        for prompt in known:
            bench.ask(prompt, 1)
        bench.step()
        steps += 1
        assert steps <= 2000 // 16 + 2 * 2000 // 128, "the hits pass it for ever"
    assert steps > 2000 // 128, "nobody passed it: the test is too easy"


@pytest.mark.parametrize("tokens", [1, 2])
def test_what_a_short_answer_stored_of_its_prompt_is_in_its_usage(
    loaded: LoadedModel, loop: asyncio.AbstractEventLoop, tokens: int
) -> None:
    bench = Bench(loaded, loop, loaded.layout.nbytes(5000))
    ticket = bench.ask(words(random.Random(8), 300), tokens)
    bench.run()
    end = bench.told[ticket].end
    assert end is not None
    assert end.usage.written_tokens == 300
