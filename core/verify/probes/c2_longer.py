"""Probe C2 where a prompt that was asked before is not reused: further ways to a hit beside the
same prompt computed anew.

known as a whole   some caches compute such a prompt anew, and reuse only what another one begins
                   with: there a hit that is asked again is its own cold answer
large blocks       some keep whole blocks of more tokens than the prompt has: a longer one hits
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench
from llmx.core.verify.probes.anew import is_hit
from llmx.core.verify.probes.c2_judging import Pair
from llmx.core.verify.workload import Prompt

TIMES = (1, 2, 4)  # the usual length
PAIRS = 2  # different prompts: a single one may hide the damage

Ask = Callable[[Prompt], Awaitable[Said]]


async def pairs_elsewhere(bench: Bench, warmly: Ask, anew: Ask | None) -> tuple[Pair, ...]:
    """Pairs whose warm answer came after a hit; empty: there is no such way. `anew` asks past the
    cache; None: there is no way past it."""
    for times in TIMES:
        tokens = times * bench.length
        found = await _pair(bench, warmly, anew, tokens)
        if found is not None:
            others = [await _pair(bench, warmly, anew, tokens) for _ in range(PAIRS - 1)]
            return (found, *(one for one in others if one is not None))
    return ()


async def _pair(bench: Bench, warmly: Ask, anew: Ask | None, tokens: int) -> Pair | None:
    prefix = bench.nonce()
    before = bench.prompt(prefix, bench.nonce(), tokens)
    first = await warmly(before)
    if first.error is not None:  # such long prompts do not fit
        return None
    prompt = bench.prompt(prefix, bench.nonce(), tokens)
    warm = await warmly(prompt)
    again = [await (anew or warmly)(prompt) for _ in range(2)]
    cold = tuple(one for one in again if is_hit(bench, one) is False)
    if is_hit(bench, warm) and cold:
        return Pair(warm, cold, None, is_cut=True)
    same = await warmly(before)
    return Pair(same, (first,), None, is_cut=False) if is_hit(bench, same) else None
