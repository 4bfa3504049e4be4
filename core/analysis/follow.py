"""A trace that is being written: read again whenever its files have grown.

The whole trace is read each time, as a late record may be the predecessor of an early one, and a
line that was cut at the last look is whole at the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from llmx.core.analysis.report import Report, Row, analyze
from llmx.core.errors import UnreadableTrace
from llmx.core.trace.record import TraceRecord

EVERY_S = 1.0  # between two looks

Read = Callable[[Path], Iterable[TraceRecord]]


@dataclass(frozen=True, slots=True)
class Look:
    report: Report
    new: tuple[Row, ...]  # that the last look did not have


class Follower:
    """Looks at a path again and again. A path that is not there yet has nothing new."""

    def __init__(self, path: Path, read: Read) -> None:
        self._path, self._read = path, read
        self._sizes: dict[Path, tuple[int, int]] | None = None
        self._seen: set[str] = set()

    def look(self) -> Look | None:
        """None: nothing has been written since the last look, or nothing that can be read."""
        sizes = self._measured()
        if sizes == self._sizes:
            return None
        self._sizes = sizes
        try:
            report = analyze(self._read(self._path))
        except UnreadableTrace:
            return None
        new = tuple(row for row in report.rows if row.record.id not in self._seen)
        self._seen.update(row.record.id for row in new)
        return Look(report, new) if new else None

    def _measured(self) -> dict[Path, tuple[int, int]]:
        """Size and time of every file; one that went meanwhile is left out."""
        found: dict[Path, tuple[int, int]] = {}
        try:
            files = list(self._path.rglob("*")) if self._path.is_dir() else [self._path]
        except OSError:
            return found
        for file in files:
            try:
                stat = file.stat()
            except OSError:
                continue
            found[file] = (stat.st_size, stat.st_mtime_ns)
        return found
