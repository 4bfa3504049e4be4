"""Counts what answers called, while their records go by on the way to the analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from llmx.core.trace.reader import Reading
from llmx.core.trace.record import TraceRecord


class CountingCalls:
    """The records it was given, once; then `calls` of tools by name, None where no answer was
    recorded."""

    def __init__(self, records: Iterable[TraceRecord]) -> None:
        self._records = records
        self._counts: Counter[str] = Counter()
        self._has_answers = False

    def __iter__(self) -> Iterator[TraceRecord]:
        records = self._records
        for record in records.held() if isinstance(records, Reading) else records:
            res = record.res
            if res.calls or res.text is not None:
                self._has_answers = True
                self._counts.update(call.name for call in res.calls)
            yield record

    @property
    def calls(self) -> Counter[str] | None:
        return self._counts if self._has_answers else None
