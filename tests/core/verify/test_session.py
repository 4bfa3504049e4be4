"""A whole run against small servers, by a clock that only they move."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.errors import ConfigError, Unreachable
from llmx.core.verify.result import Result
from llmx.core.verify.session import Wanted, run
from tests.core.client.raw import nobody
from tests.core.verify.fakes import Fake
from tests.serving import running

SLOW_S = 5e-4  # per token: half a second for the shortest prompt of the protocol


def verify(fake: Fake, **wanted: Any) -> Result:
    with running(fake.app()) as url:
        return asyncio.run(_verify(url, fake, Wanted(**wanted)))


async def _verify(url: str, fake: Fake, wanted: Wanted) -> Result:
    async def pause(seconds: float) -> None:
        fake.clock.now += seconds

    def connect() -> ChatClient:
        return ChatClient(url, timeout_s=30, clock=fake.clock)

    async with connect() as client:
        return await run(
            client, wanted, connect=connect, environment={}, clock=fake.clock, pause=pause
        )


def statuses(result: Result) -> dict[str, str]:
    return {probe.id: probe.status for probe in result.probes}


def test_an_honest_cache_is_verified_in_the_smoke_profile() -> None:
    fake = Fake(prefill_s=SLOW_S)
    result = verify(fake, profile="smoke")
    assert result.verdict == "VERIFIED", result.sentence
    assert statuses(result) == {"A1": "pass", "A2": "pass", "B1": "pass", "C1": "skip"}
    assert (result.exit_code, result.length) == (0, 1024)
    assert (result.channels.usage, result.channels.timing) == ("yes", "yes")
    prompts = [one.prompt_tokens for one in result.samples if one.role in ("prime", "hit")]
    assert all(abs((tokens or 0) - 1024) < 64 for tokens in prompts)
    assert result.requests == len(fake.bodies)


if __name__ == "__main__":
    import sys
    import time

    for name in sys.argv[1:]:
        made, _, rest = name.partition("/")
        begun = time.time()
        found = verify(eval(made), **eval(f"dict({rest})"))
        print(made, found.verdict, found.sentence, found.exit_code, found.requests, time.time() - begun)
        for probe in found.probes:
            print("   ", probe.id, probe.status, probe.why)
