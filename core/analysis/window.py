"""A part of a trace by time: every request is analysed, those within are reported.

So a request at the begin of the window still has its predecessor before it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from llmx.core.analysis.report import Report, summarize
from llmx.core.analysis.splitting import Splits
from llmx.core.errors import ConfigError

UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
WANTED = "wanted 2026-01-05, 2026-01-05T09:30, Unix seconds, or 90m, 2h, 3d before now"


def parse_time(text: str, now: float) -> float:
    """Unix seconds. A date without a zone is in UTC. Raises `ConfigError`."""
    said = text.strip()
    ago = _AGO.fullmatch(said)
    if ago is not None:
        return now - float(ago[1]) * UNITS[ago[2]]
    try:
        return float(said) if re.fullmatch(r"\d{5,}(\.\d+)?", said) else _calendar(said)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"{text!r} is no time: {WANTED}") from error


def _calendar(said: str) -> float:
    at = datetime.fromisoformat(said)
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()


def within(report: Report, since: float | None, until: float | None) -> Report:
    """The requests that came from `since` on and before `until`; those without a time are out."""
    low = float("-inf") if since is None else since
    high = float("inf") if until is None else until
    rows = (row for row in report.rows if row.record.t0 is not None)
    inside = tuple(row for row in rows if low <= (row.record.t0 or 0.0) < high)
    found = summarize(inside, Splits({}, {}, {}))
    return replace(found, phantoms=report.phantoms, token_s=report.token_s)
