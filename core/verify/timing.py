"""The channel that a server cannot word: how long it took to the first token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from llmx.core.verify.rank import p_faster
from llmx.core.verify.rules import Rules

TimingState = Literal[
    "faster",  # hits are clearly faster than prompts never seen
    "not faster",  # they are not, and prefill takes long enough that a saving would show
    "unclear",  # too short, or hits of both kinds
    "unknown",  # no times
]


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds to the first token, by the client's clock."""

    state: TimingState
    hits: tuple[float, ...]
    controls: tuple[float, ...]  # of prompts never seen
    tiny_s: float | None
    p: float | None  # of the rank test; None: too few samples for it

    @property
    def hit_s(self) -> float | None:
        return median(self.hits) if self.hits else None

    @property
    def control_s(self) -> float | None:
        return median(self.controls) if self.controls else None

    @property
    def ratio(self) -> float | None:
        """Of the medians, hit to control."""
        if not self.hits or not self.controls:
            return None
        return median(self.hits) / median(self.controls)


def judge_times(
    hits: Sequence[float], controls: Sequence[float], tiny_s: float | None, rules: Rules
) -> Timing:
    is_ranked = min(len(hits), len(controls)) >= rules.rounds
    p = p_faster(hits, controls) if is_ranked else None
    state = _state(hits, controls, tiny_s, p, rules)
    return Timing(state, tuple(hits), tuple(controls), tiny_s, p)


def _state(
    hits: Sequence[float],
    controls: Sequence[float],
    tiny_s: float | None,
    p: float | None,
    rules: Rules,
) -> TimingState:
    """Against the fastest control: the first long prompt may hold a compilation, and one that
    stalled proves nothing. Short times need the rank test, noise alone spreads them as much."""
    if len(hits) < 2 or len(controls) < 2:
        return "unknown"
    fastest = min(controls)
    is_long = fastest >= rules.tell_s
    if is_long and max(hits) < rules.faster * fastest:
        return "faster"
    if p is not None and p <= rules.alpha and median(hits) < rules.effect * median(controls):
        return "faster"
    would_show = is_long and tiny_s is not None and fastest >= rules.tell_times * tiny_s
    return "not faster" if would_show and min(hits) >= rules.faster * fastest else "unclear"
