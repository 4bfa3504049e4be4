"""The responses that one connection can go on from without their being stored."""

from __future__ import annotations

from collections import OrderedDict

from llmx.core.wire.responses.record import Record

MOST = 64  # of one connection; they share their items, so that each costs what it added


class ConnectionRecords:
    """A `LocalRecords`. What was kept longest ago goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._records: OrderedDict[str, Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def find(self, id: str) -> Record | None:
        return self._records.get(id)

    def keep(self, record: Record) -> None:
        self._records[record.id] = record
        while len(self._records) > self._most:
            self._records.popitem(last=False)

    def drop(self, id: str) -> None:
        self._records.pop(id, None)
