"""What answers warm and cold say of a cache: by log probabilities first, by text second.

The limit comes from the noise of this server, measured now: how far answers to one prompt are
apart that were all computed anew. Two things keep it from being called a fault where rounding may
do it. Where no prompt could be had anew twice, only what no rounding does is a fault. And a server
whose cold answers are the same to the last bit may still round otherwise wherever a prompt is cut:
where a short hit moves an answer as well, only what no rounding does is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmx.core.client.odds import TokenOdds
from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Outcome, Subject
from llmx.core.verify.parity import (
    GROSS,
    NOISES,
    VAGUE,
    Apart,
    apart,
    grain_of,
    noise_of,
    tolerance,
)

C2 = Subject("C2", "the same answer warm and cold")
TOKENS = 32  # of an answer


@dataclass(frozen=True, slots=True)
class Pair:
    warm: Said
    cold: tuple[Said, ...]  # each computed anew; the first one is compared
    again: Said | None  # warm once more, where that is the same way: does it repeat itself at all
    is_cut: bool  # what was stored was longer, or went on another way


@dataclass(frozen=True, slots=True)
class Short:
    """A prompt of which a little was reused, then all of it, and computed anew."""

    hit: Said
    whole: Said
    cold: Said

    def rounding(self) -> float:
        """How far a short hit is from the cold answer; 0.0 where a long one gives just the same
        answer again: rounding would fall otherwise there, and only damage stays what it is."""
        off = apart(_odds(self.hit), _odds(self.cold)).largest
        between = apart(_odds(self.hit), _odds(self.whole)).largest
        return 0.0 if between * NOISES <= off else off


@dataclass(frozen=True, slots=True)
class Asked:
    pairs: tuple[Pair, ...]  # of one prompt each
    cold: tuple[tuple[Said, ...], ...] = ()  # further prompts, each computed anew several times
    short: tuple[Short, ...] = ()

    def all(self) -> Iterator[Said]:
        for pair in self.pairs:
            yield from (pair.warm, *pair.cold)
            if pair.again is not None:
                yield pair.again
        for group in self.cold:
            yield from group
        for one in self.short:
            yield from (one.hit, one.whole, one.cold)


@dataclass(frozen=True, slots=True)
class Noise:
    """Largest differences of log probabilities; None: not measured."""

    cold: float | None  # answers computed anew, and warm ones to the very same prompt
    short: float | None  # what may be rounding of a short hit
    grain: float | None  # step of the logits, where they come in steps

    @property
    def limit(self) -> float:
        return tolerance(self.cold, self.grain)

    @property
    def is_vague(self) -> bool:
        """Damage would not show."""
        return NOISES * (self.cold or 0.0) > VAGUE

    @property
    def is_unlike_hits(self) -> bool:
        """Cold answers are all the same to the bit, and a short hit is beyond that already."""
        return not self.cold and (self.short or 0.0) > self.limit


def by_odds(asked: Asked, *, is_hit: bool) -> Outcome:
    """`is_hit`: that warm answers came after a hit is known."""
    noise = measured(asked)
    found = [apart(_odds(pair.warm), _odds(pair.cold[0])) for pair in asked.pairs]
    worst = max(found, key=lambda one: one.largest)
    evidence: dict[str, Json] = {
        "largest": worst.largest,
        "limit": noise.limit,
        "noise": noise.cold,
        "short_hits": noise.short,
        "grain": noise.grain,
        "compared": sum(one.compared for one in found),
        "parted_at": [one.parted_at for one in found],
    }
    wrong = _beyond(found, noise.limit)
    if wrong is None and not evidence["compared"]:
        return C2.unsure("the log probabilities have no token in common", **evidence)
    if wrong is None and noise.is_vague:
        why = f"answers computed anew are up to {noise.cold:.2g} apart, which would hide damage"
        return C2.unsure(why, **evidence)
    if wrong is None:
        why = f"log probabilities are at most {worst.largest:.2g} apart, {noise.limit:.2g} would be"
        return _same(f"{why} noise, over {TOKENS} tokens", is_hit, evidence)
    doubt = _doubt(noise)
    if doubt is None or _is_gross(asked.pairs, found):
        return C2.failed(wrong, fault="CORRUPT", **evidence)
    return C2.unsure(f"{wrong}; but {doubt}", **evidence)


def measured(asked: Asked) -> Noise:
    cold = [[_odds(said) for said in group] for group in (*_colds(asked.pairs), *asked.cold)]
    noises = [noise for noise in map(noise_of, cold) if noise is not None]
    repeated = [
        apart(_odds(pair.warm), _odds(pair.again)).largest
        for pair in asked.pairs
        if pair.again is not None
    ]
    return Noise(
        cold=max([*noises, *repeated]) if noises else None,
        short=max((one.rounding() for one in asked.short), default=None),
        grain=grain_of([_odds(said) for said in asked.all()]),
    )


def by_text(asked: Asked, *, is_hit: bool) -> Outcome:
    """Another text alone is no proof: rounding can turn a tie. All of a kind from the first word on
    are one, from a server that repeats itself."""
    pairs = asked.pairs
    differing = [pair for pair in pairs if pair.warm.text != pair.cold[0].text]
    evidence: dict[str, Json] = {"prompts": len(pairs), "differing": len(differing)}
    if not differing:
        why = "the same text warm and cold (no log probabilities to compare)"
        return _same(why, is_hit, {**evidence, "cut": sum(pair.is_cut for pair in pairs)})
    one = differing[0]
    evidence |= {"warm": one.warm.text.strip()[:80], "cold": one.cold[0].text.strip()[:80]}
    if not all(_is_repeatable(pair) for pair in pairs):
        return C2.unsure("texts differ, but this server does not always say the same", **evidence)
    starts = [_first_word(pair.warm) != _first_word(pair.cold[0]) for pair in pairs]
    if _all_of_a_kind(pairs, starts):
        return C2.failed(
            "warm and cold answers differ from the first word on, for each prompt that was asked "
            f"the same way: {evidence['warm']!r} and {evidence['cold']!r}",
            fault="CORRUPT",
            **evidence,
        )
    return C2.unsure("some texts differ, which rounding can do", **evidence)


def _same(why: str, is_hit: bool, evidence: dict[str, Json]) -> Outcome:
    if not is_hit:
        return C2.unsure(f"{why}; whether any of it came after a hit is not known", **evidence)
    return C2.passed(why, **evidence)


def _beyond(found: Sequence[Apart], limit: float) -> str | None:
    worst = max(one.largest for one in found)
    if worst > limit:
        return (
            f"log probabilities after a hit are up to {worst:.2g} from those of the same prompt "
            f"computed anew, where {limit:.2g} is noise"
        )
    torn = [one for one in found if one.gap is not None and one.gap > 2 * limit]
    if torn:
        where = f"at token {torn[0].parted_at}"
        return f"after a hit the words part {where}, where none of them was near a tie"
    return None


def _doubt(noise: Noise) -> str | None:
    if noise.cold is None:
        return "how far two cold answers are apart could not be measured"
    if noise.is_unlike_hits:
        return (
            f"so is a hit of a quarter ({noise.short:.2g}), and cold answers are all the same: "
            "rounding where a prompt is cut, or damage, is not told"
        )
    return None


def _is_gross(pairs: Sequence[Pair], found: Sequence[Apart]) -> bool:
    return _all_of_a_kind(pairs, [one.largest > GROSS for one in found])


def _all_of_a_kind(pairs: Sequence[Pair], wrong: Sequence[bool]) -> bool:
    """Of those that were cut, or of those that were not."""
    for is_cut in (False, True):
        kind = [w for pair, w in zip(pairs, wrong, strict=True) if pair.is_cut == is_cut]
        if kind and all(kind):
            return True
    return False


def _is_repeatable(pair: Pair) -> bool:
    is_same = pair.again is None or pair.again.text == pair.warm.text
    return is_same and len({said.text for said in pair.cold}) == 1


def _colds(pairs: Sequence[Pair]) -> Iterator[tuple[Said, ...]]:
    return (pair.cold for pair in pairs)


def _odds(said: Said) -> tuple[TokenOdds, ...]:
    return said.reply.odds if said.reply is not None else ()


def _first_word(said: Said) -> str:
    return next(iter(said.text.split()), "")
