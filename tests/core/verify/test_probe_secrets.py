"""C1 and C3 before models that repeat, forget or make up words."""

from __future__ import annotations

from llmx.core.verify.probes.c1_canaries import SECRETS, words_of
from llmx.core.verify.prompts import WORDS
from tests.core.verify.benches import said


def test_a_secret_within_another_word_is_not_said() -> None:
    heard = words_of(said("I remember it: the Cedar-box by the lilacs, in September."))
    assert heard & {*SECRETS, "ember", "amber"} == {"cedar"}


def test_no_prompt_says_a_secret_by_itself() -> None:
    spoken = {*WORDS, "remember", "this", "the", "code", "word", "is", "what", "ok"}
    assert not [one for one in SECRETS if any(one in word for word in spoken)]
    assert len(set(SECRETS)) == len(SECRETS) >= 20
