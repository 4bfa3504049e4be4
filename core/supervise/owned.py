"""A command as one server that can be started again: at most one process, and none at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from llmx.core.supervise.launch import Exit, Launch
from llmx.core.supervise.process import Change, ServerProcess
from llmx.core.supervise.ready import Probe, answers


class OwnedServer:
    """Made by `owned`."""

    def __init__(self, begin: Callable[[], ServerProcess]) -> None:
        self._begin = begin
        self._process: ServerProcess | None = None

    async def start(self) -> str:
        """Begin the process, the one before drained; its URL, once it is ready.

        A port that the system chose is another one each time. Raises as `ServerProcess` does, and
        what `on_change` and `on_wait` raise; leaves nothing running then.
        """
        await self.drain()
        process = self._begin()
        await process.start()
        self._process = process
        try:
            return await process.wait_ready()
        except BaseException:
            await process.drain()
            raise

    async def drain(self) -> Exit | None:
        """End it, if it was started; how it ended."""
        return await self._process.drain() if self._process is not None else None

    async def ended_by_itself(self, *, within_s: float = 0.0) -> Exit | None:
        """How the command ended, if it did so without being told to; None: it runs, or was told.

        The connections of a process that dies break some time before its end can be seen.
        """
        if self._process is None:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._process.until_over()
        if not self._process.has_ended:
            return None
        end = await self._process.drain()
        return None if end.was_asked else end


@asynccontextmanager
async def owned(
    launch: Launch,
    *,
    probe: Probe = answers,
    on_change: Callable[[Change], object] = lambda change: None,
    on_wait: Callable[[str], object] = lambda waits_for: None,
) -> AsyncIterator[OwnedServer]:
    """Nothing runs yet: `start` it. Whatever is raised inside, nothing runs afterwards."""

    def begin() -> ServerProcess:
        return ServerProcess(launch, probe=probe, on_change=on_change, on_wait=on_wait)

    server = OwnedServer(begin)
    try:
        yield server
    finally:
        await server.drain()
