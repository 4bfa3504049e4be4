"""The numbers that the restart probe judges by, and why each is what it is."""

from __future__ import annotations

from dataclasses import dataclass

from llmx.core.client.reply import Reply


@dataclass(frozen=True, slots=True)
class Rules:
    max_tokens: int = 32  # of each answer: enough text for a damaged state to show
    floor_tokens: int = 64  # a control may share the template's head, which comes before the nonce
    floor_share: float = 0.01  # of its prompt, where that is more
    faster: float = 0.7  # a hit takes less than this part of the fastest control
    tell_s: float = 0.2  # two hits tell only where the fastest control takes this long;
    tell_times: float = 10.0  # that they save nothing, only at so many times a tiny prompt
    rounds: int = 6  # hits and controls in all, where two cannot tell: p can reach 0.001
    rounds_below_s: float = 1.0  # but only where a control is no longer than this
    alpha: float = 0.01  # for the rank test over those rounds,
    effect: float = 0.85  # together with a ratio of medians below this


def floor_of(reply: Reply, rules: Rules) -> int:
    """The most cached tokens that the head of a chat template explains."""
    return max(rules.floor_tokens, int((reply.prompt_tokens or 0) * rules.floor_share))
