"""Which of the servers that share a file still live: each holds a file beside it locked."""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from pathlib import Path

if sys.platform != "win32":
    import fcntl

SUFFIX = ".server"


class Presence:
    """This server's own sign of life, from its making to `leave`, or to the end of the process."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared
        while True:
            self.token = uuid.uuid4().hex
            self._fd = os.open(self._file(self.token), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _lock(self._fd) and os.fstat(self._fd).st_nlink:
                return
            os.close(self._fd)  # somebody took it for a dead one's, just before it was locked

    def is_alive(self, token: str) -> bool:
        """Whether the server of this token runs. The sign of a dead one is removed."""
        return token == self.token or not _is_gone(self._file(token))

    def leave(self) -> None:
        if self._fd >= 0:
            self._fd, fd = -1, self._fd
            if sys.platform == "win32":  # it removes no file that is open
                os.close(fd)
                self._file(self.token).unlink(missing_ok=True)
            else:
                self._file(self.token).unlink(missing_ok=True)
                os.close(fd)

    def _file(self, token: str) -> Path:
        return self._shared.with_name(f"{self._shared.name}.{token}{SUFFIX}")


def _is_gone(path: Path) -> bool:
    """Whether nobody holds the file, which then is removed."""
    if sys.platform == "win32":
        try:
            path.unlink(missing_ok=True)
        except PermissionError:  # it is open
            return False
        return True
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    except PermissionError:  # another user's: nobody can tell
        return False
    try:
        if not _lock(fd):
            return False
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return True
    finally:
        os.close(fd)


def _lock(fd: int) -> bool:
    """Lock the file until it is closed; False: another holds it.

    Where the system knows no such locks, everybody gets one: a server is then taken for dead by
    the next that starts on the same file.
    """
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
