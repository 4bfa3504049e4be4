"""Probe C2: is the answer after a hit the answer of a prompt computed anew.

Two prompts that hit, each beside itself computed anew; and what tells the noise (`c2_judging`):
past the cache   the same prompt several times, once beside another answer, which splits its
                 computation another way
without a way    the first sight of a prompt is the cold one, and the same prompt again the warm
past it          one. Anew a second time: the same prompt from two clients at once, where both
                 compute it, and a prompt that many tiny ones pushed out of the cache
never reused     a hit beside itself computed anew is found in another way (`c2_longer`)
a short hit      a prompt of which only the first quarter was known, beside the same one anew, and
                 beside a long hit of it

A server that gives no log probabilities is judged by its texts, and asked nothing for the noise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from llmx.core.types import Json
from llmx.core.verify.asking import Said, Speaker
from llmx.core.verify.bench import HEAD, Bench, Outcome
from llmx.core.verify.dialects import asking_odds
from llmx.core.verify.probes.anew import Past, is_hit, way_past
from llmx.core.verify.probes.c2_judging import C2, TOKENS, Asked, Pair, Short, by_odds, by_text
from llmx.core.verify.probes.c2_longer import pairs_elsewhere
from llmx.core.verify.prompts import text_of, tiny_prompt
from llmx.core.verify.workload import Prompt

TOP = 5
PROMPTS = 2  # different ones: a single one may hide the damage
FILLERS = 12  # tiny prompts: caches that count entries hold ten as a rule
SHORT = 4  # a short hit is one of so many parts of a prompt


async def run(bench: Bench) -> Outcome:
    asking = await _asking(bench)
    past = await way_past(bench, asking.speaker)
    asked = (
        await _past_the_cache(bench, asking, past)
        if past is not None
        else await _without_a_way_past(bench, asking)
    )
    failed = [said.error for said in asked.all() if said.error is not None]
    if failed:
        return C2.unsure(f"not every prompt was answered: {failed[0]}")
    hits = [is_hit(bench, pair.warm) for pair in asked.pairs]
    reused: list[Json] = [pair.warm.cached_tokens for pair in asked.pairs]
    if all(hit is False for hit in hits):
        elsewhere = await pairs_elsewhere(
            bench,
            asking.ask,
            (lambda prompt: asking.ask(prompt, past.fields())) if past is not None else None,
        )
        asked, hits = Asked(elsewhere), [True] * len(elsewhere)
    if not asked.pairs:
        return C2.skipped("nothing was reused: there is no hit to compare", reused=reused)
    pairs = tuple(p for p, hit in zip(asked.pairs, hits, strict=True) if hit is not False)
    others = tuple(p.cold for p, hit in zip(asked.pairs, hits, strict=True) if hit is False)
    asked = replace(asked, pairs=pairs, cold=(*asked.cold, *others))
    return (by_odds if asking.extra else by_text)(asked, is_hit=any(hits))


@dataclass(frozen=True, slots=True)
class _Asking:
    """With log probabilities, where the server gives them: `extra` asks for them."""

    speaker: Speaker
    extra: Mapping[str, Json]
    stream: bool = True

    async def ask(self, prompt: Prompt, extra: Mapping[str, Json] | None = None) -> Said:
        asked = {**self.extra, **(extra or {})}
        return await self.speaker.ask(prompt, max_tokens=TOKENS, extra=asked, stream=self.stream)


async def _asking(bench: Bench) -> _Asking:
    """Messages tells no log probabilities, and Chat Completions shares its cache. `mlx_lm.server`
    tells them in whole answers only."""
    for speaker in (bench.speaker, bench.speaker.over(bench.speaker.client, "chat")):
        extra = asking_odds(speaker.api, TOP)
        for stream in (True, False) if extra else ():
            asking = _Asking(speaker, extra, stream)
            trial = await asking.ask(bench.prompt(bench.nonce(), tokens=bench.length // 4))
            if trial.reply is not None and trial.reply.odds:
                return asking
    return _Asking(bench.speaker, {})


async def _past_the_cache(bench: Bench, asking: _Asking, past: Past) -> Asked:
    pairs = tuple([await _pair_past(bench, asking, past) for _ in range(PROMPTS)])
    if past.is_known or not asking.extra:
        return Asked(pairs)
    prefix, suffix = bench.nonce(), bench.nonce()
    hit, whole = await _after_a_quarter(bench, asking, prefix, suffix)
    anew = await asking.ask(bench.prompt(prefix, suffix), past.fields())
    return Asked(pairs, short=(Short(hit, whole, anew),))


async def _pair_past(bench: Bench, asking: _Asking, past: Past) -> Pair:
    """Warm after another question, so that a stored prompt is cut; cold three times."""
    prefix, suffix = bench.nonce(), bench.nonce()
    await asking.ask(bench.prompt(prefix))
    prompt = bench.prompt(prefix, suffix)
    warm = await asking.ask(prompt)
    cold = [await asking.ask(prompt, past.fields()) for _ in range(2)]
    async with bench.connect() as client:
        other = bench.prompt(bench.nonce(), tokens=HEAD)
        beside = bench.speaker.over(client)
        decoding = asyncio.create_task(beside.ask(other, max_tokens=2 * TOKENS))
        try:
            cold.append(await asking.ask(prompt, past.fields()))
        finally:
            await asyncio.gather(decoding, return_exceptions=True)
        decoding.result()
    return Pair(warm, tuple(cold), None, is_cut=True)


async def _without_a_way_past(bench: Bench, asking: _Asking) -> Asked:
    """Each prompt cold and repeated. Then, where many tiny prompts push it out of the cache, once
    more after another question: a stored prompt that has to be cut is damaged more easily."""
    asked = [(bench.nonce(), bench.nonce()) for _ in range(PROMPTS)]
    prompts = [bench.prompt(*nonces) for nonces in asked]
    cold = [await asking.ask(prompt) for prompt in prompts]
    pairs: list[Pair] = []
    for prompt, first in zip(prompts, cold, strict=True):
        warm = await asking.ask(prompt)
        pairs.append(Pair(warm, (first,), await asking.ask(prompt), is_cut=False))
    is_counted = any((pair.warm.cached_tokens or 0) > HEAD for pair in pairs)
    noise = _Noise(bench, asking) if asking.extra and is_counted else None
    if noise is not None:
        await noise.begin()
    for _ in range(FILLERS):
        await bench.ask(tiny_prompt(bench.nonce()))
    for (prefix, _), prompt, first in zip(asked, prompts, cold, strict=True):
        if _is_new(await asking.ask(bench.prompt(prefix))):  # else it was not pushed out, or
            pairs.append(Pair(await asking.ask(prompt), (first,), None, is_cut=True))  # who knows
    if noise is not None:
        await noise.end()
        return Asked(tuple(pairs), tuple(noise.cold), tuple(noise.short))
    return Asked(tuple(pairs))


class _Noise:
    """Prompts computed anew a second time where there is no way past the cache: believed where the
    server says so, and it says it of none that is known."""

    def __init__(self, bench: Bench, asking: _Asking) -> None:
        self._bench = bench
        self._asking = asking
        self._nonces = [(bench.nonce(), bench.nonce()) for _ in range(2)]
        self._first: list[Said] = []
        self.cold: list[tuple[Said, ...]] = []
        self.short: list[Short] = []

    async def begin(self) -> None:
        """Before the cache is filled. One prompt is asked by two clients at once."""
        bench, asking = self._bench, self._asking
        self._first = [await asking.ask(bench.prompt(*nonces)) for nonces in self._nonces]
        prompt = bench.prompt(bench.nonce(), bench.nonce())
        async with bench.connect() as client:
            other = replace(asking, speaker=asking.speaker.over(client))
            both = await asyncio.gather(asking.ask(prompt), other.ask(prompt))
        if all(_is_new(said) for said in both):
            self.cold.append(tuple(both))

    async def end(self) -> None:
        """After it."""
        again = await self._asking.ask(self._bench.prompt(*self._nonces[0]))
        if _is_new(again):
            self.cold.append((self._first[0], again))
        hit, whole = await _after_a_quarter(self._bench, self._asking, *self._nonces[1])
        half = (hit.prompt_tokens or self._bench.length) // 2
        if hit.cached_tokens is not None and hit.cached_tokens <= half:
            self.short.append(Short(hit, whole, self._first[1]))


async def _after_a_quarter(
    bench: Bench, asking: _Asking, prefix: str, suffix: str
) -> tuple[Said, Said]:
    """The prompt, where only the first quarter of it is known, and once more."""
    words = bench.lengths.words(bench.length) // SHORT
    await asking.ask(bench.prompt(prefix, text=text_of(prefix, words)))
    prompt = bench.prompt(prefix, suffix)
    return await asking.ask(prompt), await asking.ask(prompt)


def _is_new(said: Said) -> bool:
    return said.cached_tokens is not None and said.cached_tokens <= HEAD
