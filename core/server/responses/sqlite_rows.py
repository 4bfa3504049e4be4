"""Records as rows: each item once, by the digest of its text; a record as the keys of its items.

One connection, one thread. A change is one transaction: after a crash it is there or it is not.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec

from llmx.core.types import Json
from llmx.core.wire.responses.items import Item
from llmx.core.wire.responses.record import Record, kept_json, record_of

AT_ONCE = 500  # values of one statement
KEYS = "q"  # as `array` packs them

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Row:
    """A record, and by which server it is computed; None: it is over."""

    record: Record
    server: str | None
    stored_at: float  # wall clock, seconds


class Rows:
    def __init__(self, connection: sqlite3.Connection, now: Callable[[], float]) -> None:
        self._db, self._now = connection, now
        self._used: dict[int, int] = {}  # keys of responses read since the last change, and when
        self._page_bytes = connection.execute("PRAGMA page_size").fetchone()[0]

    @contextmanager
    def change(self) -> Iterator[None]:
        """All that is done inside, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # ── reading ───────────────────────────────────────────────────────────────────────────────

    def get(self, owner: str, identity: str) -> Row | None:
        found = self._db.execute(
            "SELECT key, server, stored_at, inputs, items, kept FROM responses "
            "WHERE id = ? AND owner = ?",
            (identity, owner),
        ).fetchone()
        if found is None:
            return None
        key, server, stored_at, inputs, packed, kept = found
        self._used[key] = time.time_ns()
        items = self._items(_keys(packed))
        record = record_of(kept, items[:inputs])
        if len(items) > inputs:
            record = replace(record, state=replace(record.state, output=items[inputs:]))
        return Row(record, server, stored_at)

    def item(self, owner: str, identity: str) -> Item | None:
        """The latest one of this id."""
        found = self._db.execute(
            "SELECT body FROM items WHERE owner = ? AND id = ? ORDER BY key DESC", (owner, identity)
        ).fetchone()
        return None if found is None else msgspec.json.decode(found[0])

    def key(self) -> bytes:
        return self._db.execute("SELECT value FROM secrets WHERE name = 'seal'").fetchone()[0]

    def count(self) -> int:
        return self._db.execute("SELECT count(*) FROM responses").fetchone()[0]

    def nbytes(self) -> int:
        """Of the file, without pages that are free."""
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        free = self._db.execute("PRAGMA freelist_count").fetchone()[0]
        return (pages - free) * self._page_bytes

    def under_way(self) -> list[tuple[str, str, str]]:
        """Owner, id and server of each."""
        return self._db.execute(
            "SELECT owner, id, server FROM responses WHERE server IS NOT NULL"
        ).fetchall()

    # ── changing ──────────────────────────────────────────────────────────────────────────────

    def put(self, record: Record, server: str) -> bool:
        """Insert, or replace by id. What is over stays as it is: False."""
        identity, is_over = record.id, record.state.is_over
        before = self._db.execute(
            "SELECT server, items FROM responses WHERE id = ?", (identity,)
        ).fetchone()
        if before is not None and before[0] is None:
            return False
        items = record.context
        keys = self._take(record.owner, items)
        if before is not None:
            self._release(_keys(before[1]))
        kept = kept_json(replace(record, state=replace(record.state, output=())))
        row = (
            identity, record.owner, None if is_over else server, self._now(), time.time_ns(),
            len(record.items), array(KEYS, keys).tobytes(), kept,
        )  # fmt: skip
        self._db.execute(
            "INSERT INTO responses (id, owner, server, stored_at, used, inputs, items, kept) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "server = excluded.server, stored_at = excluded.stored_at, used = excluded.used, "
            "inputs = excluded.inputs, items = excluded.items, kept = excluded.kept",
            row,
        )
        return True

    def delete(self, owner: str, identity: str) -> bool:
        return self._remove(
            "SELECT key, items FROM responses WHERE id = ? AND owner = ?", (identity, owner)
        )

    def expire(self, before: float) -> int:
        """Remove those that were stored before; how many."""
        oldest = (
            "SELECT key, items FROM responses WHERE server IS NULL AND stored_at < ? "
            "ORDER BY stored_at LIMIT 1"
        )
        count = 0
        while self._remove(oldest, (before,)):
            count += 1
        return count

    def evict(self, limit_bytes: int, spared: str) -> int:
        """Remove those that were not used for the longest time, until the rest fits; how many.

        Never the one that is spared, nor those under way.
        """
        self.note_uses()
        unused = """
            SELECT key, items FROM responses WHERE server IS NULL AND id != ? ORDER BY used LIMIT 1
        """
        count = 0
        while self.nbytes() > limit_bytes and self._remove(unused, (spared,)):
            count += 1
        return count

    def note_uses(self) -> None:
        """Write down what was read; it is lost where the server dies before, and costs no more."""
        uses = [(used, key) for key, used in self._used.items()]
        self._db.executemany("UPDATE responses SET used = max(used, ?) WHERE key = ?", uses)
        self._used.clear()

    def _remove(self, which: str, values: Sequence[Json]) -> bool:
        """The response that a statement finds, with the items that nothing else has."""
        found = self._db.execute(which, values).fetchone()
        if found is None:
            return False
        key, packed = found
        self._db.execute("DELETE FROM responses WHERE key = ?", (key,))
        self._used.pop(key, None)
        self._release(_keys(packed))
        return True

    # ── items ─────────────────────────────────────────────────────────────────────────────────

    def _items(self, keys: Sequence[int]) -> tuple[Item, ...]:
        found: dict[int, Item] = {}
        for some in _parts(sorted(set(keys))):
            places = ",".join("?" * len(some))
            rows = self._db.execute(f"SELECT key, body FROM items WHERE key IN ({places})", some)
            found.update((key, msgspec.json.decode(body)) for key, body in rows)
        return tuple(found[key] for key in keys)

    def _take(self, owner: str, items: Sequence[Item]) -> list[int]:
        """The keys of the items, each with one more use."""
        bodies = [_ENCODER.encode(item) for item in items]
        digests = [_digest(owner, body) for body in bodies]
        uses = Counter(digests)
        known = self._known(list(uses))
        fresh = {
            digest: (digest, owner, item["id"], 0, body)
            for digest, item, body in zip(digests, items, bodies, strict=True)
            if digest not in known
        }
        insert = "INSERT INTO items (digest, owner, id, uses, body) VALUES (?, ?, ?, ?, ?)"
        for digest, values in fresh.items():
            key = self._db.execute(insert, values).lastrowid
            assert key is not None
            known[digest] = key
        self._change_uses((count, known[digest]) for digest, count in uses.items())
        return [known[digest] for digest in digests]

    def _known(self, digests: list[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for some in _parts(digests):
            places = ",".join("?" * len(some))
            found.update(
                self._db.execute(
                    f"SELECT digest, key FROM items WHERE digest IN ({places})", some
                ).fetchall()
            )
        return found

    def _release(self, keys: Sequence[int]) -> None:
        uses = Counter(keys)
        self._change_uses((-count, key) for key, count in uses.items())
        self._db.executemany(
            "DELETE FROM items WHERE key = ? AND uses = 0", [(key,) for key in uses]
        )

    def _change_uses(self, changes: Iterable[tuple[int, int]]) -> None:
        self._db.executemany("UPDATE items SET uses = uses + ? WHERE key = ?", changes)


def _digest(owner: str, body: bytes) -> bytes:
    """Of another owner the same item is another one: nobody's id leads to what is not theirs."""
    return hashlib.blake2b(owner.encode() + b"\0" + body, digest_size=20).digest()


def _keys(packed: bytes) -> Sequence[int]:
    keys = array(KEYS)
    keys.frombytes(packed)
    return keys


def _parts(values: list[Json]) -> Iterator[list[Json]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
