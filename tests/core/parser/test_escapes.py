"""Half characters in the arguments of calls become U+FFFD, wherever the text is cut."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.escapes import WholeCharacters
from tests.parsing import play, prepared, tool

CASES = {
    r'{"a":"\ud800 text"}': "\ufffd text",
    r'{"a":"\uDC00\ud83d\uDE00"}': "\ufffd😀",
    r'{"a":"\ud83d\ud83d\ude00\ud83d"}': "\ufffd😀\ufffd",
    r'{"a":"\\ud800\n\u00e9"}': "\\ud800\né",
    r'{"a":"\\\ud800\\"}': "\\\ufffd\\",
}


@pytest.mark.parametrize("text", CASES)
@given(at=st.lists(st.integers(0, 40), max_size=4))
def test_half_a_character_is_replaced_and_a_whole_one_is_not(text: str, at: list[int]) -> None:
    characters = WholeCharacters()
    places = [0, *sorted(at), len(text)]
    parts = [characters.feed(text[a:b]) for a, b in pairwise(places)]
    told = "".join([*parts, characters.finish()])
    assert json.loads(told) == {"a": CASES[text]}
    json.dumps(json.loads(told), ensure_ascii=False).encode()


def test_what_holds_no_half_is_told_as_it_is_and_at_once() -> None:
    text = r'{"a":"\u00e9\\\"\u12'
    assert WholeCharacters().feed(text) == text
    characters = WholeCharacters()
    assert (characters.feed(r"x\ud8"), characters.finish()) == ("x", r"\ud8")


@pytest.mark.parametrize("constrained", [False, True])
def test_a_call_is_told_with_whole_characters(constrained: bool) -> None:
    said = r'<tool_call>{"name": "put", "arguments": {"a": "\ud800 text"}}</tool_call>'
    asked = prepared([tool("put", a={"type": "string"})], constrained=constrained)
    outcome = play(FAMILIES["hermes"], [said.encode()], asked)
    assert outcome.calls == [("put", r'{"a": "\ufffd text"}')]
