"""Prompts of a wanted length, without a tokenizer."""

from __future__ import annotations

import pytest

from llmx.core.verify.prompts import Lengths, lengths_of, prompt_of, text_of


def test_a_seed_always_says_the_same_and_two_seeds_do_not() -> None:
    assert text_of("a", 200) == text_of("a", 200)
    assert text_of("a", 200).startswith(text_of("a", 110))  # ten whole sentences
    assert text_of("a", 20) != text_of("b", 20)
    assert len(text_of("a", 200).split()) == 200


def test_what_a_word_costs_is_learned_from_two_prompts() -> None:
    lengths = lengths_of((40, 110), (400, 650), has_system=True)
    assert (lengths.per_word, lengths.base) == (1.5, 50.0)  # 540 / 360; 110 - 60
    assert lengths.words(1024) == 649  # (1024 - 50) / 1.5
    assert lengths.words(16) == 0


def test_where_nothing_is_counted_a_usual_tokenizer_is_assumed() -> None:
    assert lengths_of((40, None), (400, None), has_system=False) == Lengths(has_system=False)
    assert not lengths_of((40, 0), (400, 0), has_system=True).is_measured


@pytest.mark.parametrize("many", [41, 100, 400 * 15])
def test_a_count_that_no_tokenizer_gives_makes_no_lengths(many: int) -> None:
    """One that hardly grows would ask for prompts of millions of words."""
    assert lengths_of((40, 40), (400, many), has_system=True) == Lengths()


def test_a_prompt_that_is_counted_far_shorter_is_cut() -> None:
    lengths = lengths_of((40, 110), (400, 650), has_system=True)  # 1.5 per word, and 50
    assert lengths.is_cut(1000, 1100)  # of 1,550
    assert not lengths.is_cut(1000, 1200)
    assert not lengths.is_cut(1000, None)
    assert not Lengths().is_cut(1000, 10)  # nothing is known


def test_the_nonce_is_first_with_and_without_a_system_message() -> None:
    system, user = prompt_of("nonce", "after", 10).messages
    assert str(system["content"]).startswith("nonce\n")
    assert str(user["content"]).startswith("after ")
    (only,) = prompt_of("nonce", "after", 10, has_system=False).messages
    assert str(only["content"]).startswith("nonce\n")
    assert str(only["content"]).endswith("after What comes next?")
