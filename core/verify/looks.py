"""What the times say after so many blocks: a state, and whether more blocks could help."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from llmx.core.verify.effect import Effect, effect_of
from llmx.core.verify.evidence import Evidence
from llmx.core.verify.rank import Plan, cles, ks_faster, p_faster, plan_of

ALPHA = 0.01  # the chance that a server without a cache passes for one with
PLAN = plan_of(ALPHA, (6, 10, 16))
PLAN_WITH_RETRY = plan_of(ALPHA, (6, 10, 16, 24))  # in the benchmark only

LEAST_SAVED = 0.10  # for certain: less is no cache's
WHOLE = 0.75  # of what could be reused: less is a part
MOST_UNSAVED = 0.30  # for certain, and
LIKELY_UNSAVED = 0.15  # most likely: half of what the least cache that counts would save
PRECISE = 0.35  # an interval this narrow will not change the verdict any more
SPLIT_HIT, SPLIT_MISS = 0.6, 0.25  # saved by the one kind of hits, and by the other
FEW, FEW_STALLED = 16, 8  # of so many claimed hits one may be slow, and where prompts stall
AS_SLOW = 0.7  # of what stands for prompts never seen: a hit that takes longer was not reused
TRUSTED_HITS = 10  # before claims are believed: two of five that miss could hide among six
ENOUGH, ENOUGH_TOLD = 5, 3  # hits of either kind, to tell the two apart by time alone, and where
# their claims tell the same: that three in three were stalled happens on a busy machine

State = Literal[
    "FASTER",  # hits are faster than prompts never seen, by chance in `alpha` of all cases
    "NOT",  # they are not: what they may save is too little for a cache
    "SINGLE",  # they are, but only until another prompt has passed
    "INCONCLUSIVE",
]


@dataclass(frozen=True, slots=True)
class Slow:
    """Hits that the server claims and that took as long as prompts never seen."""

    n: int  # of `claimed`
    claimed: int  # hits that claim most of what could be reused
    stalled: int  # of `cold`, delayed by as much as would make a hit that slow
    cold: int

    @property
    def is_explained(self) -> bool:
        """Next to none, or no more than stall among the prompts never seen, and few even then."""
        if self.claimed < FEW:
            return self.n == 0
        by_stalls = self.claimed * self.stalled / self.cold
        return self.n <= max(self.claimed // FEW, min(by_stalls, self.claimed // FEW_STALLED))

    def p(self) -> float:
        """Exact (Fisher): as many or more of them slow, if stalls alone made them so."""
        total, marked = self.cold + self.claimed, self.n + self.stalled
        ways = (
            math.comb(marked, k) * math.comb(total - marked, self.claimed - k)
            for k in range(self.n, min(marked, self.claimed) + 1)
        )
        return sum(ways) / math.comb(total, self.claimed)


@dataclass(frozen=True, slots=True)
class Look:
    n: int  # hits
    state: State
    p: float | None  # Mann-Whitney, the one that decides
    ks: float | None  # Kolmogorov-Smirnov, for comparison with the literature
    cles: float | None  # the chance that a hit is faster than a prompt never seen
    effect: Effect | None
    is_late: bool  # hits are fast only after another prompt has passed
    is_settled: bool  # more blocks would say the same, more precisely
    slow: Slow | None = None  # None: no hit is claimed, or times tell nothing


def look_at(evidence: Evidence, plan: Plan) -> Look:
    """All samples so far. Pure: the same evidence always gives the same look."""
    hits = [hit.ttft_s for hit in evidence.hits()]
    cold = evidence.cold()
    if not hits or not cold:
        return Look(
            len(hits), "INCONCLUSIVE", None, None, None, None, is_late=False, is_settled=False
        )
    p, effect = p_faster(hits, cold), effect_of(hits, cold, evidence.overhead_s)
    state = _state(evidence, p, effect, plan)
    is_precise = effect is not None and effect.width < PRECISE
    slow = slow_of(evidence, effect)
    is_told = slow is None or (
        slow.claimed >= TRUSTED_HITS if slow.is_explained else slow.p() <= plan.alpha_per_look
    )
    is_late = len(hits) >= plan.looks[0] and _is_split(evidence, plan, kept_at_once=False)
    return Look(
        n=len(hits),
        state=state,
        p=p,
        ks=ks_faster(hits, cold),
        cles=cles(hits, cold),
        effect=effect,
        is_late=is_late,
        is_settled=state == "SINGLE"
        or is_late
        or (state == "NOT" and is_precise)
        or (state == "FASTER" and is_precise and is_told),
        slow=slow,
    )


def slow_of(evidence: Evidence, effect: Effect | None) -> Slow | None:
    """The fastest third stands for the hits, so that what most of them save is asked here."""
    most = WHOLE * evidence.shared
    claimed = [hit.ttft_s for hit in evidence.hits() if (hit.claimed or 0.0) >= most]
    if effect is None or not claimed:
        return None
    limit_s = AS_SLOW * effect.cold_s
    stall_s = limit_s - effect.hit_s
    cold = evidence.cold()
    return Slow(
        n=sum(one > limit_s for one in claimed),
        claimed=len(claimed),
        stalled=sum(one > effect.cold_s + stall_s for one in cold) if stall_s > 0 else 0,
        cold=len(cold),
    )


def _state(evidence: Evidence, p: float, effect: Effect | None, plan: Plan) -> State:
    if effect is None or len(evidence.hits()) < plan.looks[0]:
        return "INCONCLUSIVE"
    if _is_split(evidence, plan, kept_at_once=True):
        return "SINGLE"
    if p <= plan.alpha_per_look and effect.low > LEAST_SAVED:
        return "FASTER"
    is_unsaved = effect.high < MOST_UNSAVED and effect.saved < LIKELY_UNSAVED
    return "NOT" if is_unsaved else "INCONCLUSIVE"


def _is_split(evidence: Evidence, plan: Plan, *, kept_at_once: bool) -> bool:
    """One kind of hits is fast for certain and the other is not: those right after their prime
    (`kept_at_once`), or those after another prompt had passed."""
    cold = evidence.cold()
    kept = [hit for hit in evidence.hits() if hit.is_after_control != kept_at_once]
    lost = [hit for hit in evidence.hits() if hit.is_after_control == kept_at_once]
    is_told = all((hit.claimed or 0.0) > SPLIT_HIT for hit in kept) and all(
        hit.claimed is not None and hit.claimed < SPLIT_MISS for hit in lost
    )
    if min(len(kept), len(lost)) < (ENOUGH_TOLD if is_told else ENOUGH):
        return False
    fast_s, slow_s = [hit.ttft_s for hit in kept], [hit.ttft_s for hit in lost]
    fast = effect_of(fast_s, cold, evidence.overhead_s)
    slow = effect_of(slow_s, cold, evidence.overhead_s)
    if fast is None or slow is None or p_faster(fast_s, cold) > plan.alpha_per_look:
        return False
    return fast.saved > SPLIT_HIT and slow.saved < SPLIT_MISS
