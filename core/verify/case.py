"""The evidence of a run and all that the rules of `verdicts` read off it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

from llmx.core.verify.effect import Effect, effect_of, place
from llmx.core.verify.ends import is_early
from llmx.core.verify.evidence import Evidence, Role
from llmx.core.verify.looks import PLAN, Look, look_at
from llmx.core.verify.rank import Plan, p_faster
from llmx.core.verify.words import saving

SEEN = 0.02  # of a prompt: a claim above it, beyond what unseen prompts claim, is a claim
SIGHTED = 0.4  # saved by a request of the escalation, most likely: it was reused
ESCALATED = 6  # exact repeats, and third sightings, before it is said that nothing is cached
LIKELY, CERTAIN = 0.12, 0.40  # how far the saving and its lower end may lie below a claim that
# counts as borne out

Fault = Literal["CORRUPT", "STALE", "LEAK"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe of correctness or isolation found wrong."""

    fault: Fault
    seen: str  # a clause: what was asked and what came


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence and all that rules read off it."""

    evidence: Evidence
    plan: Plan
    findings: tuple[Finding, ...]
    look: Look
    claimed: float | None  # of a hit's prompt, by the server; None: it does not say
    claimed_in_all: float | None  # the mean over all hits: less where some of them missed
    claimed_unseen: float | None  # of prompts never seen

    @property
    def effect(self) -> Effect:
        """Of a case whose state is decided, or nearly."""
        assert self.look.effect is not None
        return self.look.effect

    @property
    def saves(self) -> str:
        return saving(self.effect)

    @property
    def claims_hits(self) -> bool:
        return self.claimed is not None and self.claimed > (self.claimed_unseen or 0.0) + SEEN

    @property
    def is_early(self) -> bool:
        """What hits save until their first token, they lose until their end."""
        return is_early(self.evidence, self.plan.alpha_per_look)

    @property
    def is_borne_out(self) -> bool:
        """The claim lies in the interval or near it, and the interval tells something: a wide one
        would agree with every claim."""
        assert self.claimed is not None
        is_likely = self.claimed - self.effect.saved <= LIKELY
        return is_likely and self.claimed - self.effect.low <= CERTAIN

    @property
    def escalated(self) -> int:
        """How many prefixes gave a time for the exact repeat, or for the third sighting if less."""
        return min(len(self.evidence.times(role)) for role in ("repeat", "third"))

    def is_sighted(self, role: Role) -> bool:
        """These requests of the escalation were most likely reused. Beside the prompts never seen
        of the escalation only: the machine may have become faster since the blocks."""
        times, fresh = self.evidence.times(role), self.evidence.times("fresh")
        effect = effect_of(times, fresh, self.evidence.overhead_s)
        return effect is not None and effect.saved > SIGHTED

    def is_seen(self, role: Role) -> bool:
        """Sighted, and not by chance: beside all prompts never seen, those of the escalation
        alone are few."""
        times = self.evidence.times(role)
        cold = self.evidence.times("prime", "control", "fresh")
        return self.is_sighted(role) and p_faster(times, cold) <= self.plan.alpha_per_look


def case_of(evidence: Evidence, findings: Sequence[Finding] = (), plan: Plan = PLAN) -> Case:
    """The claim is taken at the place from the top at which the times are taken from the fastest,
    so that both are of the same hits where some hit and some missed."""
    claims = evidence.claims("hit")
    unseen = evidence.claims("prime", "control")
    return Case(
        evidence=evidence,
        plan=plan,
        findings=tuple(findings),
        look=look_at(evidence, plan),
        claimed=claims[-1 - place(len(claims))] if claims else None,
        claimed_in_all=fmean(claims) if claims else None,
        claimed_unseen=median(unseen) if unseen else None,
    )
