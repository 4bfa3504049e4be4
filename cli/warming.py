"""`llmx serve --warm FILE`: its prompts, through the server's own endpoint, before it opens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from llmx.cli.show import complain
from llmx.cli.waiting import Waiting
from llmx.core.errors import ConfigError
from llmx.core.server.warm_file import WarmPrompt
from llmx.core.server.warming import PATH


async def warm_from_file(
    app: ASGIApp, path: Path, prompts: list[WarmPrompt], api_key: str | None
) -> None:
    """Compute and store each prompt, with the server's own key.

    Ctrl-C and SIGTERM end it at once, as KeyboardInterrupt. Raises `ConfigError` for a prompt that
    this model cannot take; what fails otherwise is told and left out.
    """
    await _until_signal(_warm(app, path, prompts, api_key))


async def _warm(app: ASGIApp, path: Path, prompts: list[WarmPrompt], api_key: str | None) -> None:
    headers = {"content-type": "application/json"}
    if api_key is not None:
        headers["authorization"] = f"Bearer {api_key}"
    computed = reused = warmed = 0
    transport = httpx.ASGITransport(app)
    with Waiting() as view:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://llmx", headers=headers, timeout=None
        ) as client:
            for number, prompt in enumerate(prompts, 1):
                view.stage(f"warming prompt {number} of {len(prompts)}")
                answer = await client.post(PATH, content=prompt.body)
                place, said = f"--warm: {path}, line {prompt.line}", answer.json()
                if answer.status_code == httpx.codes.BAD_REQUEST:
                    raise ConfigError(f"{place}: {said['error']['message']}")
                if not answer.is_success:
                    complain(f"{place} is left out: {said['error']['message']}")
                    continue
                warmed += 1
                computed += said["llmx"]["computed_tokens"]
                reused += said["cached_tokens"]
    complain(
        f"warmed {warmed} of {len(prompts)} prompts: "
        f"{computed:,} tokens computed, {reused:,} were there already"
    )


async def _until_signal(work: Coroutine[Any, Any, None]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    is_interrupted = False

    def end() -> None:
        nonlocal is_interrupted
        is_interrupted = True
        task.cancel()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, end)  # wakes the loop, as `signal.signal` alone may not
    try:
        await task
    except asyncio.CancelledError:
        if is_interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
