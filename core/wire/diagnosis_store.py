"""The prompts of past requests, kept for comparison within a limit of bytes.

The prompts of a conversation repeat their parts from turn to turn: each part is kept once. What was
neither stored nor asked for the longest time goes first. A request is found only in the namespace
that it was stored in, so that nobody learns of another's requests by guessing ids.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from llmx.core.wire.diagnosis import ORDER, Aspect, Diagnosis, Fingerprint, Part, compare

LIMIT_BYTES = 32 * 1024 * 1024
ENTRY_BYTES = 500  # a key, two tuples, the place in the order
REFERENCE_BYTES = 8
PART_BYTES = 250  # the object, its name, its place among the parts

Key = tuple[str, str]  # namespace, id


class DiagnosisStore:
    """Not thread-safe: it belongs to the event loop."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[Key, Fingerprint] = OrderedDict()
        self._parts: dict[Part, tuple[Part, int]] = {}  # the one that is kept, and by how many
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def diagnose(
        self,
        namespace: str,
        previous: str,
        now: Fingerprint,
        order: Sequence[Aspect] = ORDER,
    ) -> Diagnosis:
        """`now` compared to the request that was answered as `previous`."""
        before = self._kept.get((namespace, previous))
        if before is None:
            return Diagnosis("unknown", previous)
        self._kept.move_to_end((namespace, previous))
        return replace(compare(before, now, order), previous=previous)

    def add(self, namespace: str, identity: str, one: Fingerprint) -> None:
        """What is larger than the limit by itself is not kept."""
        self._drop((namespace, identity))
        if _own_bytes(one) + sum(map(_part_bytes, one.parts)) > self._limit:
            return
        parts = tuple(map(self._take, one.parts))
        self._kept[namespace, identity] = replace(one, parts=parts)
        self.nbytes += _own_bytes(one)
        while self.nbytes > self._limit:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        gone = self._kept.pop(key, None)
        if gone is None:
            return
        self.nbytes -= _own_bytes(gone)
        for part in gone.parts:
            kept, count = self._parts[part]
            if count > 1:
                self._parts[part] = (kept, count - 1)
            else:
                del self._parts[part]
                self.nbytes -= _part_bytes(part)

    def _take(self, part: Part) -> Part:
        """The one copy of it."""
        kept, count = self._parts.get(part, (part, 0))
        self._parts[kept] = (kept, count + 1)
        if count == 0:
            self.nbytes += _part_bytes(part)
        return kept


def _own_bytes(one: Fingerprint) -> int:
    return ENTRY_BYTES + REFERENCE_BYTES * len(one.parts) + len(one.packed)


def _part_bytes(part: Part) -> int:
    return PART_BYTES + len(part.data)
