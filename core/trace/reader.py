"""Reads traces: a file or a folder of `*.jsonl` and `*.jsonl.gz`, one record per line.

What a line holds never ends the reading: a line that is no record is counted and left out. Only a
path that holds no record at all raises, and says what was found instead.
"""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from llmx.core.errors import UnreadableTrace
from llmx.core.trace.record import VERSION, TraceRecord

SUFFIXES = (".jsonl", ".jsonl.gz")
WANTED = f"wanted llmx trace lines (format v{VERSION}: JSON objects with id, api and req)"
LINE_BYTES = 512 << 20  # longer ones are skipped unread: no memory for a file without line ends
EXAMPLES = 20  # skipped lines that are kept; all are counted
EDGES = b"\0 \t\r\n"  # a crash leaves NUL runs at the edge of a line, an editor leaves CRLF
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no record; line 0 is the file itself."""

    file: Path
    line: int
    why: str


class Reading:
    """One pass over the records at `path`; iterate it once, then read what it counted.

    Raises `UnreadableTrace` at once where there is no file to read, and at the end of the pass
    where no line was a record.
    """

    def __init__(self, path: Path, *, line_bytes: int = LINE_BYTES) -> None:
        self.path = path
        self.files = _files(path)
        self.lines = 0  # that were not blank
        self.records = 0  # without the duplicates
        self.duplicates = 0  # of a record with the same id
        self.skipped: Counter[str] = Counter()  # why -> lines
        self.examples: list[Skipped] = []  # the first of them
        self._line_bytes = line_bytes

    def __iter__(self) -> Iterator[TraceRecord]:
        decoder = msgspec.json.Decoder(TraceRecord)
        seen: set[str] = set()
        for file in self.files:
            for number, line in self._lines_of(file):
                record = self._decoded(decoder, file, number, line)
                if record is None:
                    continue
                if record.id in seen:
                    self.duplicates += 1
                    continue
                seen.add(record.id)
                self.records += 1
                yield record
        if not self.records:
            raise UnreadableTrace(self._nothing_found())

    def _decoded(
        self,
        decoder: msgspec.json.Decoder[TraceRecord],
        file: Path,
        number: int,
        line: bytes | None,
    ) -> TraceRecord | None:
        if line is None:
            return self._skip(file, number, f"longer than {self._line_bytes} bytes")
        if not line:
            return self._skip(file, number, "only NUL bytes")
        try:
            record = decoder.decode(line)
        except (ValueError, RecursionError, OverflowError):  # msgspec's errors are ValueErrors
            return self._skip(file, number, why_not(line))
        if record.v != VERSION:
            return self._skip(file, number, f"format version {record.v}, wanted {VERSION}")
        return record

    def _lines_of(self, file: Path) -> Iterator[tuple[int, bytes | None]]:
        """Numbers from 1 and lines without their edges, blank ones left out; None: too long."""
        number = 0
        try:
            with _opened(file) as stream:
                while line := stream.readline(self._line_bytes + 1):
                    number += 1
                    is_long = len(line) > self._line_bytes and not line.endswith(b"\n")
                    while is_long and line and not line.endswith(b"\n"):
                        line = stream.readline(1 << 20)
                    text = (line.removeprefix(BOM) if number == 1 else line).strip(EDGES)
                    if is_long or text or b"\0" in line:
                        self.lines += 1
                        yield number, None if is_long else text
        except (OSError, EOFError, zlib.error) as error:
            what = error.strerror if isinstance(error, OSError) else None
            self._skip(file, number, f"cannot be read further: {what or error}")

    def _skip(self, file: Path, line: int, why: str) -> None:
        self.skipped[why] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(Skipped(file, line, why))

    def _nothing_found(self) -> str:
        if not self.examples:
            return f"{self.path} holds no line, {WANTED}"
        first = self.examples[0]
        place = f"{first.file.name}, line {first.line}" if first.line else first.file.name
        return f"nothing in {self.path} is a trace: {place} is {first.why}; {WANTED}"


def why_not(line: bytes) -> str:
    """Why a line is no record of ours, in a few words without its content."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8"
    try:
        msgspec.json.decode(line, type=msgspec.Raw)  # looks at the form alone
        head = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return "JSON, but no object"
    except (ValueError, RecursionError, OverflowError):
        return "cut JSON" if line.startswith(b"{") and not line.endswith(b"}") else "not JSON"
    if not {"id", "api", "req"} <= head.keys():
        return "another format's JSON object"
    try:
        msgspec.json.decode(line, type=TraceRecord)
    except (msgspec.ValidationError, OverflowError) as error:
        return f"a record with a wrong value: {error}"
    except (ValueError, RecursionError):
        return "not JSON"
    return "a record"


def _files(path: Path) -> list[Path]:
    try:
        if path.is_dir():
            found = sorted(
                file for file in path.iterdir() if file.name.endswith(SUFFIXES) and file.is_file()
            )
            if not found:
                raise UnreadableTrace(f"no traces in {path}: wanted files named *.jsonl(.gz)")
            return found
        is_there = path.exists()
    except OSError as error:
        raise UnreadableTrace(f"cannot read {path}: {error.strerror}") from error
    if not is_there:
        raise UnreadableTrace(f"no traces at {path}: wanted a trace file or a folder of them")
    return [path]


def _opened(file: Path) -> BinaryIO:
    if file.name.endswith(".gz"):
        return cast(BinaryIO, gzip.open(file, "rb"))
    return file.open("rb")
