"""Reads bytes as a trace file would be read."""

from __future__ import annotations

from pathlib import Path

from llmx.core.trace.reader import Reading
from llmx.core.trace.record import TraceRecord


def read(folder: Path, **files: bytes) -> tuple[list[TraceRecord], Reading]:
    """The records of these files, `_` before the suffix, in the order of their times."""
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    reading = Reading(folder)
    found = list(reading)
    return sorted(found, key=lambda one: (one.t0 or 0.0, one.id)), reading


def one(folder: Path, content: bytes, name: str = "t_jsonl") -> TraceRecord:
    """The only record, of a file that is read without a complaint."""
    (record,), reading = read(folder, **{name: content})
    assert not reading.skipped
    return record
