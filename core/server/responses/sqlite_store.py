"""Responses in an SQLite file: one thread has the connection, everybody else waits for it.

Several servers may share the file. What a server computed when it ended without saying so is
failed by the next one that starts on the file, or that is asked for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from llmx.core.errors import LlmxError
from llmx.core.server.responses.presence import Presence
from llmx.core.server.responses.sqlite_file import open_file
from llmx.core.server.responses.sqlite_rows import Rows
from llmx.core.server.responses.store_stats import StoreStats
from llmx.core.sizes import format_bytes
from llmx.core.wire.responses.items import Item
from llmx.core.wire.responses.orphan import abandoned
from llmx.core.wire.responses.record import Record

T = TypeVar("T")

MAX_BYTES = 1_000_000_000
MAX_AGE_S = 30 * 86_400.0  # as long as OpenAI keeps them
SWEEP_S = 60.0  # between two looks for what is too old
UNSAVED = "The end of this response could not be stored; see the server's log."
DAMAGE = (
    sqlite3.Error,
    msgspec.DecodeError,
    KeyError,
)  # of a file that was whole when it was opened

log = logging.getLogger(__name__)


class StoreFault(LlmxError):
    """The file cannot be read any more."""


class _TooLarge(Exception):
    """There is no room for it, even if all else went."""


@dataclass(slots=True)
class _Counts:
    """Since this server began."""

    evicted: int = 0
    expired: int = 0
    failed: int = 0
    orphaned: int = 0


class SqliteStore:
    """A `ResponseStore`. Opening raises `ConfigError` and leaves the file as it was.

    `max_bytes` bounds the file: what was not read for the longest time goes first. A response is
    forgotten `max_age_s` after it was stored; None: never. A first end is the end: what is put
    after it, of the same id, changes nothing.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = MAX_BYTES,
        max_age_s: float | None = MAX_AGE_S,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._max_bytes, self._max_age_s, self._now = path, max_bytes, max_age_s, now
        self._counts = _Counts()
        self._unsaved: set[str] = set()  # under way in the file, though they have ended
        self._swept_at = float("-inf")
        self._is_closed = False
        self._thread = ThreadPoolExecutor(1, "llmx-responses")
        try:
            self._thread.submit(self._open).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def stats(self) -> StoreStats:
        """As of the last change."""
        return self._stats

    async def put(self, record: Record) -> None:
        """Returns when it is in the file. What cannot be stored is logged and counted: its client
        has, or had, the answer all the same."""
        if self._is_closed:
            return log.warning("the response %s ended after its store", record.id)
        await self._whatever(lambda: self._put(record))

    async def get(self, owner: str, id: str) -> Record | None:
        """Raises `StoreFault`."""
        return await self._ask(lambda: self._get(owner, id))

    async def item(self, owner: str, id: str) -> Item | None:
        """Raises `StoreFault`."""
        return await self._ask(lambda: self._rows.item(owner, id))

    async def delete(self, owner: str, id: str) -> bool:
        """Raises `StoreFault`."""
        return await self._whatever(lambda: self._delete(owner, id))

    def close(self) -> None:
        """After what was asked for before, which it waits for; idempotent."""
        if not self._is_closed:
            self._is_closed = True
            self._thread.submit(self._close).result()
            self._thread.shutdown()

    # ── from the loop to the thread ───────────────────────────────────────────────────────────

    async def _whatever(self, work: Callable[[], T]) -> T:
        """Work that is done also where nobody waits for it any more."""
        return await asyncio.shield(asyncio.ensure_future(self._ask(work)))

    async def _ask(self, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise StoreFault(f"The store {self._path} is closed.")
        try:
            return await self._run(work)
        except DAMAGE as error:
            log.exception("the store %s failed", self._path)
            raise StoreFault(f"The store of responses failed: {error}") from error

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # ── on the thread ─────────────────────────────────────────────────────────────────────────

    def _open(self) -> None:
        connection = open_file(self._path)
        try:
            self._rows = Rows(connection, self._now)
            self._presence = Presence(self._path)
            self._connection, self.key = connection, self._rows.key()
            self._fail_orphans()
            self._sweep()
            self._publish()
        except BaseException:
            connection.close()
            raise

    def _close(self) -> None:
        """Whatever happens here, the file is whole."""
        with contextlib.suppress(sqlite3.Error), self._rows.change():
            self._rows.note_uses()
        self._connection.close()
        self._presence.leave()

    def _put(self, record: Record) -> None:
        try:
            evicted = self._changed(record)
        except Exception as error:
            is_damage = not isinstance(error, (sqlite3.OperationalError, _TooLarge))
            log.warning("response %s not stored: %s", record.id, error, exc_info=is_damage)
            self._counts.failed += 1
            if record.state.is_over:
                self._unsaved.add(record.id)
        else:
            self._counts.evicted += evicted
        with contextlib.suppress(sqlite3.Error):  # a full disk, a damaged file: said above
            self._sweep()
            self._publish()

    def _changed(self, record: Record) -> int:
        """How many others had to go for it."""
        with self._rows.change():
            self._rows.put(record, self._presence.token)
            evicted = self._rows.evict(self._max_bytes, record.id)
            if self._rows.nbytes() > self._max_bytes:
                limit = format_bytes(self._max_bytes)
                raise _TooLarge(f"all responses together may have {limit} (--store-max)")
        return evicted

    def _get(self, owner: str, identity: str) -> Record | None:
        self._sweep()
        row = self._rows.get(owner, identity)
        if row is None or (row.server is None and row.stored_at < self._oldest()):
            return None
        if row.server is None:
            return row.record
        if not self._presence.is_alive(row.server):
            return self._fail(row.record)
        return abandoned(row.record, UNSAVED) if identity in self._unsaved else row.record

    def _delete(self, owner: str, identity: str) -> bool:
        with self._rows.change():
            is_gone = self._rows.delete(owner, identity)
        self._publish()
        return is_gone

    def _fail_orphans(self) -> None:
        """What is under way in no server that lives."""
        for owner, identity, server in self._rows.under_way():
            row = None if self._presence.is_alive(server) else self._rows.get(owner, identity)
            if row is not None:
                self._fail(row.record)

    def _fail(self, record: Record) -> Record:
        failed = abandoned(record)
        with self._rows.change():
            self._rows.put(failed, self._presence.token)
        self._counts.orphaned += 1
        return failed

    def _sweep(self) -> None:
        """Forget what is too old."""
        now = self._now()
        if self._max_age_s is None or now - self._swept_at < SWEEP_S:
            return
        self._swept_at = now
        with self._rows.change():
            self._counts.expired += self._rows.expire(self._oldest())
            self._rows.note_uses()

    def _oldest(self) -> float:
        return float("-inf") if self._max_age_s is None else self._now() - self._max_age_s

    def _publish(self) -> None:
        counts = self._counts
        self._stats = StoreStats(
            kind="sqlite",
            responses=self._rows.count(),
            nbytes=self._rows.nbytes(),
            limit_bytes=self._max_bytes,
            evicted=counts.evicted,
            expired=counts.expired,
            failed=counts.failed,
            orphaned=counts.orphaned,
        )
