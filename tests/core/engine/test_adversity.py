"""Bad input and bad luck: right text, bounded memory, a counted reason, never a dead engine."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import mlx.core as mx
import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.errors import BudgetExceeded
from llmx.core.types import Event, Prefilled, TextDelta
from tests.asking import Answer, answer, request_of
from tests.core.engine.support import CHUNK, Desk, Heard, idle, words
from tests.models import make_model

LoadEngine = Callable[..., MLXEngine]
KINDS = ["qwen3", "gpt_oss", "granitemoehybrid"]  # rows; rows and windows; rows and states

LONG = ("system", words(400, 1))  # many chunks


@pytest.fixture
def kept(desk: Desk) -> Iterator[Callable[..., MLXEngine]]:
    """`kept(**options)`: another engine of the desk's model, closed when the test ends."""
    with contextlib.ExitStack() as stack:

        def load(**options: object) -> MLXEngine:
            engine = desk.another(**options)
            stack.callback(lambda: asyncio.run(engine.close()))
            return engine

        yield load


E = TypeVar("E", bound=Event)


async def until(events: AsyncGenerator[Event, None], kind: type[E]) -> E:
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__}")


@pytest.mark.parametrize("desk", KINDS, indirect=True)
def test_a_prompt_beyond_the_budget_names_both_counts_and_harms_nobody(
    desk: Desk, kept: Callable[..., MLXEngine]
) -> None:
    layout = desk.engine._layout
    engine = kept(cache_ram=layout.nbytes(64))
    with pytest.raises(BudgetExceeded) as refused:
        asyncio.run(desk.ask(desk.request([LONG]), engine=engine))
    error = refused.value
    assert error.budget == layout.nbytes(64) < error.needed
    assert str(error.budget) in str(error)
    assert str(error.needed) in str(error)
    (small,) = asyncio.run(desk.ask(desk.request("Who?"), engine=engine))
    desk.check(small)
    assert engine.stats().state == "ready"


def test_a_prompt_of_one_token_and_its_repeats(desk: Desk, kept: Callable[..., MLXEngine]) -> None:
    """A match always leaves a token to start from; here that is the whole prompt."""
    engine = kept(chat_template="{{ messages[0].content }}")
    for _ in range(3):
        (heard,) = asyncio.run(desk.ask(desk.request("a"), engine=engine))
        assert (len(heard.tokens), heard.matched) == (1, 0)
        desk.check(heard)
    longer = asyncio.run(desk.ask(desk.request("a b"), desk.request("a"), engine=engine))
    for heard in longer:
        desk.check(heard)


@pytest.mark.parametrize(
    ("desk", "prompts"),
    [
        *((kind, 400) for kind in KINDS),
        pytest.param(KINDS[-1], 10_000, marks=pytest.mark.slow),
    ],
    indirect=["desk"],
)
def test_a_flood_of_distinct_prompts_stays_within_the_budget(
    desk: Desk, kept: Callable[..., MLXEngine], prompts: int
) -> None:
    budget = desk.engine._layout.nbytes(6 * 1024)
    engine = kept(cache_ram=budget, max_running=4)
    before = mx.get_active_memory()
    left = iter(range(prompts))

    async def client() -> None:
        for number in left:
            asked = request_of([("user", f"{number} {words(30, number)}")], max_tokens=1)
            said = await answer(engine, asked)
            assert said.end.reason in ("length", "stop")

    async def flood() -> Heard:
        await asyncio.gather(*(client() for _ in range(4)))
        await idle(engine)
        assert mx.get_active_memory() - before <= 1.02 * budget
        return (await desk.ask(desk.request([("user", words(30, 1))]), engine=engine))[0]

    desk.check(asyncio.run(flood()))
    stats = engine.stats()
    assert stats.state == "ready"
    assert stats.cache.lookups == prompts + 1
    assert stats.cache.evicted_tokens > 0


@pytest.mark.parametrize("desk", KINDS, indirect=True)
def test_a_client_that_asks_again_while_its_first_request_runs(desk: Desk) -> None:
    """Once while the prompt is computed, once while the answer is given; then it hangs up."""

    async def impatient(moment: type[Event]) -> list[Heard]:
        await desk.engine.clear_cache()
        conversation = [LONG, ("user", "Well?")]
        first = await desk.engine.prepare(desk.request(conversation, max_tokens=300))
        events = desk.engine.generate(first)
        async with contextlib.aclosing(events):
            await until(events, moment)
            again = asyncio.create_task(desk.ask(desk.request(conversation)))
            await asyncio.sleep(0)  # the second one is on its way before the first is closed
            heard = await again
        await idle(desk.engine)
        return heard

    for moment in (Prefilled, TextDelta):
        (heard,) = asyncio.run(impatient(moment))
        desk.check(heard)
        assert heard.matched >= 0.95 * len(heard.tokens)
    assert desk.engine.stats().cache.running_bytes == 0


def test_a_leader_that_leaves_while_eight_follow(desk: Desk) -> None:
    """One of them takes over; what the leader has computed is not computed again."""

    async def abandoned() -> tuple[int, list[Heard]]:
        await desk.engine.clear_cache()
        leader = await desk.engine.prepare(desk.request([LONG, ("user", "First")]))
        events = desk.engine.generate(leader)
        async with contextlib.aclosing(events):
            done = (await until(events, Prefilled)).done
            requests = [desk.request([LONG, ("user", words(2, n))]) for n in range(8)]
            followers = asyncio.create_task(desk.ask(*requests))
            await asyncio.sleep(0)
        return done, await followers

    done, heard = asyncio.run(abandoned())
    assert min(one.matched for one in heard) >= done > 0
    for one in heard:
        desk.check(one)
    shared = heard[0].prepared.boundaries[1].position
    computed = sum(len(h.tokens) - h.matched for h in heard)
    assert computed <= 1.1 * (shared + sum(len(h.tokens) - shared for h in heard))
    assert desk.engine.stats().running == 0


@pytest.mark.slow
def test_prompts_of_a_hundred_thousand_tokens_that_differ_at_the_end(
    tmp_path: Path, load_engine: LoadEngine
) -> None:
    """With a recurrent model: attention over that many takes minutes on a CPU."""
    folder = make_model("mamba2", tmp_path / "mamba2")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["max_position_embeddings"] = 1 << 18
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    engine = load_engine(folder, prefill_chunk=8 * CHUNK)
    book = ("system", words(31_000, 1))

    def ask(question: str, *, cache: bool = True) -> Answer:
        asked = request_of([book, ("user", question)], max_tokens=8, cache=cache)
        return asyncio.run(answer(engine, asked))

    first, second = ask("Who did it?"), ask("Who was it?")
    assert len(first.prepared.tokens) > 100_000
    assert second.cache.matched >= 0.99 * len(second.prepared.tokens)
    assert second.text == ask("Who was it?", cache=False).text
    assert engine.stats().cache.lookup_s > 0
