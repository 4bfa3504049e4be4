"""C2: what is a fault, what is rounding, and what nobody can tell, on servers of every manner."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from llmx.core.client.odds import TokenOdds
from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Outcome
from llmx.core.verify.effect import Line
from llmx.core.verify.probes import c2_parity
from llmx.core.verify.workload import Prompt
from tests.core.verify.benches import Scripted, bench, said

TOKEN = 5  # characters
SAID = 4  # tokens
OTHERS = {"y": -2.51771, "z": -3.90917, "w": -6.05321}
LINE = Line(0.0, 1e-3)


@dataclass
class Server:
    """A cache that counts its hits, unless it is said otherwise. `off` is what a hit does to the
    log probabilities, from a hit of so many tokens on."""

    off: float = 0.0
    off_from: int = 400  # a quarter of a prompt is less
    is_rounding: bool = False  # other values wherever it is cut, at most `off`
    jitter: float = 0.0  # of each answer
    entries: int | None = None  # None: any number
    salts: bool = False
    has_switch: bool = False  # `"cache": false`
    is_late: bool = False  # stored when another prompt comes: two at once are both computed
    counts: bool = True
    has_odds: bool = True
    is_timed: bool = False
    reuses: bool = True
    repeats_anew: bool = False  # a prompt that it knows as a whole is computed
    block: int = 1  # tokens: only whole ones are reused
    claims_zero: bool = False
    chance: Random = field(default_factory=lambda: Random(0))
    _known: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)
    _waiting: tuple[str, str] | None = None

    def __call__(self, prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        text = "".join(str(one["content"]) for one in prompt.messages)
        space = str(extra.get("cache_salt", "")) if self.salts else ""
        tokens, reused = len(text) // TOKEN, 0
        if not self.has_switch or extra.get("cache", True):
            reused = self._reuse(space, text)
        off = self.off if reused >= self.off_from else 0.0
        off += self.chance.uniform(0, self.jitter)
        cut = Random(reused)
        shares = [0.5 + cut.random() / 2 if self.is_rounding else 1.0 for _ in range(SAID)]
        counted = None if not self.counts else 0 if self.claims_zero else reused
        return said(
            "another word" if off >= 1 else "a word",
            cached=counted,
            prompt=tokens,
            ttft_s=(tokens - reused) * LINE.s_per_token if self.is_timed else 1.0,
            odds=drawn(*(off * share for share in shares)) if self.has_odds else (),
        )

    def _reuse(self, space: str, text: str) -> int:
        if self._waiting not in (None, (space, text)):
            self._store(self._waiting or ("", ""))
            self._waiting = None
        is_known = (space, text) in self._known
        shared = [same(text, one) for at, one in self._known if at == space]
        if self.is_late:
            self._waiting = (space, text)
        else:
            self._store((space, text))
        if not self.reuses or (self.repeats_anew and is_known):
            return 0
        longest = min(max(shared, default=0), len(text) - TOKEN) // TOKEN
        return longest // self.block * self.block

    def _store(self, entry: tuple[str, str]) -> None:
        self._known.pop(entry, None)
        self._known[entry] = None
        while self.entries is not None and len(self._known) > self.entries:
            self._known.popitem(last=False)


def same(one: str, other: str) -> int:
    """Characters."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def drawn(*offs: float) -> tuple[TokenOdds, ...]:
    """Of a token for each."""
    return tuple(TokenOdds("x", -0.10313 - off, {"x": -0.10313 - off, **OTHERS}) for off in offs)


def probe(server: Server, *, bypass: bool = False) -> Outcome:
    line = LINE if server.is_timed else None
    return asyncio.run(c2_parity.run(bench(server, bypass=bypass, line=line)))


def faults(found: Outcome) -> tuple[str, list[str]]:
    return found.probe.status, [one.fault for one in found.findings]


CORRUPT = ("fail", ["CORRUPT"])
UNSURE: tuple[str, list[str]] = ("inconclusive", [])
PASS: tuple[str, list[str]] = ("pass", [])


@pytest.mark.parametrize("bypass", [False, True])
@pytest.mark.parametrize("has_odds", [False, True])
def test_without_a_hit_there_is_nothing_to_compare(has_odds: bool, bypass: bool) -> None:
    found = probe(Server(reuses=False, has_odds=has_odds, has_switch=bypass), bypass=bypass)
    assert faults(found) == ("skip", []), found
    assert "no hit to compare" in found.probe.why


@pytest.mark.parametrize("bypass", [False, True])
@pytest.mark.parametrize(
    "manner", [{"repeats_anew": True}, {"block": 1500}], ids=["repeats anew", "large blocks"]
)
@pytest.mark.parametrize(("off", "expected"), [(0.0, PASS), (1.5, CORRUPT)])
def test_where_a_repeat_is_computed_anew_a_hit_is_found_in_another_way(
    off: float, expected: tuple[str, list[str]], manner: dict[str, Any], bypass: bool
) -> None:
    """PASS and CORRUPT as of any other server: by log probabilities, and by text alone."""
    for has_odds in (True, False):
        server = Server(off=off, has_switch=bypass, has_odds=has_odds, **manner)
        assert faults(probe(server, bypass=bypass)) == expected, has_odds


