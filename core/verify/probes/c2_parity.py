"""Probe C2: is the answer after a hit the answer of a prompt computed anew.

By log probabilities first: greedy text hides small damage. How far they may be apart comes from
this server's own noise: the same prompt several times past the cache, once beside another answer,
which splits its computation another way. Where there is no way past the cache, the first sight of
a prompt is the cold one, and the same prompt repeated the warm one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import HEAD, Bench, Outcome, Subject
from llmx.core.verify.parity import Apart, apart, grain_of, noise_of, tolerance
from llmx.core.verify.workload import Prompt

C2 = Subject("C2", "the same answer warm and cold")
TOKENS = 32
TOP = 5
ODDS: Mapping[str, Json] = {"logprobs": True, "top_logprobs": TOP}
PROMPTS = 2  # different ones: a single one may hide the damage


@dataclass(frozen=True, slots=True)
class _Pair:
    warm: Said
    cold: tuple[Said, ...]  # each computed anew; the first one is compared
    again: Said  # warm once more: is this server the same twice at all


async def run(bench: Bench) -> Outcome:
    trial = await _ask(bench, bench.prompt(bench.nonce(), tokens=bench.length // 4), ODDS)
    has_odds = trial.reply is not None and bool(trial.reply.odds)
    extra = ODDS if has_odds else {}
    past = bench.identity.bypass
    pairs = [
        await (_past_the_cache(bench, extra, past) if past is not None else _repeated(bench, extra))
        for _ in range(PROMPTS)
    ]
    failed = [
        said.error for pair in pairs for said in (pair.warm, pair.again, *pair.cold) if said.error
    ]
    if failed:
        return C2.unsure(f"not every prompt was answered: {failed[0]}")
    if all((pair.warm.cached_tokens or HEAD + 1) <= HEAD for pair in pairs):
        return C2.skipped("nothing was reused, so that there is no warm answer")
    return _by_odds(pairs) if has_odds else _by_text(pairs)


async def _past_the_cache(
    bench: Bench, extra: Mapping[str, Json], past: Mapping[str, Json]
) -> _Pair:
    """Warm after another question, so that a stored prompt is cut; cold three times."""
    prefix, suffix = bench.nonce(), bench.nonce()
    await _ask(bench, bench.prompt(prefix), {})
    prompt = bench.prompt(prefix, suffix)
    warm = await _ask(bench, prompt, extra)
    again = await _ask(bench, prompt, extra)
    cold = [await _ask(bench, prompt, {**extra, **past}) for _ in range(2)]
    async with bench.connect() as client:
        beside = bench.speaker.over(client)
        other = bench.prompt(bench.nonce(), tokens=HEAD)
        decoding = asyncio.create_task(beside.ask(other, max_tokens=8 * TOKENS))
        cold.append(await _ask(bench, prompt, {**extra, **past}))
        await decoding
    return _Pair(warm, tuple(cold), again)


async def _repeated(bench: Bench, extra: Mapping[str, Json]) -> _Pair:
    prompt = bench.prompt(bench.nonce())
    cold = await _ask(bench, prompt, extra)
    warm = await _ask(bench, prompt, extra)
    return _Pair(warm, (cold,), await _ask(bench, prompt, extra))


async def _ask(bench: Bench, prompt: Prompt, extra: Mapping[str, Json]) -> Said:
    return await bench.ask(prompt, max_tokens=TOKENS, extra=extra)


def _by_odds(pairs: list[_Pair]) -> Outcome:
    cold = [[said.reply.odds for said in pair.cold if said.reply is not None] for pair in pairs]
    warm = [pair.warm.reply.odds for pair in pairs if pair.warm.reply is not None]
    noises = [noise for noise in map(noise_of, cold) if noise is not None]
    again = [pair.again.reply.odds for pair in pairs if pair.again.reply is not None]
    repeated = [apart(*two).largest for two in zip(warm, again, strict=False)]
    noise = max([*noises, *repeated]) if noises or any(repeated) else None
    grain = grain_of([*warm, *(one for some in cold for one in some)])
    limit = tolerance(noise, grain)
    found = [apart(one, some[0]) for one, some in zip(warm, cold, strict=True)]
    worst = max(found, key=lambda one: one.largest)
    evidence: dict[str, Json] = {
        "largest": worst.largest,
        "limit": limit,
        "noise": noise,
        "grain": grain,
        "compared": sum(one.compared for one in found),
        "parted_at": [one.parted_at for one in found],
    }
    if worst.largest > limit:
        how = "its own noise" if noise is not None else "what rounding explains"
        return C2.failed(
            f"log probabilities after a hit are up to {worst.largest:.2g} from those of the same "
            f"prompt computed anew, where {how} allows {limit:.2g}",
            fault="CORRUPT",
            **evidence,
        )
    torn = [one for one in found if _is_torn(one, limit)]
    if torn:
        why = f"the words part at token {torn[0].parted_at}, where none of them was near a tie"
        return C2.failed(f"after a hit {why}", fault="CORRUPT", **evidence)
    if not evidence["compared"]:
        return C2.unsure("the log probabilities have no token in common", **evidence)
    why = f"log probabilities are at most {worst.largest:.2g} apart, {limit:.2g} would be noise"
    return C2.passed(f"{why}, over {TOKENS} tokens", **evidence)


def _is_torn(one: Apart, limit: float) -> bool:
    return one.parted_at is not None and one.gap is not None and one.gap > 2 * limit


def _by_text(pairs: list[_Pair]) -> Outcome:
    """Another text alone is no proof: rounding can turn a tie."""
    differing = [pair for pair in pairs if pair.warm.text != pair.cold[0].text]
    uneven = [
        pair
        for pair in pairs
        if len({said.text for said in pair.cold}) > 1 or pair.again.text != pair.warm.text
    ]
    evidence: dict[str, Json] = {"prompts": len(pairs), "differing": len(differing)}
    if not differing:
        return C2.passed(
            "the same text warm and cold (no log probabilities to compare)", **evidence
        )
    one = differing[0]
    evidence |= {"warm": one.warm.text.strip()[:80], "cold": one.cold[0].text.strip()[:80]}
    if uneven or len(differing) < len(pairs):
        why = "texts differ, but this server does not always say the same anyway"
        return C2.unsure(
            why if uneven else "one text of two differs, which a tie can do", **evidence
        )
    if _first_word(one.warm) == _first_word(one.cold[0]):
        return C2.unsure("texts part after the first word, which rounding can do", **evidence)
    return C2.failed(
        "warm and cold answers differ from the first word on, for each of "
        f"{len(pairs)} prompts: {evidence['warm']!r} and {evidence['cold']!r}",
        fault="CORRUPT",
        **evidence,
    )


def _first_word(said: Said) -> str:
    return next(iter(said.text.split()), "")
