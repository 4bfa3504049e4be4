"""Probe C2: is the answer after a hit the answer of a prompt computed anew.

By log probabilities first: greedy text hides small damage. How far they may be apart comes from
this server's own noise: the same prompt several times past the cache, once beside another answer,
which splits its computation another way. Where there is no way past the cache, the first sight of
a prompt is the cold one, and the same prompt again the warm one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from llmx.core.types import Json
from llmx.core.verify.asking import Said, Speaker
from llmx.core.verify.bench import HEAD, Bench, Outcome, Subject
from llmx.core.verify.dialects import asking_odds
from llmx.core.verify.parity import Apart, apart, grain_of, noise_of, tolerance
from llmx.core.verify.prompts import tiny_prompt
from llmx.core.verify.workload import Prompt

C2 = Subject("C2", "the same answer warm and cold")
TOKENS = 32
TOP = 5
PROMPTS = 2  # different ones: a single one may hide the damage
FILLERS = 12  # tiny prompts: caches that count entries hold ten as a rule


@dataclass(frozen=True, slots=True)
class _Pair:
    warm: Said
    cold: tuple[Said, ...]  # each computed anew; the first one is compared
    again: Said | None  # warm once more, where that is the same way: does it repeat itself at all
    is_cut: bool  # what was stored was longer, or went on another way


async def run(bench: Bench) -> Outcome:
    asking = await _asking(bench)
    past = bench.identity.bypass
    pairs = (
        [await _past_the_cache(bench, asking, past) for _ in range(PROMPTS)]
        if past is not None
        else await _without_a_way_past(bench, asking)
    )
    asked = [said for pair in pairs for said in (pair.warm, pair.again, *pair.cold)]
    failed = [said.error for said in asked if said is not None and said.error is not None]
    if failed:
        return C2.unsure(f"not every prompt was answered: {failed[0]}")
    if all((pair.warm.cached_tokens or HEAD + 1) <= HEAD for pair in pairs):
        return C2.skipped("nothing was reused, so that there is no warm answer")
    return _by_odds(pairs) if asking.extra else _by_text(pairs)


@dataclass(frozen=True, slots=True)
class _Asking:
    """With log probabilities, where the server gives them: `extra` asks for them."""

    speaker: Speaker
    extra: Mapping[str, Json]

    async def ask(self, prompt: Prompt, extra: Mapping[str, Json] | None = None) -> Said:
        asked = {**self.extra, **(extra or {})}
        return await self.speaker.ask(prompt, max_tokens=TOKENS, extra=asked)


async def _asking(bench: Bench) -> _Asking:
    """Messages tells no log probabilities, and Chat Completions shares its cache."""
    for speaker in (bench.speaker, bench.speaker.over(bench.speaker.client, "chat")):
        if extra := asking_odds(speaker.api, TOP):
            asking = _Asking(speaker, extra)
            trial = await asking.ask(bench.prompt(bench.nonce(), tokens=bench.length // 4))
            if trial.reply is not None and trial.reply.odds:
                return asking
    return _Asking(bench.speaker, {})


async def _past_the_cache(bench: Bench, asking: _Asking, past: Mapping[str, Json]) -> _Pair:
    """Warm after another question, so that a stored prompt is cut; cold three times."""
    prefix, suffix = bench.nonce(), bench.nonce()
    await asking.ask(bench.prompt(prefix))
    prompt = bench.prompt(prefix, suffix)
    warm = await asking.ask(prompt)
    cold = [await asking.ask(prompt, past) for _ in range(2)]
    async with bench.connect() as client:
        other = bench.prompt(bench.nonce(), tokens=HEAD)
        beside = bench.speaker.over(client)
        decoding = asyncio.create_task(beside.ask(other, max_tokens=2 * TOKENS))
        cold.append(await asking.ask(prompt, past))
        await decoding
    return _Pair(warm, tuple(cold), None, is_cut=True)


async def _without_a_way_past(bench: Bench, asking: _Asking) -> list[_Pair]:
    """Each prompt cold and repeated. Then, where many tiny prompts push it out of the cache, once
    more after another question: a stored prompt that has to be cut is damaged more easily."""
    asked = [(bench.nonce(), bench.nonce()) for _ in range(PROMPTS)]
    prompts = [bench.prompt(*nonces) for nonces in asked]
    cold = [await asking.ask(prompt) for prompt in prompts]
    pairs = []
    for prompt, first in zip(prompts, cold, strict=True):
        warm = await asking.ask(prompt)
        pairs.append(_Pair(warm, (first,), await asking.ask(prompt), is_cut=False))
    for _ in range(FILLERS):
        await bench.ask(tiny_prompt(bench.nonce()))
    for (prefix, _), prompt, first in zip(asked, prompts, cold, strict=True):
        primed = await asking.ask(bench.prompt(prefix))
        if primed.cached_tokens is None or primed.cached_tokens > HEAD:
            continue  # it was not pushed out, or nobody knows
        pairs.append(_Pair(await asking.ask(prompt), (first,), None, is_cut=True))
    return pairs


def _by_odds(pairs: list[_Pair]) -> Outcome:
    cold = [[said.reply.odds for said in pair.cold if said.reply is not None] for pair in pairs]
    warm = [pair.warm.reply.odds for pair in pairs if pair.warm.reply is not None]
    noises = [noise for noise in map(noise_of, cold) if noise is not None]
    repeated = [
        apart(pair.warm.reply.odds, pair.again.reply.odds).largest
        for pair in pairs
        if pair.again is not None and pair.warm.reply is not None and pair.again.reply is not None
    ]
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
    """Another text alone is no proof: rounding can turn a tie. All of a kind from the first word on
    are one, from a server that repeats itself."""
    differing = [pair for pair in pairs if pair.warm.text != pair.cold[0].text]
    evidence: dict[str, Json] = {"prompts": len(pairs), "differing": len(differing)}
    if not differing:
        why = "the same text warm and cold (no log probabilities to compare)"
        return C2.passed(why, cut=sum(pair.is_cut for pair in pairs), **evidence)
    one = differing[0]
    evidence |= {"warm": one.warm.text.strip()[:80], "cold": one.cold[0].text.strip()[:80]}
    if not all(_is_repeatable(pair) for pair in pairs):
        return C2.unsure("texts differ, but this server does not always say the same", **evidence)
    for is_cut in (False, True):
        kind = [pair for pair in pairs if pair.is_cut == is_cut]
        if kind and all(_first_word(pair.warm) != _first_word(pair.cold[0]) for pair in kind):
            return C2.failed(
                f"warm and cold answers differ from the first word on, for each of {len(kind)} "
                f"prompts: {evidence['warm']!r} and {evidence['cold']!r}",
                fault="CORRUPT",
                **evidence,
            )
    return C2.unsure("some texts differ, which rounding can do", **evidence)


def _is_repeatable(pair: _Pair) -> bool:
    is_same = pair.again is None or pair.again.text == pair.warm.text
    return is_same and len({said.text for said in pair.cold}) == 1


def _first_word(said: Said) -> str:
    return next(iter(said.text.split()), "")
