"""Who shares with whom, and every reason for a miss, each from a request that must get it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest

from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.engine.scheduler import Scheduler
from llmx.core.types import MissReason
from tests.asking import Answer, answer, request_of
from tests.core.engine.support import CHUNK, Desk, words
from tests.models import UNBATCHABLE, make_model

LoadEngine = Callable[..., MLXEngine]

SYSTEM = ("system", words(40, 1))
QUESTION = ("user", words(5, 2))
OTHER_QUESTION = ("user", words(5, 3))
# The part of a hybrid's prompt in which a state can be restored nowhere.
IN_THE_MIDDLE = ("system", words(40, 1)[:60] + words(30, 4))

PLAIN, HYBRID = "qwen3", "granitemoehybrid"


def ask(engine: MLXEngine, *messages: tuple[str, str], **asked: Any) -> Answer:
    return asyncio.run(answer(engine, request_of(messages, max_tokens=4, **asked)))


def ask_in(engine: MLXEngine, namespace: str, desk: Desk) -> Answer:
    asked = desk.request([SYSTEM, QUESTION], namespace=namespace)
    return asyncio.run(desk.ask(asked, engine=engine))[0].answer


@pytest.fixture
def engine_of(
    tmp_path_factory: pytest.TempPathFactory, load_engine: LoadEngine
) -> Callable[..., MLXEngine]:
    """`engine_of(architecture, **options)`."""

    def load(architecture: str, **options: Any) -> MLXEngine:
        folder: Path = make_model(architecture, tmp_path_factory.mktemp(architecture))
        return load_engine(folder, **{"prefill_chunk": CHUNK, **options})

    return load


# ── sharing ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("desk", [PLAIN, "gpt_oss", HYBRID], indirect=True)
def test_one_namespace_shares_and_others_never_do(desk: Desk) -> None:
    async def clear() -> None:
        await desk.engine.clear_cache()

    asyncio.run(clear())
    spaces = ["", "a", "b"]
    cold = [ask_in(desk.engine, space, desk) for space in spaces]
    warm = [ask_in(desk.engine, space, desk) for space in spaces]
    assert [a.cache.matched for a in cold] == [0, 0, 0]
    assert all(a.cache.matched == len(a.prepared.tokens) - 1 for a in warm)
    assert len({a.text for a in [*cold, *warm]}) == 1
    entries = asyncio.run(_entries(desk.engine))
    assert {entry.namespace for entry in entries} == set(spaces)
    assert desk.engine.stats().cache.namespaces == 3


async def _entries(engine: MLXEngine) -> Any:
    return await engine.cache_entries(1000)


def test_what_another_namespace_holds_is_for_the_operator_only(
    engine_of: Callable[..., MLXEngine],
) -> None:
    """A client that could tell would know what others have asked."""
    engine = engine_of(PLAIN)
    for namespace in ("theirs", "mine"):
        said = asyncio.run(answer(engine, _request(namespace)))
    assert said.cache.reason == "cold"
    assert (said.cache.matched, said.cache.shared) == (0, 0)
    assert said.cache.elsewhere >= len(said.prepared.tokens)
    assert said.cache.operator_reason == "salt"
    assert dict(engine.stats().cache.reasons) == {"cold": 1, "salt": 1}


def _request(namespace: str) -> Any:
    return Desk.request(None, [SYSTEM, QUESTION], namespace=namespace)  # pyright: ignore


def test_followers_wait_in_their_own_namespace_only(engine_of: Callable[..., MLXEngine]) -> None:
    engine = engine_of(PLAIN)

    async def together() -> list[Answer]:
        asked = [_request(space) for space in ("a", "b", "a", "b")]
        return list(await asyncio.gather(*(answer(engine, request) for request in asked)))

    said = asyncio.run(together())
    for space in ("a", "b"):
        matched = [a.cache.matched for a in said if a.prepared.request.namespace == space]
        assert sorted(matched)[0] == 0, "each namespace computes the prompt once for itself"
        assert sorted(matched)[1] > 0
    assert len({a.text for a in said}) == 1
