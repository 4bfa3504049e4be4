"""Where the bytes of prompts are: each different piece once, in memory up to a budget.

What does not fit goes to a temporary file without a name, readable by nobody else and gone with the
process. Pieces are told apart by what is quick in one run: their hash as Python's dicts use it,
which no trace can foresee, and their length.
"""

from __future__ import annotations

import os
import struct
import tempfile
import weakref
from typing import IO

BUDGET = 96 << 20  # bytes of pieces in memory
SMALL = 512  # pieces of fewer bytes stay in memory whatever the budget

_digest = struct.Struct("<qQ").pack


class Blob:
    """A piece of bytes that may be elsewhere. Equal ones of a store are the same object."""

    __slots__ = ("_at", "_data", "_spool", "digest", "nbytes")

    def __init__(self, data: bytes, digest: bytes, spool: Spool | None = None) -> None:
        self.digest = digest
        self.nbytes = len(data)
        self._data = data if spool is None else None
        self._spool = spool
        self._at = 0 if spool is None else spool.write(data)

    @property
    def data(self) -> bytes:
        if self._spool is None or self._data is not None:
            return self._data or b""
        return self._spool.read(self._at, self.nbytes)


class Spool:
    """The temporary file, made when it is first needed. Raises `OSError` where the disk is full."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self.nbytes = 0

    def write(self, data: bytes) -> int:
        """Where it begins."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="llmx-")  # noqa: SIM115 - closed with it
            weakref.finalize(self, self._file.close)
        at = self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        self.nbytes = at + len(data)
        return at

    def read(self, at: int, nbytes: int) -> bytes:
        assert self._file is not None
        self._file.seek(at)
        return self._file.read(nbytes)


class Store:
    """Keeps pieces, each once."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._blobs: dict[bytes, Blob] = {}
        self.held = 0  # bytes in memory
        self.spool = Spool()

    def keep(self, data: bytes) -> Blob:
        key = digest(data)
        blob = self._blobs.get(key)
        if blob is None:
            blob = self._blobs[key] = self._put(data, key)
        return blob

    def keep_apart(self, data: bytes) -> Blob:
        """Without a look at whether it is there already, and without a digest."""
        return self._put(data, b"")

    def _put(self, data: bytes, key: bytes) -> Blob:
        fits = len(data) < SMALL or self.held + len(data) <= self._budget
        self.held += len(data) if fits else 0
        return Blob(data, key, None if fits else self.spool)


def digest(data: bytes) -> bytes:
    """Of 16 bytes, the same for the same data in this run of the program, and in no other."""
    return _digest(hash(data), len(data))
