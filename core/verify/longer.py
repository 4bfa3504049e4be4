"""A cache that keeps whole blocks of more tokens than the prompts of a run have looks like none at
all. So where nothing is reused, two longer prompts are asked before that is said of a server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from llmx.core.verify.calibrate import LENGTHS, Calibration
from llmx.core.verify.evidence import Sample
from llmx.core.verify.protocol import Asker, fresh_nonce

TIMES = 4  # the usual length
PREFIXES = 2
REUSED = 0.6  # of a cold prompt's time at most, each time: two such are no stalls


async def longer_that_hit(
    asker: Asker, found: Calibration, nonce: Callable[[], str] = fresh_nonce
) -> Calibration | None:
    """For prompts of a length at which a repeated prefix is faster; None: it is not, or they do not
    fit."""
    length = min(TIMES * found.length, LENGTHS[-1])
    if length <= found.length:
        return None
    colds: list[float] = []
    for _ in range(PREFIXES):
        prefix = nonce()
        cold = await asker.ask("warmup", prefix, nonce(), length)
        if cold.ttft_s is None:
            return None
        again = await asker.ask("hit", prefix, nonce(), length)
        if not _is_fast(again, cold.ttft_s):
            return None
        colds.append(cold.ttft_s)
    return replace(found, length=length, cold_s=min(colds))


def _is_fast(again: Sample, cold_s: float) -> bool:
    return again.ttft_s is not None and again.ttft_s <= REUSED * cold_s
