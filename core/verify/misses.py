"""Hits that were none: those that say so, and those that only their time tells.

The fastest third stands for all hits where the saving is measured, so that what becomes of the
others is asked here. Two questions, each with an exact answer:

    excluded   would a cache that misses one repeat in five have shown so few?
    a lie      were so many claimed hits delayed by other work? It strikes prompts never seen as
               well, and best to compare are short ones, which take as long as a hit
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llmx.core.verify.effect import Effect, place
from llmx.core.verify.evidence import Evidence

WHOLE = 0.75  # of what could be reused: less is a part
MISSED = 0.5  # of what hits claim as a rule: less is a miss
AS_SLOW = 0.7  # of what stands for prompts never seen: a hit that takes longer was not reused

MISSING = 0.2  # of all repeats: who misses so many has no cache that one can count on
SURELY = 1 / 3000  # the chance that what was seen is luck: for 36 hits without a miss it is 0.8^36
LUCK = 0.05  # the chance that fewer short prompts are delayed than were seen to be
BISECTED = 20  # times: to the sixth digit
NOW_AND_THEN = 0.05  # of all repeats: others may have pushed a prefix out


@dataclass(frozen=True, slots=True)
class Delayed:
    """Of requests that had to be computed in full: delayed by as much as makes a hit slow."""

    n: int
    of: int

    @property
    def least(self) -> float:
        """Of all such requests, at least this part: with less, so many would have been luck."""
        low, high = 0.0, self.n / self.of if self.of else 0.0
        for _ in range(BISECTED):
            middle = (low + high) / 2
            is_likely = at_least(self.n, self.of, middle) > LUCK
            low, high = (low, middle) if is_likely else (middle, high)
        return low

    def p(self, slow: int, claimed: int) -> float:
        """Exact (Fisher): so many or more of the claimed hits slow, if other work delays any
        request alike."""
        total, marked = self.of + claimed, self.n + slow
        ways = (
            math.comb(marked, k) * math.comb(total - marked, claimed - k)
            for k in range(slow, min(marked, claimed) + 1)
        )
        return sum(ways) / math.comb(total, claimed)


@dataclass(frozen=True, slots=True)
class Misses:
    """Of hits that claim, as a rule, most of what could be reused."""

    hits: int
    told: int  # of them, that claim little or nothing
    claimed: int  # that claim most,
    slow: int  # and of these, as slow as prompts never seen
    cold: Delayed  # prompts never seen as long as the hits,
    short: Delayed  # and such as are as short as what a hit has to compute

    @property
    def seen(self) -> int:
        return self.told + self.slow

    @property
    def is_excluded(self) -> bool:
        """That it misses as many as one in five: with that, and with as many slow as short prompts
        are at least, so few would have been luck."""
        slow = self.short.least
        return at_most(self.seen, self.hits, slow + MISSING * (1 - slow)) <= SURELY

    @property
    def is_partly(self) -> bool:
        """It says itself that it misses more than now and then."""
        return at_least(self.told, self.hits, NOW_AND_THEN) <= SURELY

    def is_lie(self, level: float) -> bool:
        """Claimed hits are slow, and other work does not explain it."""
        return any(some.p(self.slow, self.claimed) <= level for some in (self.cold, self.short))


def misses_of(evidence: Evidence, effect: Effect | None) -> Misses | None:
    """None where no hit claims most of what could be reused, or times tell nothing."""
    claims, hits = evidence.claims("hit"), evidence.hits()
    most = WHOLE * evidence.shared
    claimed = [hit.ttft_s for hit in hits if (hit.claimed or 0.0) >= most]
    if effect is None or not claimed or not claims:
        return None
    little = MISSED * claims[-1 - place(len(claims))]
    limit_s = AS_SLOW * effect.cold_s
    stall_s = limit_s - effect.hit_s
    return Misses(
        hits=len(hits),
        told=sum(hit.claimed is not None and hit.claimed < little for hit in hits),
        claimed=len(claimed),
        slow=sum(one > limit_s for one in claimed),
        cold=_delayed(evidence.cold(), stall_s),
        short=_delayed(evidence.times("short"), stall_s),
    )


def _delayed(times: Sequence[float], stall_s: float) -> Delayed:
    """Beyond what stands for them, as for the hits: their fastest third."""
    if not times:
        return Delayed(0, 0)
    limit_s = sorted(times)[place(len(times))] + stall_s
    return Delayed(sum(one > limit_s for one in times) if stall_s > 0 else 0, len(times))


def at_most(k: int, n: int, part: float) -> float:
    """The chance of k or fewer of n, where each comes with the probability `part`."""
    return math.fsum(math.comb(n, i) * part**i * (1 - part) ** (n - i) for i in range(k + 1))


def at_least(k: int, n: int, part: float) -> float:
    """The chance of k or more of n."""
    return math.fsum(math.comb(n, i) * part**i * (1 - part) ** (n - i) for i in range(k, n + 1))
