"""Who shares with whom, and every reason for a miss, each from a request that must get it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.engine.scheduler import Scheduler
from llmx.core.types import CacheEntry, MissReason
from tests.asking import Answer, answer, request_of
from tests.core.engine.support import CHUNK, words
from tests.models import UNBATCHABLE, make_adapter, make_model

EngineOf = Callable[..., MLXEngine]

SYSTEM = ("system", words(40, 1))
QUESTION = ("user", words(5, 2))
OTHER_QUESTION = ("user", words(5, 3))
OTHER_SYSTEM = ("system", words(60, 4))
LATER = ("system", SYSTEM[1][:80] + words(30, 5))  # differs in the middle of SYSTEM

PLAIN, WINDOWED, HYBRID = "qwen3", "gpt_oss", "granitemoehybrid"


@pytest.fixture
def engine_of(
    tmp_path_factory: pytest.TempPathFactory, load_engine: Callable[..., MLXEngine]
) -> EngineOf:
    """`engine_of(architecture, **options)`."""

    def load(architecture: str = PLAIN, **options: Any) -> MLXEngine:
        folder = make_model(architecture, tmp_path_factory.mktemp(architecture))
        return load_engine(folder, **{"prefill_chunk": CHUNK, **options})

    return load


def ask(
    engine: MLXEngine, *messages: tuple[str, str], namespace: str = "", cache: bool = True
) -> Answer:
    asked = request_of(messages, max_tokens=4, cache=cache)
    return asyncio.run(answer(engine, replace(asked, namespace=namespace)))


def reasons(engine: MLXEngine) -> dict[str, int]:
    return dict(engine.stats().cache.reasons)


# ── sharing ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("architecture", [PLAIN, WINDOWED, HYBRID])
def test_one_namespace_shares_and_others_never_do(engine_of: EngineOf, architecture: str) -> None:
    engine = engine_of(architecture)
    spaces = ["", "a", "b"]
    cold = [ask(engine, SYSTEM, QUESTION, namespace=space) for space in spaces]
    warm = [ask(engine, SYSTEM, QUESTION, namespace=space) for space in spaces]
    assert [a.cache.matched for a in cold] == [0, 0, 0]
    assert all(a.cache.matched == len(a.prepared.tokens) - 1 for a in warm)
    assert len({a.text for a in [*cold, *warm]}) == 1

    async def entries() -> list[CacheEntry]:
        return list(await engine.cache_entries(1000))

    assert {entry.namespace for entry in asyncio.run(entries())} == set(spaces)
    assert engine.stats().cache.namespaces == 3


def test_what_another_namespace_holds_is_told_to_the_operator_only(engine_of: EngineOf) -> None:
    """A client that was told would know what others have asked."""
    engine = engine_of()
    ask(engine, SYSTEM, QUESTION, namespace="theirs")
    mine = ask(engine, SYSTEM, QUESTION, namespace="mine")
    assert (mine.cache.matched, mine.cache.shared, mine.cache.reason) == (0, 0, "cold")
    assert mine.cache.elsewhere == len(mine.prepared.tokens)
    assert mine.cache.operator_reason == "salt"
    assert reasons(engine) == {"cold": 1, "salt": 1}


def test_models_and_adapters_never_share(
    tmp_path_factory: pytest.TempPathFactory, load_engine: Callable[..., MLXEngine]
) -> None:
    """The same weights with two adapters and with none, and other weights: each has its own cache,
    also where all of them run in one process."""
    folder = make_model(PLAIN, tmp_path_factory.mktemp("base"))
    other = make_model("llama", tmp_path_factory.mktemp("other"))
    adapters = [make_adapter(folder, tmp_path_factory.mktemp("lora"), seed) for seed in (1, 2)]
    engines = [
        load_engine(folder, prefill_chunk=CHUNK),
        *(load_engine(folder, prefill_chunk=CHUNK, adapter=adapter) for adapter in adapters),
        load_engine(other, prefill_chunk=CHUNK),
    ]
    cold = [ask(engine, SYSTEM, QUESTION) for engine in engines]
    assert [(said.cache.matched, said.cache.reason) for said in cold] == [(0, "cold")] * 4
    assert len({said.text for said in cold}) == 4, "the adapters change what is said"
    warm = [ask(engine, SYSTEM, QUESTION) for engine in engines]
    assert all(said.cache.matched == len(said.prepared.tokens) - 1 for said in warm)
    assert [said.text for said in warm] == [said.text for said in cold]


def test_followers_follow_in_their_own_namespace_only(engine_of: EngineOf) -> None:
    engine = engine_of()
    spaces = ["a", "b", "a", "b"]

    async def together() -> list[Answer]:
        asked = [replace(request_of([SYSTEM, QUESTION]), namespace=space) for space in spaces]
        return list(await asyncio.gather(*(answer(engine, request) for request in asked)))

    said = asyncio.run(together())
    for space in ("a", "b"):
        leader, follower = sorted(
            a.cache.matched for a in said if a.prepared.request.namespace == space
        )
        assert leader == 0, "each namespace computes the prompt once for itself"
        assert follower > 0
    assert len({a.text for a in said}) == 1


# ── reasons ───────────────────────────────────────────────────────────────────────────────────


def evicted(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    roomy = engine_of()
    engine = engine_of(cache_ram=2 * roomy._layout.nbytes(256))
    ask(engine, SYSTEM, QUESTION)
    for number in range(8):
        ask(engine, ("system", words(40, 10 + number)), QUESTION)
    return engine, ask(engine, SYSTEM, QUESTION)


def expired(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of(cache_ttl_s=1e-6)  # every answer takes longer
    ask(engine, SYSTEM, QUESTION)
    return engine, ask(engine, SYSTEM, QUESTION)


def diverged(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of()
    ask(engine, SYSTEM, QUESTION)
    return engine, ask(engine, SYSTEM, OTHER_QUESTION)


def cold(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of()
    return engine, ask(engine, SYSTEM, QUESTION)


def no_boundary(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of(HYBRID)
    ask(engine, SYSTEM, QUESTION)
    return engine, ask(engine, LATER, QUESTION)


def aligned_down(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of(exact=True)
    ask(engine, ("system", words(200, 1)), QUESTION)
    return engine, ask(engine, ("system", words(120, 1) + words(40, 6)), QUESTION)


def not_stored_class(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of(UNBATCHABLE[0])
    ask(engine, SYSTEM, QUESTION)
    return engine, ask(engine, SYSTEM, QUESTION)


def verify_failed(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of()
    ask(engine, SYSTEM, QUESTION)

    def shorten(scheduler: Scheduler) -> None:
        for node in scheduler.cache._radix:  # pyright: ignore
            _, node.payload = node.payload.split(1)

    asyncio.run(engine._on_thread(shorten))
    return engine, ask(engine, SYSTEM, QUESTION)


def disabled(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of(cache=False)
    return engine, ask(engine, SYSTEM, QUESTION)


def bypass(engine_of: EngineOf) -> tuple[MLXEngine, Answer]:
    engine = engine_of()
    ask(engine, SYSTEM, QUESTION)
    return engine, ask(engine, SYSTEM, QUESTION, cache=False)


REASONS: dict[MissReason, Callable[[EngineOf], tuple[MLXEngine, Answer]]] = {
    "evicted": evicted,
    "expired": expired,
    "diverged": diverged,
    "cold": cold,
    "no_boundary": no_boundary,
    "aligned_down": aligned_down,
    "not_stored_class": not_stored_class,
    "verify_failed": verify_failed,
    "disabled": disabled,
    "bypass": bypass,
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_request_that_must_get_a_reason_gets_it(engine_of: EngineOf, reason: MissReason) -> None:
    engine, said = REASONS[reason](engine_of)
    assert said.cache.reason == reason
    assert said.cache.operator_reason == reason
    assert reasons(engine)[reason] >= 1
    assert said.end.reason == "length"
    again = ask(engine_of(engine.info.architecture), *_messages(said))
    assert said.text == again.text, "whatever the reason, the text is right"


@pytest.mark.parametrize("architecture", [PLAIN, HYBRID])
def test_what_there_is_no_room_to_store_is_counted_and_served_right(
    engine_of: EngineOf, architecture: str
) -> None:
    """The prompt has room, but not beside a copy of itself."""
    roomy = engine_of(architecture)
    said = ask(roomy, SYSTEM, QUESTION)
    tokens = len(said.prepared.tokens)
    engine = engine_of(architecture, cache_ram=roomy._layout.nbytes(tokens + 8))
    assert [ask(engine, SYSTEM, QUESTION).text for _ in range(3)] == [said.text] * 3
    assert engine.stats().cache.not_stored["not_stored_policy"] > 0


def _messages(said: Answer) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in said.prepared.request.messages]


@pytest.mark.parametrize("architecture", UNBATCHABLE)
def test_a_class_that_cannot_be_stored_is_served_right_and_says_so(
    engine_of: EngineOf, architecture: str
) -> None:
    engine = engine_of(architecture)
    questions = [QUESTION, OTHER_QUESTION, ("user", words(40, 7))]

    async def together() -> list[Answer]:
        asked = [request_of([SYSTEM, question], max_tokens=4) for question in questions]
        return list(await asyncio.gather(*(answer(engine, request) for request in asked)))

    beside = asyncio.run(together())
    alone = [ask(engine, SYSTEM, question) for question in questions]
    assert [a.text for a in beside] == [a.text for a in alone]
    assert {a.cache.reason for a in [*beside, *alone]} == {"not_stored_class"}
    assert reasons(engine) == {"not_stored_class": 6}
    assert not engine.info.cacheable
    assert engine.stats().cache.stored_bytes == 0
