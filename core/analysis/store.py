"""Where the bytes of prompts are: each different piece once, in memory up to a budget.

What does not fit goes to a temporary file without a name, readable by nobody else and gone with the
process. Pieces are told apart by 128-bit digests.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from hashlib import blake2b
from typing import IO

BUDGET = 96 << 20  # bytes of pieces in memory
SMALL = 512  # pieces of fewer bytes stay in memory whatever the budget
DIGEST_BYTES = 16


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
            fits = len(data) < SMALL or self.held + len(data) <= self._budget
            blob = self._blobs[key] = Blob(data, key, None if fits else self.spool)
            self.held += len(data) if fits else 0
        return blob


def digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=DIGEST_BYTES).digest()
