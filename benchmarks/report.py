"""Samples to medians, ratios and a table; samples to JSON. Measures nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from tabulate import tabulate

from benchmarks.readings import Sample, Unit

Verdict = Literal["better", "worse", "equal", "overlap"]
ROUNDS_TO_JUDGE = 3  # of fewer, the spread says nothing
NAMES = ("llmx", "mlx_lm.server")
HEADERS = ("measure", "unit", *NAMES, "ratio", "llmx is")
LEGEND = """\
Median of the rounds (least to most). Ratio: of the medians, llmx to mlx_lm.server. llmx is better
or worse where the spreads are apart, else they overlap. s: by the client's clock. CPU: of the
server's process tree, also for what it did after the answer."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one figure of one server over the rounds."""

    median: float
    least: float
    most: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both servers. A spread is None where a round has no figure."""

    name: str
    unit: Unit
    ours: Spread | None
    theirs: Spread | None

    @property
    def ratio(self) -> float | None:
        """Of the medians, ours to theirs; None: unknown, not compared, or theirs is 0."""
        if self.ours is None or self.theirs is None or self.unit.is_told:
            return None
        return self.ours.median / self.theirs.median if self.theirs.median else None

    @property
    def verdict(self) -> Verdict | None:
        """Only figures whose spreads are apart are told apart; None: nothing to tell it from."""
        if self.ours is None or self.theirs is None or self.unit.is_told:
            return None
        if min(self.ours.rounds, self.theirs.rounds) < ROUNDS_TO_JUDGE:
            return None
        if self.ours == self.theirs:
            return "equal"
        if self.ours.most >= self.theirs.least and self.ours.least <= self.theirs.most:
            return "overlap"
        is_less = self.ours.most < self.theirs.least
        return "better" if is_less != self.unit.is_rate else "worse"


def page(samples: Sequence[Sample], about: dict[str, str], *, markdown: bool) -> str:
    """What was measured on, then the table."""
    found = rows(samples, *NAMES)
    start = "- " if markdown else ""
    head = [f"{start}{name}: {value}" for name, value in about.items()]
    return "\n".join([*head, "", table(found, markdown=markdown), "", LEGEND])


def rows(samples: Sequence[Sample], ours: str, theirs: str) -> list[Row]:
    """In the order in which the figures were first taken."""
    keys = dict.fromkeys((one.reading.row, one.reading.unit) for one in samples)

    def spread_of(name: str, unit: Unit, server: str) -> Spread | None:
        return spread(
            one.reading.value
            for one in samples
            if (one.reading.row, one.reading.unit, one.server) == (name, unit, server)
        )

    return [
        Row(name, unit, spread_of(name, unit, ours), spread_of(name, unit, theirs))
        for name, unit in keys
    ]


def spread(values: Iterable[float | None]) -> Spread | None:
    """None where a value is unknown or there is none."""
    found = list(values)
    known = [value for value in found if value is not None]
    if not known or len(known) < len(found):
        return None
    return Spread(median(known), min(known), max(known), len(known))


def table(of: Sequence[Row], *, markdown: bool) -> str:
    """Median (least to most) of each server; the ratio is llmx to mlx_lm.server."""
    lines: list[tuple[str, ...]] = []
    shown = None
    for row in of:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        cells = (row.unit.value, _cell(row.ours), _cell(row.theirs), ratio, row.verdict or "")
        lines.append(("" if row.name == shown else row.name, *cells))
        shown = row.name
    form = "github" if markdown else "simple"
    align = ("left", "left", "right", "right", "right", "left")
    return tabulate(lines, headers=HEADERS, tablefmt=form, disable_numparse=True, colalign=align)


def to_json(samples: Iterable[Sample], about: dict[str, str]) -> dict[str, object]:
    """Every sample, and what it was taken on."""
    return {
        "v": 1,
        "about": about,
        "samples": [
            {
                "round": one.round,
                "server": one.server,
                "measure": one.measure,
                "row": one.reading.row,
                "unit": one.reading.unit.value,
                "value": one.reading.value,
            }
            for one in samples
        ],
    }


def _cell(found: Spread | None) -> str:
    if found is None:
        return "unknown"
    if found.least == found.most:
        return figure(found.median)
    return f"{figure(found.median)} ({figure(found.least)} to {figure(found.most)})"


def figure(value: float) -> str:
    """Three digits that count; whole numbers from 100 on."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")
