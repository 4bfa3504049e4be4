"""A run over the whole of our own server, with a real model behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llmx.core.client.chat import ChatClient
from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.server.app import create_app
from llmx.core.verify.result import Result
from llmx.core.verify.session import Wanted, run
from tests.serving import running

PREFILL_S = 5e-4  # per computed token


async def no_pause(seconds: float) -> None:
    """What is stored here is stored at once."""


def verify(engine: MLXEngine, **wanted: Any) -> Result:
    """Time is what the model computed: the verdict does not depend on the machine's other work."""

    def computed_s() -> float:
        done = engine.stats().cache
        return (done.prompt_tokens - done.cached_tokens) * PREFILL_S

    async def ask(url: str) -> Result:
        def connect() -> ChatClient:
            return ChatClient(url, timeout_s=60, clock=computed_s)

        async with connect() as client:
            return await run(
                client, Wanted(**wanted), connect=connect, environment={}, pause=no_pause
            )

    with running(create_app(engine)) as url:
        return asyncio.run(ask(url))


def test_our_cache_is_verified_and_its_answers_are_those_of_cold_prompts(
    demo: Path, load_engine: Callable[..., MLXEngine]
) -> None:
    result = verify(load_engine(demo), only=("A1", "A2", "B1", "C2"))
    assert result.verdict == "VERIFIED", result.sentence
    assert [probe.status for probe in result.probes] == ["pass"] * 4, result.probes
    assert result.exit_code == 0


def test_our_server_without_its_cache_is_found_out(
    demo: Path, load_engine: Callable[..., MLXEngine]
) -> None:
    result = verify(load_engine(demo, cache=False), only=("A1",))
    assert (result.verdict, result.exit_code) == ("NO_CACHE", 1), result.sentence
