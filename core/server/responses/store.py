"""Where responses are kept after they ended; and a place in memory for them.

A record is found by its owner only: for everybody else it is not there.
"""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import msgspec

from llmx.core.server.responses.store_stats import StoreStats
from llmx.core.wire.responses.items import Item
from llmx.core.wire.responses.record import Record, kept_json
from llmx.core.wire.responses.sealed import KEY

LIMIT_BYTES = 64 * 1024 * 1024
LIMIT_S = 30 * 24 * 3600.0  # as long as OpenAI keeps them
ENTRY_BYTES = 2_000  # what the objects of a record take beside the texts in them

log = logging.getLogger(__name__)


class ResponseStore(Protocol):
    """Nothing here blocks the event loop."""

    @property
    def key(self) -> bytes:
        """What is sealed for clients is sealed with it. It lives as long as the responses."""
        ...

    async def put(self, record: Record) -> None:
        """Keep it; in place of one with the same id, unless that one is over: the first end is the
        end. Never raises: what cannot be kept is logged and counted."""
        ...

    async def get(self, owner: str, id: str) -> Record | None: ...

    async def item(self, owner: str, id: str) -> Item | None:
        """An item of any response that is kept, by the item's id."""
        ...

    async def delete(self, owner: str, id: str) -> bool:
        """Whether it was there."""
        ...

    def stats(self) -> StoreStats:
        """As of the last change."""
        ...

    def close(self) -> None:
        """Nothing is kept after it; idempotent. Waits for what was asked before."""
        ...


class MemoryStore:
    """Within a limit of bytes and of age; what was not used for the longest time goes first.

    Responses of one conversation share their items, and each item is counted once.
    """

    def __init__(
        self,
        limit_bytes: int = LIMIT_BYTES,
        limit_s: float = LIMIT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = os.urandom(KEY)
        self._limit, self._limit_s, self._clock = limit_bytes, limit_s, clock
        self._records: OrderedDict[str, tuple[Record, int]] = OrderedDict()  # with its own bytes
        self._items: dict[int, tuple[Item, int, int]] = {}  # by identity: bytes, records
        self.nbytes = 0
        self._evicted = self._expired = self._failed = 0

    def __len__(self) -> int:
        return len(self._records)

    def stats(self) -> StoreStats:
        return StoreStats(
            kind="memory",
            responses=len(self._records),
            nbytes=self.nbytes,
            limit_bytes=self._limit,
            evicted=self._evicted,
            expired=self._expired,
            failed=self._failed,
        )

    async def put(self, record: Record) -> None:
        before, _ = self._records.get(record.id, (None, 0))
        if before is not None and before.state.is_over:
            return
        self._drop(record.id)
        own = len(kept_json(record)) + ENTRY_BYTES
        sizes = [len(msgspec.json.encode(item)) for item in record.items]
        if own + sum(sizes) > self._limit:
            self._failed += 1
            return log.warning("response %s not stored: larger than the whole store", record.id)
        for item, nbytes in zip(record.items, sizes, strict=True):
            kept, nbytes, count = self._items.get(id(item), (item, nbytes, 0))
            if not count:
                self.nbytes += nbytes
            self._items[id(item)] = (kept, nbytes, count + 1)
        self._records[record.id] = record, own
        self.nbytes += own
        self._shrink()

    async def get(self, owner: str, id: str) -> Record | None:
        self._shrink()
        record, _ = self._records.get(id, (None, 0))
        if record is None or record.owner != owner:
            return None
        self._records.move_to_end(id)
        return record

    async def item(self, owner: str, id: str) -> Item | None:
        for record, _ in reversed(self._records.values()):
            if record.owner == owner:
                found = next((item for item in record.context if item["id"] == id), None)
                if found is not None:
                    return found
        return None

    async def delete(self, owner: str, id: str) -> bool:
        if await self.get(owner, id) is None:
            return False
        self._drop(id)
        return True

    def close(self) -> None:
        pass

    def _shrink(self) -> None:
        oldest = self._clock() - self._limit_s
        expired = [id for id, (one, _) in self._records.items() if one.subject.created_at < oldest]
        for id in expired:
            self._drop(id)
            self._expired += 1
        while self.nbytes > self._limit:
            self._drop(next(iter(self._records)))
            self._evicted += 1

    def _drop(self, identity: str) -> None:
        record, own = self._records.pop(identity, (None, 0))
        if record is None:
            return
        self.nbytes -= own
        for item in record.items:
            kept, nbytes, count = self._items[id(item)]
            if count > 1:
                self._items[id(item)] = (kept, nbytes, count - 1)
            else:
                del self._items[id(item)]
                self.nbytes -= nbytes
