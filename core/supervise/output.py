"""What a child process writes: the end of it in memory, all of it in a file where one is wanted."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

from llmx.core.errors import ConfigError

KEPT = 256 * 1024  # bytes in memory
PORTION = 256 * 1024  # bytes per read; a pipe holds 64 KiB as a rule
PORTIONS = 16  # read in one go; a child that writes without end must not hold the event loop
LOG_LIMIT = 64 * 1024 * 1024  # bytes of a file; the one before it is kept as NAME.1
LINE = 240  # characters of a line that is shown
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")


class Output:
    """Reads a pipe from within the event loop that runs when it is made, until `close`.

    A pipe that nobody reads stops the child that writes. Owns the pipe and the file.
    """

    def __init__(self, pipe: int, log: LogFile | None = None) -> None:
        self._pipe: int | None = pipe
        self._log = log
        self._kept = bytearray()
        self._loop = asyncio.get_running_loop()
        self.nbytes = 0  # read in all
        os.set_blocking(pipe, False)
        self._loop.add_reader(pipe, self._read)

    def tail(self, lines: int) -> tuple[str, ...]:
        """The last lines that are not blank, without colours and control characters."""
        said = self._kept[-KEPT:].decode("utf-8", "replace")
        shown = (_plain(line) for line in said.split("\n")[-50 * lines :])
        return tuple([line for line in shown if line][-lines:])

    def close(self) -> None:
        """Take what is in the pipe, and let go of it. To be called when the writers have ended."""
        self._read()
        self._let_go()
        if self._log is not None:
            self._log.close()

    def _read(self) -> None:
        for _ in range(PORTIONS):
            if self._pipe is None:
                return
            try:
                portion = os.read(self._pipe, PORTION)
            except BlockingIOError:
                return
            if not portion:  # all writers have closed it
                self._let_go()
                return
            self._take(portion)

    def _take(self, portion: bytes) -> None:
        self.nbytes += len(portion)
        self._kept += portion
        if len(self._kept) > 2 * KEPT:  # seldom: each cut moves what is kept
            del self._kept[:-KEPT]
        if self._log is not None:
            self._log.write(portion)

    def _let_go(self) -> None:
        if self._pipe is not None:
            self._loop.remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = None


class LogFile:
    """A file, for its owner's eyes only, that never takes more than twice its limit.

    Raises `ConfigError` if it cannot be opened. A disk that fills up later ends the file and not
    the child: `fault` says why.
    """

    def __init__(self, path: Path, *, limit: int = LOG_LIMIT) -> None:
        self._path = path
        self._limit = limit
        self.fault: str | None = None
        try:
            self._file: int | None = self._open()
            self._nbytes = path.stat().st_size
        except OSError as error:
            raise ConfigError(f"the log {path} cannot be written: {error.strerror}") from error

    def write(self, portion: bytes) -> None:
        try:
            if self._nbytes + len(portion) > self._limit:
                self._turn_over()
            if self._file is not None:
                self._nbytes += os.write(self._file, portion)
        except OSError as error:
            self.fault = f"the log {self._path} ends early: {error.strerror}"
            self.close()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _turn_over(self) -> None:
        if self._file is None:
            return
        self.close()
        os.replace(self._path, self._path.with_name(self._path.name + ".1"))
        self._file, self._nbytes = self._open(), 0

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _plain(line: str) -> str:
    """What a terminal would show last of it: a bar draws over itself with carriage returns."""
    text = ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2]
    text = "".join(one if one.isprintable() else " " for one in text).strip()
    return text if len(text) <= LINE else text[: LINE - 1] + "…"
