"""C1 and C3 before models that repeat, forget or make up words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import pytest

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Outcome
from llmx.core.verify.probes import c1_canaries
from llmx.core.verify.probes.c1_canaries import SECRETS, words_of
from llmx.core.verify.prompts import WORDS
from llmx.core.verify.rank import p_rarer
from llmx.core.verify.workload import Prompt
from tests.core.verify.benches import bench, said


def test_a_secret_within_another_word_is_not_said() -> None:
    heard = words_of(said("I remember it: the Cedar-box by the lilacs, in September."))
    assert heard & {*SECRETS, "ember", "amber"} == {"cedar"}


def test_no_prompt_says_a_secret_by_itself() -> None:
    spoken = {*WORDS, "remember", "this", "the", "code", "word", "is", "what", "ok"}
    assert not [one for one in SECRETS if any(one in word for word in spoken)]
    assert len(set(SECRETS)) == len(SECRETS) >= 20


def replaying(key: Callable[[str, str], str]) -> Outcome:
    """C1 of a server whose answer hangs on that much of a prompt: its prefix, and its question."""
    known: list[str] = []

    def answer(prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        prefix, question = (str(prompt.messages[at]["content"]) for at in (0, -1))
        is_known, _ = prefix in known, known.append(prefix)
        words = Random(key(prefix, question)).choices(WORDS, k=8)
        return said(" ".join(words), cached=900 if is_known else 0)

    return asyncio.run(c1_canaries.run(bench(answer)))


def test_a_prefix_that_is_answered_by_replay_is_stale_though_the_model_cannot_copy() -> None:
    found = replaying(lambda prefix, question: prefix)
    assert [one.fault for one in found.findings] == ["STALE"], found
    assert "whatever was asked after it" in found.probe.why


@pytest.mark.parametrize(
    "key",
    [
        lambda prefix, question: prefix + question,
        lambda prefix, question: question,
        lambda prefix, question: "the same to all",
    ],
    ids=["by all", "by the question", "by nothing"],
)
def test_a_model_that_says_little_is_no_replay(key: Callable[[str, str], str]) -> None:
    found = replaying(key)
    assert (found.probe.status, found.findings) == ("skip", ()), found


Says = Callable[[str, int, Random], str]  # own secret, number of the nonce, chance: what is said


def model(says: Says, seed: int) -> Callable[[Prompt, Mapping[str, Json]], Said]:
    """Always the same words to the same prompt, warm or not, if `says` does not look at it."""

    def answer(prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        shown = " ".join(str(one["content"]) for one in prompt.messages)
        own = re.findall(r"code word is (\w+)", shown)
        nonce = re.findall(r"nonce-\d+-(\d+)", shown)
        if len(prompt.messages) < 4:
            return said("OK.")
        is_cold = bool(extra)
        return said(says(own[0], -1 if is_cold else int(nonce[0]), Random(f"{seed} {shown}")))

    return answer


def probe(says: Says, *, bypass: bool, seed: int = 0) -> Outcome:
    return asyncio.run(c1_canaries.run(bench(model(says, seed), bypass=bypass, seed=seed)))


@pytest.mark.parametrize("bypass", [False, True])
@pytest.mark.parametrize("accuracy", [0.95, 0.8, 0.5])
def test_a_weak_model_behind_a_right_cache_has_no_fault(accuracy: float, bypass: bool) -> None:
    def says(own: str, nonce: int, chance: Random) -> str:
        return own if chance.random() < accuracy else "I do not remember."

    found = [probe(says, bypass=bypass, seed=seed) for seed in range(40)]
    faults = [finding for one in found for finding in one.findings]
    assert len(faults) <= 1, faults  # the test without a bypass has an alpha


def test_a_model_that_makes_words_up_says_anothers_by_chance() -> None:
    def says(own: str, nonce: int, chance: Random) -> str:
        return own if chance.random() < 0.8 else chance.choice(SECRETS)

    found = [probe(says, bypass=False, seed=seed) for seed in range(40)]
    assert sum(len(one.findings) for one in found) <= 3


KNOWN = range(c1_canaries.TRIED, c1_canaries.TRIED + c1_canaries.CONVERSATIONS)  # their nonces


@pytest.mark.parametrize("bypass", [False, True])
def test_a_cache_that_loses_what_was_told_is_corrupt(bypass: bool) -> None:
    found = probe(lambda own, nonce, _: "hm" if nonce in KNOWN else own, bypass=bypass)
    assert [one.fault for one in found.findings] == ["CORRUPT"], found


def test_one_conversation_that_is_wrong_each_time_but_past_the_cache_is_enough() -> None:
    found = probe(lambda own, nonce, _: "hm" if nonce == KNOWN[3] else own, bypass=True)
    assert [one.fault for one in found.findings] == ["CORRUPT"], found
    found = probe(lambda own, nonce, _: "hm" if nonce == KNOWN[3] else own, bypass=False)
    assert (found.probe.status, found.findings) == ("inconclusive", ()), found


def test_a_salt_that_works_is_a_way_past_the_cache() -> None:
    weak = model(lambda own, nonce, _: "hm" if nonce == KNOWN[3] else own, 0)

    def answer(prompt: Prompt, extra: Mapping[str, Json]) -> Said:
        return replace(weak(prompt, extra), cached_tokens=0 if extra else 900)

    found = asyncio.run(c1_canaries.run(bench(answer)))
    assert [one.fault for one in found.findings] == ["CORRUPT"], found


@pytest.mark.parametrize("bypass", [False, True])
def test_anothers_secret_is_stale_as_a_whole_word_only(bypass: bool) -> None:
    told: list[str] = []

    def saying(form: str) -> Says:
        def says(own: str, nonce: int, _: Random) -> str:
            if nonce in KNOWN:
                told.append(own)
            return f"It is {form.format(told[0])}." if nonce == KNOWN[4] else own

        return says

    found = probe(saying("{}"), bypass=bypass)
    assert [one.fault for one in found.findings] == ["STALE"], found
    told.clear()
    found = probe(saying("x{}x"), bypass=False)
    assert not found.findings, found


def test_how_likely_so_few_right_ones_are() -> None:
    assert p_rarer(0, 3, 3, 3) == pytest.approx(1 / 20)
    assert p_rarer(3, 3, 0, 3) == 1.0
    assert p_rarer(1, 2, 1, 2) == pytest.approx(5 / 6)
    assert p_rarer(0, 0, 0, 0) == 1.0
