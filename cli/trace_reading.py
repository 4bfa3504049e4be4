"""What was read of a trace, as lines on stderr: every mode of `analyze-traces` says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmx.cli.show import complain

if TYPE_CHECKING:
    from llmx.core.trace.reader import Reading

SAID = 5  # kinds of what was skipped, or passed over, that are named


def say_what_was_read(reading: Reading, of: str = "") -> None:
    """`of`: which of two traces it was."""
    from llmx.core.analysis.breaks import shown

    begin = f"{of}: " if of else ""
    skipped = reading.skipped.total()
    line = f"{begin}requests read: {reading.records:,}, from files: {len(reading.files):,}"
    line += f", duplicates: {reading.duplicates:,}, lines skipped: {skipped:,}"
    if skipped:
        first = reading.examples[0]
        where = f"{first.file.name}, line {first.line}" if first.line else first.file.name
        line += f" ({_some(reading.skipped.most_common())}; the first: {where})"
    complain(shown(line))
    if len(reading.formats) > 1 or reading.passed:
        line = f"{begin}formats: {_some(reading.formats.most_common())}"
        if reading.passed:
            line += f"; no requests: {_some(reading.passed.most_common())}"
        complain(shown(line))


def _some(counts: Sequence[tuple[str, int]]) -> str:
    """The most frequent ones; how many more there are."""
    said = ", ".join(f"{count:,} {what}" for what, count in counts[:SAID])
    left = sum(count for _, count in counts[SAID:])
    return f"{said} and {left:,} more" if left else said
