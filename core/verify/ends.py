"""When answers end. A first token shows that a prompt was known only if it needs that prompt: one
that is sent ahead of the computing comes early, and the end of the answer as late as ever.
"""

from __future__ import annotations

from statistics import median

from llmx.core.verify.evidence import Evidence
from llmx.core.verify.rank import p_faster

SPENT = 0.5  # of the time that hits save until their first token, lost again until their end
FEW = 6  # of either kind: fewer do not tell


def is_early(evidence: Evidence, alpha: float) -> bool:
    """Hits take longer from their first token to their end than prompts never seen do, by most of
    what they saved before it. How long answers are cancels out: all are asked for equally many
    tokens."""
    hits, cold = evidence.tails("hit"), evidence.tails("prime", "control")
    times, unseen = evidence.times("hit"), evidence.cold()
    if min(len(hits), len(cold)) < FEW:
        return False
    saved, lost = median(unseen) - median(times), median(hits) - median(cold)
    return saved > 0 and lost > SPENT * saved and p_faster(cold, hits) <= alpha
