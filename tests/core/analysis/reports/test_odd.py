"""Whatever a trace says, every form of the report can be made, and each says the same."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from llmx.core.analysis.calls import CountingCalls
from llmx.core.analysis.compare import compare
from llmx.core.analysis.export import to_json
from llmx.core.analysis.report import analyze
from llmx.core.analysis.reports.follow import row_line, total_line
from llmx.core.analysis.reports.html import html
from llmx.core.analysis.reports.markdown import markdown
from llmx.core.analysis.reports.spreadsheet import as_csv
from llmx.core.analysis.room import rooms
from llmx.core.analysis.views import view
from llmx.core.trace.record import TraceCall, TraceRecord, TraceRequest, TraceResponse, TraceUsage
from tests.core.trace.records import chat, record
from tests.core.verify.reports.test_html import Page

TIMES = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1e4)
COUNTS = st.none() | st.integers(-5, 2**40) | st.integers(0, 300)
TEXTS = st.text(max_size=12) | st.sampled_from(["=1+1", "<b>|`*", "\x1b[31m", "\u202e", "a" * 999])
BODIES = st.builds(
    lambda system, said: chat(("system", system), *((role, "x" * n) for role, n in said)),
    st.sampled_from(["s", "t" * 50, "2026-01-05"]),
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.integers(0, 60)), max_size=4),
) | st.binary(max_size=20)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> list[TraceRecord]:
    found: list[TraceRecord] = []
    for number in range(draw(st.integers(1, 6))):
        fields: dict[str, Any] = {
            "id": f"{draw(TEXTS)}{number}",
            "session": draw(st.none() | TEXTS),
            "model": draw(st.none() | st.just("m") | TEXTS),
            "t0": draw(TIMES),
            "t_first": draw(TIMES),
            "t_last": draw(TIMES),
            "req": TraceRequest.of("POST", "", {}, draw(BODIES)),
            "res": TraceResponse(text=draw(st.none() | TEXTS), calls=[TraceCall(name=draw(TEXTS))]),
            "usage": TraceUsage(prompt=draw(COUNTS), cached=draw(COUNTS), out=draw(COUNTS)),
        }
        found.append(structs.replace(record(number), **fields))
    return found


@settings(max_examples=40, derandomize=True)
@given(records())
def test_every_form_can_be_made_of_any_trace(some: list[TraceRecord]) -> None:
    counting = CountingCalls(some)
    report = analyze(counting)
    views = view(report, calls=counting.calls, rooms=rooms(report.rows))
    document = json.loads(json.dumps(to_json(views, show_content=True), allow_nan=False))
    assert document["requests"] == len(list(csv.reader(io.StringIO(as_csv(report.rows))))) - 1
    page = html(views, detail=2, show_content=True)
    page.encode("utf-8")
    assert Page(page).tags.count("script") == 0
    for line in (*markdown(views, detail=2).splitlines(), total_line(report)):
        assert len(line) < 2_000
        assert line.isprintable()
    assert all(row_line(row).isprintable() for row in report.rows)
    compare(report, report).to_json()
