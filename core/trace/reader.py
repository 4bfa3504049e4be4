"""Reads traces of any known format: a file, a folder with all below it, or a stream.

What a file holds never ends the reading: what is no record is counted and left out. Only a path
that holds no record at all raises, and says what was found instead.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from llmx.core.errors import UnreadableTrace
from llmx.core.trace.files import NoTrace, files_of, reading
from llmx.core.trace.readers.choose import Desk
from llmx.core.trace.readers.documents import Document, Documents, Fault
from llmx.core.trace.readers.found import Found, Passed, Repeated
from llmx.core.trace.record import Source, TraceRecord

WANTED = (
    "wanted llmx trace lines, or traces of anyclaude, Claude Code, claude-trace, HAR, LiteLLM, "
    "OpenTelemetry, Mooncake, Qwen-Bailian or Weka"
)
LINE_BYTES = 512 << 20  # longer ones are skipped unread: no memory for a file without line ends
EXAMPLES = 20  # skipped places that are kept; all are counted

Skipped = Fault  # a place that is no record; line 0 is the file itself


class Reading:
    """One pass over the records at `path`, `-` for standard input; iterate it once, then read what
    it counted.

    Raises `UnreadableTrace` at once where there is no file to read, and at the end of the pass
    where nothing was a record. Records come in the order of the files, but those for which several
    places had to be read come last.
    """

    def __init__(self, path: Path, *, line_bytes: int = LINE_BYTES) -> None:
        self.path = path
        self.files = files_of(path)
        self.lines = 0  # documents: lines that were not blank, and what stands over many lines
        self.records = 0  # without the duplicates
        self.duplicates = 0  # of a request that was read before
        self.formats: Counter[Source] = Counter()  # -> records
        self.sources: Counter[tuple[Path, Source]] = Counter()  # the same by file
        self.passed: Counter[str] = Counter()  # of a known format, but no request
        self.skipped: Counter[str] = Counter()  # why -> places
        self.examples: list[Skipped] = []  # the first of them
        self._line_bytes = line_bytes
        self._seen: set[str] = set()

    def __iter__(self) -> Iterator[TraceRecord]:
        return self._records(Desk())

    def held(self) -> Iterator[TraceRecord]:
        """The same records with bodies as `HeldRequest` where that is quicker: as bytes, told by
        what they do not share with an earlier one."""
        return self._records(Desk(is_held=True))

    def _records(self, desk: Desk) -> Iterator[TraceRecord]:
        for file in self.files:
            for document in self._documents(file):
                own = desk.own(document)
                if own is not None:
                    if self._is_new(own, file):
                        yield own
                    continue
                for found in desk.read(document):
                    record = self._kept(found, file)
                    if record is not None:
                        yield record
        for found in desk.end():
            record = self._kept(found, self.path)
            if record is not None:
                yield record
        if not self.records:
            raise UnreadableTrace(self._nothing_found())

    def _documents(self, file: Path) -> Iterator[Document]:
        documents: Documents | None = None
        try:
            with reading(file, is_named=file == self.path) as stream:
                documents = Documents(
                    file,
                    stream.bytes,
                    most=self._line_bytes,
                    is_placed=stream.is_placed,
                    until=stream.until,
                )
                for one in documents:
                    self.lines += 1
                    if isinstance(one, Fault):
                        self._skip(one)
                    else:
                        yield one
        except NoTrace as error:
            self._skip(Fault(file, 0, str(error)))
        except (OSError, EOFError, zlib.error) as error:
            what = error.strerror if isinstance(error, OSError) else None
            line = documents.line if documents is not None else 0
            self._skip(Fault(file, line, f"cannot be read further: {what or error}"))

    def _kept(self, found: Found, file: Path) -> TraceRecord | None:
        match found:
            case Fault():
                self._skip(found)
            case Passed(what):
                self.passed[what] += 1
            case Repeated():
                self.duplicates += 1
            case TraceRecord():
                file = file if found.place is None else Path(found.place.file)
                return found if self._is_new(found, file) else None
        return None

    def _is_new(self, record: TraceRecord, file: Path) -> bool:
        if record.id in self._seen:
            self.duplicates += 1
            return False
        self._seen.add(record.id)
        self.records += 1
        if record.source is not None:
            self.formats[record.source] += 1
            self.sources[file, record.source] += 1
        return True

    def _skip(self, fault: Fault) -> None:
        self.skipped[fault.why] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(fault)

    def _nothing_found(self) -> str:
        if not self.examples:
            seen = self.passed.most_common(1)
            what = f"only {seen[0][0]}s" if seen else "no line"
            return f"{self.path} holds {what}, {WANTED}"
        first = self.examples[0]
        place = f"{first.file.name}, line {first.line}" if first.line else first.file.name
        return f"nothing in {self.path} is a trace; {place}: {first.why}; {WANTED}"
