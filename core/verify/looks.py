"""What the times say after so many blocks: a state, and whether more blocks could help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmx.core.verify.effect import Effect, effect_of
from llmx.core.verify.evidence import Evidence
from llmx.core.verify.rank import Plan, cles, ks_faster, p_faster, plan_of

ALPHA = 0.01  # the chance that a server without a cache passes for one with
PLAN = plan_of(ALPHA, (6, 10, 16))
PLAN_WITH_RETRY = plan_of(ALPHA, (6, 10, 16, 24))  # for CI, where "cannot tell" is a failed run

LEAST_SAVED = 0.15  # below that a saving is no cache's
MOST_UNSAVED = 0.30  # a hit that saves less, for certain, saved nothing worth the name
PRECISE = 0.35  # an interval this narrow will not change the verdict any more
SINGLE_HIT, SINGLE_MISS = 0.6, 0.25  # saved right after the prime, and after one other prompt
ENOUGH = 3  # hits of either kind, to tell the two apart

State = Literal[
    "FASTER",  # hits are faster than prompts never seen, by chance in `alpha` of all cases
    "NOT",  # they are not: what they may save is too little for a cache
    "SINGLE",  # they are, but only until another prompt has passed
    "INCONCLUSIVE",
]


@dataclass(frozen=True, slots=True)
class Look:
    n: int  # hits
    state: State
    p: float | None  # Mann-Whitney, the one that decides
    ks: float | None  # Kolmogorov-Smirnov, for comparison with the literature
    cles: float | None  # the chance that a hit is faster than a prompt never seen
    effect: Effect | None
    is_settled: bool  # more blocks would say the same, more precisely


def look_at(evidence: Evidence, plan: Plan) -> Look:
    """All samples so far. Pure: the same evidence always gives the same look."""
    hits = [hit.ttft_s for hit in evidence.hits()]
    cold = evidence.cold()
    if not hits or not cold:
        return Look(len(hits), "INCONCLUSIVE", None, None, None, None, is_settled=False)
    p, effect = p_faster(hits, cold), effect_of(hits, cold, evidence.overhead_s)
    state = _state(evidence, cold, p, effect, plan)
    is_precise = effect is not None and effect.width < PRECISE
    return Look(
        n=len(hits),
        state=state,
        p=p,
        ks=ks_faster(hits, cold),
        cles=cles(hits, cold),
        effect=effect,
        is_settled=state == "SINGLE" or (state != "INCONCLUSIVE" and is_precise),
    )


def _state(
    evidence: Evidence, cold: Sequence[float], p: float, effect: Effect | None, plan: Plan
) -> State:
    if effect is None or len(evidence.hits()) < plan.looks[0]:
        return "INCONCLUSIVE"
    if _is_single(evidence, cold, plan):
        return "SINGLE"
    if p <= plan.alpha_per_look and effect.low > LEAST_SAVED:
        return "FASTER"
    return "NOT" if effect.high < MOST_UNSAVED else "INCONCLUSIVE"


def _is_single(evidence: Evidence, cold: Sequence[float], plan: Plan) -> bool:
    """Hits right after their prime are fast for certain, those after another prompt are not."""
    at_once = [hit.ttft_s for hit in evidence.hits() if not hit.is_after_control]
    after = [hit.ttft_s for hit in evidence.hits() if hit.is_after_control]
    if min(len(at_once), len(after)) < ENOUGH:
        return False
    kept = effect_of(at_once, cold, evidence.overhead_s)
    lost = effect_of(after, cold, evidence.overhead_s)
    if kept is None or lost is None:
        return False
    is_kept = kept.saved > SINGLE_HIT and p_faster(at_once, cold) <= plan.alpha_per_look
    return is_kept and lost.saved < SINGLE_MISS
