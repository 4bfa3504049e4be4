"""What a report was made of: the files, their formats, what was passed over and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llmx.core.trace.reader import Reading

Counts = tuple[tuple[str, int], ...]  # most first


@dataclass(frozen=True, slots=True)
class FileRead:
    """Requests of one format in one file. `name` is below the path that was asked for."""

    name: str
    format: str
    requests: int


@dataclass(frozen=True, slots=True)
class SkippedPlace:
    """A place that could not be read; line 0 is the file itself."""

    name: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class WasRead:
    """`passed`: of a known format, but no request for an answer. `skipped`: places that could not
    be read, by the reason; `examples` are the first of them."""

    files: int
    requests: int
    duplicates: int
    formats: Counts
    passed: Counts
    skipped: Counts
    by_file: tuple[FileRead, ...]
    examples: tuple[SkippedPlace, ...]

    @property
    def skipped_places(self) -> int:
        return sum(count for _, count in self.skipped)


def was_read(reading: Reading) -> WasRead:
    """Of a pass that has ended."""
    found = sorted(reading.sources.items(), key=lambda one: (-one[1], str(one[0][0]), one[0][1]))
    return WasRead(
        files=len(reading.files),
        requests=reading.records,
        duplicates=reading.duplicates,
        formats=tuple(reading.formats.most_common()),
        passed=tuple(reading.passed.most_common()),
        skipped=tuple(reading.skipped.most_common()),
        by_file=tuple(
            FileRead(_below(file, reading.path), source, count) for (file, source), count in found
        ),
        examples=tuple(
            SkippedPlace(_below(one.file, reading.path), one.line, one.why)
            for one in reading.examples
        ),
    )


def _below(file: Path, path: Path) -> str:
    """As it stands below a folder; a file that was asked for by its own name."""
    if file != path and file.is_relative_to(path):
        return str(file.relative_to(path))
    return file.name or str(file)
