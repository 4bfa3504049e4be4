"""Probe I1: prompts under one salt are shared, and with another salt they are not.

Both ways, by the rank test: that nothing is shared across salts says something only where the same
salt does share. A server that never heard of salts takes the field and does nothing with it, as
with any field that it does not know; that is no leak unless it was asked to prove isolation.
"""

from __future__ import annotations

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.a2_accounting import told
from llmx.core.verify.rank import p_faster

I1 = Subject("I1", "salts keep clients apart")
FIELD = "cache_salt"
BLOCKS = 6  # p can reach 0.001
ALPHA = 0.01
FAULT = 0.002  # a leak decides the verdict of the whole run
CLAIMED = 0.2  # of a prompt whose prefix only another salt has seen
WRONG_TYPE: Json = {"not": "a text"}  # whoever reads the field refuses this


async def run(bench: Bench) -> Outcome:
    field = bench.identity.server.salt or FIELD
    if bench.identity.server.salt is None:
        if bench.identity.kind is not None:
            why = f"{bench.identity.kind} has no salt, as far as is known"
            return I1.skipped(why)
        is_read = (await _salted(bench, bench.nonce(), field, WRONG_TYPE)).is_refused
    else:
        is_read = True
    same: list[Said] = []
    cross: list[Said] = []
    unseen: list[Said] = []
    salts = (bench.nonce()[:16], bench.nonce()[:16])
    for _ in range(BLOCKS):
        prefix = bench.nonce()
        primed = await _salted(bench, prefix, field, salts[0])
        if primed.is_refused:
            return I1.skipped(f"{field} is refused: {primed.error}")
        asks = [
            (same, prefix, salts[0]),
            (cross, prefix, salts[1]),
            (unseen, bench.nonce(), salts[1]),
        ]
        for said, start, salt in bench.rng.sample(asks, len(asks)):  # no place is the faster one
            said.append(await _salted(bench, start, field, salt))
    return _judge(bench, field, is_read, same, cross, unseen)


async def _salted(bench: Bench, prefix: str, field: str, salt: Json) -> Said:
    return await bench.ask(bench.prompt(prefix), extra={field: salt})


def _judge(
    bench: Bench, field: str, is_read: bool, same: list[Said], cross: list[Said], unseen: list[Said]
) -> Outcome:
    if any(said.error is not None for said in (*same, *cross, *unseen)):
        first = next(said.error for said in (*same, *cross, *unseen) if said.error is not None)
        return I1.unsure(f"not every prompt was answered: {first}")
    p_same, p_cross = _p(same, unseen), _p(cross, unseen)
    evidence: dict[str, Json] = {
        "field": field,
        "p_same": p_same,
        "p_cross": p_cross,
        "same": [told(said) for said in same],
        "cross": [told(said) for said in cross],
        "unseen": [told(said) for said in unseen],
    }
    claims = sum(_claims(bench, said) for said in cross) - sum(
        _claims(bench, one) for one in unseen
    )
    if p_same > ALPHA:
        why = f"with the same {field} nothing is reused, so that nothing can be told of another"
        return I1.unsure(f"{why} (p {p_same:.2g})", **evidence)
    if p_cross <= FAULT:
        if is_read or bench.is_audit:
            why = f"with another {field} a prompt is reused as with the same one"
            return I1.failed(f"{why} (p {p_cross:.2g})", fault="LEAK", **evidence)
        why = f"{field} changes nothing here; it may be a field that this server does not know"
        return I1.skipped(why, **evidence)
    if p_cross <= ALPHA or claims * 2 > BLOCKS:
        why = f"with another {field} a prompt may be reused: counts and times do not agree on it"
        return I1.unsure(f"{why} (p {p_cross:.2g}, {claims} of {BLOCKS} claimed)", **evidence)
    why = f"with the same {field} a prompt is reused (p {p_same:.2g}), with another one it is not"
    return I1.passed(f"{why} (p {p_cross:.2g})", **evidence)


def _p(hits: list[Said], unseen: list[Said]) -> float:
    times = [said.ttft_s for said in hits if said.ttft_s is not None]
    cold = [said.ttft_s for said in unseen if said.ttft_s is not None]
    return p_faster(times, cold) if times and cold else 1.0


def _claims(bench: Bench, said: Said) -> bool:
    return (said.cached_tokens or 0) > CLAIMED * (said.prompt_tokens or bench.length)
