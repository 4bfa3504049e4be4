"""JSON is followed piece by piece exactly as the standard library reads it as a whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.parser.json_text import MAX_DEPTH, MAX_DIGITS, JsonScanner, is_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def is_read_by_json(text: str) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(constant)  # NaN and Infinity are no JSON

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@given(value=VALUES, indent=st.sampled_from([None, 1]), is_ascii=st.booleans())
def test_every_value_is_complete_with_its_last_character(
    value: object, indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    scanner = JsonScanner()
    for place, letter in enumerate(text):
        assert not scanner.is_complete
        assert scanner.feed(letter) == 1, text[: place + 1]
    scanner.end()
    assert (scanner.is_complete, scanner.is_wrong) == (True, False)


@given(text=st.text(alphabet='{}[]:,"\\ \n0123456789.-+eEtrufalsn/x', max_size=14))
def test_what_the_standard_library_refuses_is_refused(text: str) -> None:
    assert is_json(text) == is_read_by_json(text)


@given(text=st.text(alphabet='{}[]:," 01.-e', max_size=10))
def test_what_is_wrong_is_wrong_at_the_first_character_that_cannot_go_on(text: str) -> None:
    scanner = JsonScanner()
    at = scanner.feed(text)
    if scanner.is_wrong:
        longer = JsonScanner()
        assert longer.feed(text[: at + 1]) == at
        assert longer.is_wrong
        before = JsonScanner()
        before.feed(text[:at])
        assert not before.is_wrong


def test_what_clients_cannot_read_is_refused() -> None:
    assert is_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert not is_json("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert is_json("1" * MAX_DIGITS)
    assert not is_json("1" * (MAX_DIGITS + 1))


@pytest.mark.parametrize("text", ['{"a": 1}', ' {"a": 1} ', "{}"])
def test_an_object_is_told_from_other_values(text: str) -> None:
    assert is_json(text, "{")
    assert not is_json(f"[{text}]", "{")
    assert not is_json(text + text, "{")
