"""Samples to medians, ratios and a table; samples to JSON. Measures nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from tabulate import tabulate

from benchmarks.goals import Goal
from benchmarks.readings import Sample, Unit

Verdict = Literal["better", "worse", "equal", "overlap"]
ROUNDS_TO_JUDGE = 3  # of fewer, the spread says nothing
NAMES = ("llmx", "mlx_lm.server")
HEADERS = ("measure", "unit", *NAMES, "ratio", "llmx is", "target")
GOAL_HEADERS = ("", "issue 3, done when 7; issue 4, 6 and 7", "target", "measured", "verdict")
LEGEND = """\
Median of the rounds (least to most). Ratio: of the medians, llmx to mlx_lm.server. llmx is better
or worse where the spreads are apart, else they overlap. s: by the client's clock. CPU: of the
server's process tree, also for what it did after the answer. A ratio's target is judged by the
ratio of the medians, any other by the median of llmx; "-" was not taken, "unknown" is no figure."""


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
    taken_of: frozenset[str] = frozenset(NAMES)  # the servers of which it was taken at all
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Of the medians, ours to theirs; None: unknown, not compared, or theirs is 0."""
        if self.ours is None or self.theirs is None or self.unit.is_told:
            return None
        return self.ours.median / self.theirs.median if self.theirs.median else None

    @property
    def judged(self) -> float | None:
        """What the target is held to; None: unknown, or there is no target."""
        if self.goal is None:
            return None
        if self.goal.value.judged == "ratio":
            return self.ratio
        return self.ours.median if self.ours is not None else None

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
    """What was measured on, then the targets, then every figure."""
    found = rows(samples, *NAMES)
    start = "- " if markdown else ""
    head = [f"{start}{name}: {value}" for name, value in about.items()]
    targets = goal_table(found, markdown=markdown)
    return "\n".join([*head, "", targets, "", table(found, markdown=markdown), "", LEGEND])


def rows(samples: Sequence[Sample], ours: str, theirs: str) -> list[Row]:
    """In the order in which the figures were first taken."""
    keys = dict.fromkeys((one.reading.row, one.reading.unit) for one in samples)

    def row_of(name: str, unit: Unit) -> Row:
        found = [one for one in samples if (one.reading.row, one.reading.unit) == (name, unit)]
        of_ours, of_theirs = (
            spread(one.reading.value for one in found if one.server == server)
            for server in (ours, theirs)
        )
        goal = found[0].reading.goal  # a measure gives every figure of a row the same
        return Row(name, unit, of_ours, of_theirs, frozenset(one.server for one in found), goal)

    return [row_of(name, unit) for name, unit in keys]


def spread(values: Iterable[float | None]) -> Spread | None:
    """None where a value is unknown or there is none."""
    found = list(values)
    known = [value for value in found if value is not None]
    if not known or len(known) < len(found):
        return None
    return Spread(median(known), min(known), max(known), len(known))


def goal_table(of: Sequence[Row], *, markdown: bool) -> str:
    """Every target by its letter, also those of which nothing is known."""
    by_goal = {row.goal: row for row in of if row.goal is not None}
    lines: list[tuple[str, ...]] = []
    for goal in Goal:
        row, target = by_goal.get(goal), goal.value
        measured = row.judged if row is not None else None
        shown = "" if measured is None else figure(measured)
        lines.append((f"({target.letter})", target.what, target.wanted, shown, judgement(row)))
    align = ("left", "left", "left", "right", "left")
    return _tabulated(lines, GOAL_HEADERS, align, markdown)


def judgement(row: Row | None) -> str:
    """The verdict on a row's target, in words."""
    if row is None:
        return "unknown: not taken"
    if row.goal is None:
        return ""
    if row.judged is None:
        return "unknown"
    target = row.goal.value
    if target.holds(row.judged):
        return "holds"
    return f"falls short by {figure(target.short_by(row.judged))}"


def table(of: Sequence[Row], *, markdown: bool) -> str:
    """Median (least to most) of each server; the ratio is llmx to mlx_lm.server."""
    lines: list[tuple[str, ...]] = []
    shown = None
    for row in of:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        ours, theirs = (
            _cell(found) if server in row.taken_of else "-"
            for server, found in zip(NAMES, (row.ours, row.theirs), strict=True)
        )
        aim = ""
        if row.goal is not None:
            aim = f"({row.goal.value.letter}) {row.goal.value.wanted}: {judgement(row)}"
        cells = (row.unit.value, ours, theirs, ratio, row.verdict or "", aim)
        lines.append(("" if row.name == shown else row.name, *cells))
        shown = row.name
    align = ("left", "left", "right", "right", "right", "left", "left")
    return _tabulated(lines, HEADERS, align, markdown)


def to_json(samples: Iterable[Sample], about: dict[str, str]) -> dict[str, object]:
    """Every sample, and what it was taken on."""
    return {
        "v": 2,
        "about": about,
        "samples": [
            {
                "round": one.round,
                "server": one.server,
                "measure": one.measure,
                "row": one.reading.row,
                "unit": one.reading.unit.value,
                "value": one.reading.value,
                "goal": None if one.reading.goal is None else one.reading.goal.name,
            }
            for one in samples
        ],
    }


def _tabulated(
    lines: Sequence[tuple[str, ...]], headers: Sequence[str], align: Sequence[str], markdown: bool
) -> str:
    form = "github" if markdown else "simple"
    return tabulate(lines, headers=headers, tablefmt=form, disable_numparse=True, colalign=align)


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
    if value < 0:
        return f"-{figure(-value)}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")
