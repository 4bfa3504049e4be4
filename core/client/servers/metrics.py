"""A `/metrics` page to numbers, and what a counter grew by between two of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from llmx.core.client.servers.base import Counter, Meaning, ServerKind

SAMPLE = re.compile(r"([A-Za-z_:][\w:]*)(?:\{.*\})?[ \t]+(\S+)")  # labels may hold any text


def parse(text: str) -> dict[str, float]:
    """The sum of all series of a name. Lines that are none are passed over."""
    sums: dict[str, float] = {}
    for line in text.splitlines():
        found = SAMPLE.match(line)
        value = _number(found[2]) if found else None
        if found and value is not None:
            sums[found[1]] = sums.get(found[1], 0.0) + value
    return sums


def delta(
    counter: Counter, before: Mapping[str, float], after: Mapping[str, float]
) -> float | None:
    """None: it is not there, or it was reset in between.

    A name that only the second page has began at 0: clients create a series at its first use.
    """
    now = after.get(counter.name)
    if now is None:
        return None
    grown = now - before.get(counter.name, 0.0)
    return grown if grown >= 0 else None


def deltas(kind: ServerKind, before: str, after: str) -> dict[Meaning, float | None]:
    """Of two pages, for each counter that the kind has.

    All None where the first page is empty, or where the second says that nothing is counted.
    """
    first, second = parse(before), parse(after)
    is_counted = bool(first) and kind.counts_nothing not in after.splitlines()
    return {
        counter.means: delta(counter, first, second) if is_counted else None
        for counter in kind.counters
    }


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