@pytest.mark.parametrize("has_odds", [False, True])
def test_who_counts_nothing_passes_by_its_times_only(has_odds: bool) -> None:
    assert faults(probe(Server(counts=False, has_odds=has_odds))) == UNSURE
    timed = probe(Server(counts=False, has_odds=has_odds, is_timed=True))
    assert faults(timed) == PASS, timed
    slow = probe(Server(counts=False, has_odds=has_odds, is_timed=True, reuses=False))
    assert faults(slow) == ("skip", []), slow


def test_a_count_of_zero_hides_no_damage_from_the_times() -> None:
    found = probe(Server(off=2.0, claims_zero=True, is_timed=True, has_switch=True), bypass=True)
    assert faults(found) == CORRUPT, found


WAYS = {
    "bypass": Server(has_switch=True),
    "a field that is found": Server(has_switch=True),
    "salts": Server(salts=True),
    "pushed out": Server(entries=10),
    "two at once": Server(is_late=True),
}


def made(way: str, **traits: float | bool) -> Server:
    one = WAYS[way]
    return replace(one, chance=Random(0), _known=OrderedDict(), **traits)  # pyright: ignore


@pytest.mark.parametrize("way", WAYS)
def test_small_damage_is_found_where_the_noise_can_be_measured(way: str) -> None:
    sound, damaged = (probe(made(way, off=off), bypass=way == "bypass") for off in (0.0, 0.01))
    assert faults(sound) == PASS, sound
    assert sound.probe.evidence["noise"] == 0.0
    assert faults(damaged) == CORRUPT, damaged


@pytest.mark.parametrize("way", WAYS)
def test_the_limit_is_the_noise_of_this_server(way: str) -> None:
    noisy = probe(made(way, jitter=0.02, off=0.03), bypass=way == "bypass")
    assert faults(noisy) == PASS, noisy
    damaged = probe(made(way, jitter=0.002, off=0.5), bypass=way == "bypass")
    assert faults(damaged) == CORRUPT, damaged


@pytest.mark.parametrize("bypass", [False, True])
def test_a_server_that_is_all_noise_is_not_passed(bypass: bool) -> None:
    found = probe(Server(jitter=0.9, has_switch=bypass, salts=not bypass), bypass=bypass)
    assert faults(found) == UNSURE, found


def test_where_no_prompt_is_computed_anew_twice_only_what_no_rounding_does_is_a_fault() -> None:
    assert faults(probe(Server())) == PASS
    found = probe(Server(off=0.3))
    assert faults(found) == UNSURE, found
    assert "could not be measured" in found.probe.why
    assert faults(probe(Server(off=1.5))) == CORRUPT


@pytest.mark.parametrize("way", ["salts", "pushed out"])
def test_rounding_at_a_cut_is_no_damage(way: str) -> None:
    """As llama.cpp: the same each time, and a little else wherever a prompt is cut."""
    found = probe(made(way, off=0.01, off_from=100, is_rounding=True))
    assert faults(found) == UNSURE, found
    assert "rounding where a prompt is cut" in found.probe.why
    assert faults(probe(made(way, off=2.5, off_from=100, is_rounding=True))) == CORRUPT


@pytest.mark.parametrize("way", ["salts", "pushed out"])
def test_what_each_hit_is_off_by_alike_is_damage(way: str) -> None:
    """Near the start, so that short hits have it as well."""
    found = probe(made(way, off=0.01, off_from=100))
    assert faults(found) == CORRUPT, found


def test_a_token_that_is_among_the_likeliest_no_more_is_a_difference() -> None:
    class Other(Server):
        def __call__(self, prompt: Prompt, extra: Mapping[str, Json]) -> Said:
            found = super().__call__(prompt, extra)
            if (found.cached_tokens or 0) < self.off_from:
                return found
            likely = {"p": -0.1, "q": -2.5, "r": -3.5, "s": -4.5}
            return said(cached=found.cached_tokens, odds=(TokenOdds("p", -0.1, likely),))

    assert faults(probe(Other())) == CORRUPT


class Whole(Scripted):
    """As `mlx_lm.server`: log probabilities in answers that are not streamed."""

    async def ask(self, prompt: Prompt, *, stream: bool = True, **options: Any) -> Said:
        found = await super().ask(prompt, **options)
        if found.reply is None or not stream:
            return found
        return replace(found, reply=replace(found.reply, odds=()))


def test_log_probabilities_of_whole_answers_will_do() -> None:
    def whole(server: Server) -> Outcome:
        there = bench(server)
        there.speaker = Whole(server)
        return asyncio.run(c2_parity.run(there))

    sound, damaged = (whole(Server(entries=10, off=off)) for off in (0.0, 0.01))
    assert faults(sound) == PASS, sound
    assert sound.probe.evidence["compared"]
    assert faults(damaged) == CORRUPT, damaged


def test_texts_that_part_later_may_be_a_tie() -> None:
    class Tie(Server):
        def __call__(self, prompt: Prompt, extra: Mapping[str, Json]) -> Said:
            found = super().__call__(prompt, extra)
            is_warm = (found.cached_tokens or 0) > 100
            return said("one two" if is_warm else "one three", cached=found.cached_tokens)

    assert faults(probe(Tie(has_odds=False))) == UNSURE
    assert faults(probe(Server(off=2.0, has_odds=False))) == CORRUPT  # from the first word on
