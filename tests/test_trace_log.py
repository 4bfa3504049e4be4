"""The made logs of agent traffic: the same for a seed, and read alike in every form."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

from benchmarks.trace_log import FORMS, TraceLog, write
from llmx.core.analysis.report import Report, analyze
from llmx.core.trace.reader import Reading

NBYTES = 3_000_000


def told(report: Report) -> list[tuple[object, ...]]:
    """What does not depend on the recorder, request by request."""
    return [
        (row.prompt, row.cached, row.where, None if row.change is None else row.change.cause)
        for row in report.rows
    ]


def test_a_seed_makes_the_same_log() -> None:
    one, two, other = (list(islice(TraceLog(seed).lines(), 12)) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_every_form_tells_the_same(tmp_path: Path) -> None:
    found: list[list[tuple[object, ...]]] = []
    for form in FORMS:
        log = tmp_path / f"{form}.jsonl"
        count = write(log, NBYTES, form=form)
        reading = Reading(log)
        found.append(told(analyze(reading)))
        assert (reading.records, reading.skipped.total()) == (count, 0)
    fewest = min(map(len, found))
    assert fewest > 20
    assert found[0][:fewest] == found[1][:fewest]


def test_order_changes_nothing_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    write(log, NBYTES, seed=3)
    lines = log.read_bytes().splitlines(keepends=True)
    whole = analyze(Reading(log))
    random.Random(0).shuffle(lines)
    log.write_bytes(b"".join(lines))
    assert told(analyze(Reading(log))) == told(whole)
