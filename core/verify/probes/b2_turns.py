"""Probe B2: a conversation of six turns, with the server's own words said back to it."""

from __future__ import annotations

from itertools import pairwise

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import MOST, Bench, Outcome, Subject
from llmx.core.verify.prompts import conversation, text_of

B2 = Subject("B2", "six growing turns")
TURNS = 6
WORDS = 30  # of each question
ANSWER = 24  # tokens at most


async def run(bench: Bench) -> Outcome:
    nonce, system = bench.nonce(), bench.lengths.words(bench.length // 2)
    shared = f"{nonce}\n{text_of(nonce, system)}"
    turns: list[dict[str, Json]] = []
    seen: list[Said] = []
    for number in range(TURNS):
        turns.append({"role": "user", "content": text_of(f"{nonce} {number}", WORDS)})
        prompt = conversation(shared, turns, bench.lengths.has_system)
        seen.append(await bench.ask(prompt, max_tokens=ANSWER))
        reply = seen[-1].reply
        if reply is None:
            return B2.unsure(f"turn {number + 1} was not answered: {seen[-1].error}")
        turns.append({"role": "assistant", "content": reply.text or "Yes."})
    return _judge(bench, seen)


def _judge(bench: Bench, seen: list[Said]) -> Outcome:
    rows: list[Json] = []
    lost: list[tuple[int, float, int]] = []
    unknown = 0
    for number, (before, now) in enumerate(pairwise(seen), 2):
        whole, reused = before.prompt_tokens, bench.reused(now)
        rows.append(
            {"turn": number, "before": whole, "prompt": now.prompt_tokens, "reused": reused}
        )
        if whole is None or reused is None:
            unknown += 1
        elif reused < MOST * whole:
            lost.append((number, reused, whole))
    if unknown:
        return B2.unsure("the server does not count enough to tell", turns=rows)
    if lost and any(one.cached_tokens is None for one in seen[1:]):
        return B2.unsure("by their times turns are not reused; one is too few to tell", turns=rows)
    if lost:
        number, reused, whole = lost[0]
        what = (
            "the template or the server writes an earlier answer another way, or the cache keeps "
            "only its beginning"
            if reused > MOST * (seen[0].prompt_tokens or 0)
            else "the conversation so far was not kept"
        )
        why = f"in {len(lost)} of {TURNS - 1} turns less is reused than was there before"
        return B2.failed(
            f"{why}; turn {number}: {reused:.0f} of {whole} tokens: {what}", turns=rows
        )
    return B2.passed(f"each of {TURNS - 1} turns reuses what was there before it", turns=rows)
