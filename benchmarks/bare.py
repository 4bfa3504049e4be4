"""Speaks with `bare_worker.py`: the cost of bare mlx-lm on the same model, BLAS and machine."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from llmx.core.errors import LlmxError

LINE_LIMIT = 2**24  # bytes: a prompt of 32k tokens is one line
END_S = 10.0


class BareFailed(LlmxError):
    """The process of bare mlx-lm ended; what it said stands on stderr."""


@dataclass(frozen=True, slots=True)
class Cost:
    wall_s: float
    cpu_s: float  # of the whole process, until it is at rest again
    tokens: int = 0  # generated


class Bare:
    """One process, one question at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def hold(self, key: str, tokens: Sequence[int]) -> None:
        """Let it compute a prefix once; the same key again costs nothing."""
        await self._ask({"do": "hold", "key": key, "tokens": list(tokens)})

    async def forward(self, key: str, tokens: Sequence[int]) -> Cost:
        """One forward of `tokens` on the prefix held under `key`."""
        return _cost(await self._ask({"do": "forward", "key": key, "tokens": list(tokens)}))

    async def batch(self, key: str, rows: Sequence[Sequence[int]], max_tokens: int) -> Cost:
        """A `BatchGenerator` over rows that each restore the prefix and bring their own rest."""
        ask = {"do": "batch", "key": key, "rows": rows, "max_tokens": max_tokens}
        return _cost(await self._ask(ask))

    async def ready(self) -> None:
        await self._answer()

    async def _ask(self, question: dict[str, object]) -> dict[str, float]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            await self._process.stdin.drain()
        except ConnectionError as error:
            raise BareFailed("bare mlx-lm has ended") from error
        return await self._answer()

    async def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise BareFailed(f"bare mlx-lm ended with exit code {await self._process.wait()}")
        return json.loads(line)


@asynccontextmanager
async def running_bare(
    model: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Bare]:
    """The process, ready, for the length of the context. Raises `BareFailed`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(Path(__file__).with_name("bare_worker.py")), str(model),
        stdin=PIPE, stdout=PIPE, stderr=None, limit=LINE_LIMIT, start_new_session=True,
        env={**kept, **settings, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    try:
        bare = Bare(process)
        await bare.ready()
        yield bare
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    """It ends with its input; a computation under way is not waited for."""
    assert process.stdin is not None
    process.stdin.close()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            await process.wait()
            return
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _cost(said: dict[str, float]) -> Cost:
    return Cost(said["wall_s"], said["cpu_s"], int(said.get("tokens", 0)))
