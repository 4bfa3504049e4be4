"""The protocol over the whole of our own server, with a real model behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from llmx.core.client.chat import ChatClient
from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.server.app import create_app
from llmx.core.verify.report import Report, report_of
from llmx.core.verify.three_questions import run
from tests.core.verify.fakes import PREFILL_S, RULES, WORKLOAD
from tests.serving import running


def verify(engine: MLXEngine) -> Report:
    """Time is what the model computed: the verdict does not depend on the machine's other work."""

    def computed_s() -> float:
        done = engine.stats().cache
        return (done.prompt_tokens - done.cached_tokens) * PREFILL_S

    async def ask(url: str) -> Report:
        async with ChatClient(url, timeout_s=60, clock=computed_s) as client:
            return report_of(await run(client, WORKLOAD, rules=RULES), RULES)

    with running(create_app(engine)) as url:
        return asyncio.run(ask(url))


def test_our_cache_is_verified_with_all_three_answers_compared(
    demo: Path, load_engine: Callable[..., MLXEngine]
) -> None:
    report = verify(load_engine(demo))
    assert report.verdict.name == "VERIFIED", report.verdict
    assert [found.state for found in report.facts.comparisons] == ["equal"] * 3
    assert all(sample.reply.cached_tokens == 0 for sample in report.run.of("reference"))


def test_our_server_without_its_cache_is_found_out(
    demo: Path, load_engine: Callable[..., MLXEngine]
) -> None:
    report = verify(load_engine(demo, cache=False))
    assert report.verdict.name == "NO_CACHE", report.verdict
    assert report.verdict.exit_code == 1
