"""The memory of prompts: the longest common beginning, and a bound in bytes."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.prompt.encoder import Encoded
from llmx.core.prompt.memory import Known, PromptMemory, common_prefix
from llmx.core.prompt.places import Places


def known(text: str) -> Known:
    encoded = Encoded((), b"", array("i"), array("i"), array("i"), len(text))
    return Known(text, encoded, Places((), None))


def remember(memory: PromptMemory, *texts: str) -> None:
    for text in texts:
        memory.add(known(text), memory.find(text))


@given(
    st.text("ab\u00e9\U0001f331", max_size=3000), st.integers(0, 3000), st.text("ab", max_size=5)
)
def test_a_common_prefix_is_found_to_the_character(text: str, cut: int, after: str) -> None:
    other = text[:cut] + after
    common = common_prefix(text, other)
    assert text[:common] == other[:common]
    assert common in (len(text), len(other)) or text[common] != other[common]


@given(st.lists(st.text("ab", max_size=12), max_size=8, unique=True), st.text("ab", max_size=12))
def test_the_longest_common_beginning_is_found(texts: list[str], text: str) -> None:
    memory = PromptMemory()
    for each in texts:
        memory.add(known(each), None)
    match = memory.find(text)
    longest = max((common_prefix(each, text) for each in texts), default=0)
    assert (0 if match is None else match.common) == longest


def test_what_a_prompt_goes_on_from_gives_way_to_it() -> None:
    memory = PromptMemory()
    system = "s" * 5000
    remember(memory, system + "one", system + "one, two", system + "other")
    assert len(memory) == 1  # the three differ by a few characters
    remember(memory, system + "x" * 5000, system + "y" * 5000)
    assert len(memory) == 2


def test_the_least_recently_used_goes_when_the_bytes_are_full() -> None:
    texts = [letter * 1000 for letter in "abcd"]
    memory = PromptMemory(3 * known(texts[0]).nbytes)
    remember(memory, *texts[:3], texts[0], texts[3])
    assert memory.nbytes == 3 * known(texts[0]).nbytes
    found = [memory.find(text) for text in texts]
    assert [match is not None for match in found] == [True, False, True, True]


@pytest.mark.parametrize("limit", [0, 1000])
def test_what_exceeds_the_limit_alone_is_not_kept(limit: int) -> None:
    memory = PromptMemory(limit)
    remember(memory, "a" * 2000)
    assert (len(memory), memory.nbytes) == (0, 0)
