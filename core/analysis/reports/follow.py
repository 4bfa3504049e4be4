"""The lines of `--follow`: a request each, and where the whole stands."""

from __future__ import annotations

from llmx.core.analysis.report import Report, Row
from llmx.core.analysis.reports.phrases import counted, moment, name, number, percent, seconds
from llmx.core.analysis.reports.summary import where


def row_line(row: Row) -> str:
    verdict = {True: "hit", False: "MISS", None: "-"}[row.is_hit]
    parts = [
        f"{row.number:>5}",
        moment(row.record.t0)[11:],
        f"{verdict:<4}",
        f"prompt {number(row.prompt)}",
        f"cached {number(row.cached)} ({percent(row.share)})",
        f"ttft {seconds(row.ttft_s)}",
        name(row.record.id),
    ]
    lost = [f"{one.side}: {one.cause}, {number(one.tokens)} tokens" for one in row.lost]
    if lost or row.is_hit is False:
        parts.append("; ".join([*lost, where(row)]))
    return "  ".join(parts)


def total_line(report: Report) -> str:
    return (
        f"{counted(len(report.rows), 'request')}: hit {percent(report.hit_share)} "
        f"(server-reported), possible {percent(report.ideal_share)} (estimated)"
    )
