"""Exact rank tests: few samples, no assumption about how times are spread.

Every p here is exact at every size: it counts orders, nothing is approximated. A tie counts
against the claim that hits are faster.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from llmx.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Plan:
    """When to look at the samples, and how small a p must be at each look."""

    alpha: float  # of all looks together
    looks: tuple[int, ...]  # hits, and as many controls, at each look

    @property
    def alpha_per_look(self) -> float:
        """Split equally (Bonferroni): looking three times is three chances to be wrong."""
        return self.alpha / len(self.looks)


def plan_of(alpha: float, looks: Sequence[int]) -> Plan:
    """Raises `ConfigError` where one of the looks could never pass, whatever the server does."""
    if not 0 < alpha < 1:
        raise ConfigError(f"alpha is a probability between 0 and 1, not {alpha:g}")
    if not looks or any(later <= one for one, later in pairwise(looks)):
        raise ConfigError(f"looks are counts that grow, not {list(looks)}")
    plan = Plan(alpha, tuple(looks))
    for n in plan.looks:
        if n < 1 or p_floor(n) > plan.alpha_per_look:
            floor = p_floor(n) if n > 0 else 1.0
            raise ConfigError(
                f"a look at {n} hits against {n} controls can never pass: the smallest p that "
                f"they can give is {floor:.3g}, and alpha is {plan.alpha_per_look:.3g} for each "
                f"of {len(plan.looks)} looks; take more samples or a larger alpha"
            )
    return plan


def p_floor(n: int, m: int | None = None) -> float:
    """The smallest p that n hits and m controls (n of them, if not said) can give."""
    return 1 / math.comb(n + (n if m is None else m), n)


def p_faster(hits: Sequence[float], controls: Sequence[float]) -> float:
    """One-sided exact Mann-Whitney p for "hits are faster than controls"."""
    u = not_faster(hits, controls)
    ways = _ways_summed(len(hits), len(controls))
    return ways[u] / ways[-1]


def not_faster(hits: Sequence[float], controls: Sequence[float]) -> int:
    """Mann-Whitney's U: in how many of the pairs the hit is not faster. 0 is full separation."""
    if not hits or not controls:
        raise ValueError(f"{len(hits)} hits and {len(controls)} controls give no p")
    return sum(hit >= control for hit in hits for control in controls)


def cles(hits: Sequence[float], controls: Sequence[float]) -> float:
    """The chance that a hit is faster than a control, over all pairs: the effect of U."""
    return 1 - not_faster(hits, controls) / (len(hits) * len(controls))


def ks_faster(hits: Sequence[float], controls: Sequence[float]) -> float:
    """One-sided exact Kolmogorov-Smirnov p for "hits are faster than controls".

    An order of n hits and m controls is a path of n steps up and m steps right; the statistic is
    how far it climbs above the diagonal, and p the part of all paths that climb as far.
    """
    n, m = len(hits), len(controls)
    if not n or not m:
        raise ValueError(f"{n} hits and {m} controls give no p")
    wanted = _climb(hits, controls)
    if wanted <= 0:
        return 1.0
    below = [0] * (m + 1)  # paths to (i, j) that stay below; i grows row by row
    for i in range(n + 1):
        for j in range(m + 1):
            if i * m - j * n >= wanted:
                below[j] = 0
            elif i == 0:
                below[j] = 1
            elif j > 0:
                below[j] += below[j - 1]
    paths = math.comb(n + m, n)
    return (paths - below[m]) / paths


def p_rarer(right: int, tries: int, right_cold: int, tries_cold: int) -> float:
    """One-sided exact Fisher p for "fewer of these `tries` are right than of the cold ones"."""
    everything, rights = tries + tries_cold, right + right_cold
    ways = sum(
        math.comb(rights, few) * math.comb(everything - rights, tries - few)
        for few in range(max(0, tries - (everything - rights)), right + 1)
    )
    return ways / math.comb(everything, tries)


def _climb(hits: Sequence[float], controls: Sequence[float]) -> int:
    """The largest (share of hits - share of controls) at or below one time, times n * m."""
    n, m = len(hits), len(controls)
    order = sorted([*((control, 0) for control in controls), *((hit, 1) for hit in hits)])
    i = j = most = 0
    for _, is_hit in order:  # at a tie the controls come first
        i, j = i + is_hit, j + 1 - is_hit
        most = max(most, i * m - j * n)
    return most


@lru_cache(maxsize=1024)  # the same sizes, at every look
def _ways_summed(n: int, m: int) -> tuple[int, ...]:
    """How many of the C(n+m, n) orders have U <= 0, 1, ... n*m: the running sum of a Gaussian
    binomial's coefficients, the product of (1 - q^(m+i)) / (1 - q^i) for i from 1 to n."""
    ways = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):
            ways[u] -= ways[u - m - i]
        for u in range(i, n * m + 1):
            ways[u] += ways[u - i]
    for u in range(1, n * m + 1):
        ways[u] += ways[u - 1]
    return tuple(ways)
