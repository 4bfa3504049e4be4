"""Stop strings: the same text goes out however the stream is cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.parser.stop import StopScanner

LETTERS = st.text(alphabet="ab", max_size=24)
STOPS = st.lists(st.text(alphabet="ab", min_size=1, max_size=5), max_size=4).map(tuple)


def naive(text: str, stops: tuple[str, ...]) -> tuple[str, str | None]:
    """Look at every beginning of the text: the first that ends with a stop string ends it."""
    for end in range(len(text) + 1):
        ending = [stop for stop in stops if text[:end].endswith(stop)]
        if ending:
            longest = max(ending, key=len)
            return text[: end - len(longest)], longest
    return text, None


@given(text=LETTERS, stops=STOPS, data=st.data())
def test_every_cut_gives_what_the_naive_search_gives(
    text: str, stops: tuple[str, ...], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    places = [0, *cuts, len(text)]
    scanner = StopScanner(stops)
    sent = "".join(scanner.feed(text[a:b]) for a, b in itertools.pairwise(places))
    matched = scanner.matched
    assert (sent + scanner.finish(), matched) == naive(text, stops)


@given(text=LETTERS, stops=STOPS)
def test_no_more_is_held_back_than_a_stop_string_could_begin_with(
    text: str, stops: tuple[str, ...]
) -> None:
    scanner = StopScanner(stops)
    sent = "".join(scanner.feed(letter) for letter in text)
    if scanner.matched is None:
        held = text[len(sent) :]
        assert held == "" or any(s.startswith(held) and s != held for s in stops)
        assert scanner.finish() == held


def test_nothing_is_passed_on_after_a_match() -> None:
    scanner = StopScanner(("END",))
    assert [scanner.feed(t) for t in ("one E", "ND two", "three")] == ["one ", "", ""]
    assert scanner.matched == "END"
    assert scanner.finish() == ""


@pytest.mark.parametrize("stops", [(), ("",)])
def test_without_stop_strings_everything_is_passed_on_at_once(stops: tuple[str, ...]) -> None:
    scanner = StopScanner(stops)
    assert [scanner.feed("a"), scanner.feed("b"), scanner.finish()] == ["a", "b", ""]
