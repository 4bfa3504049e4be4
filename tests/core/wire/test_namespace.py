"""Who may share cached state: equal salt and equal keys, and nobody else."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from llmx.core.wire.namespace import DEFAULT, SHOWN, namespace, shown

SALTS = st.none() | st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable())
KEYS = st.frozensets(st.binary(min_size=1, max_size=8), max_size=3)


def test_who_names_neither_salt_nor_key_shares_with_all_who_name_none() -> None:
    assert namespace(None) == DEFAULT == namespace(None, [])


@given(SALTS, KEYS, SALTS, KEYS)
def test_two_requests_share_if_and_only_if_salt_and_keys_are_equal(
    salt: str | None, keys: frozenset[bytes], other_salt: str | None, other_keys: frozenset[bytes]
) -> None:
    is_same = (salt, keys) == (other_salt, other_keys)
    assert (namespace(salt, keys) == namespace(other_salt, other_keys)) is is_same


def test_texts_that_look_alike_when_joined_are_kept_apart() -> None:
    parts: list[tuple[str | None, list[bytes]]] = [
        ("ab", [b"c"]), ("a", [b"bc"]), ("abc", []), (None, [b"abc"]), ("a", [b"b", b"c"]),
        ("a", [b"b"]), ("-", []), (None, [b"-"]), (None, []),
    ]  # fmt: skip
    asked = [namespace(salt, keys) for salt, keys in parts]
    assert all(one != other for one, other in combinations(asked, 2))


def test_the_order_and_repetition_of_keys_do_not_matter() -> None:
    assert namespace("s", [b"a", b"b"]) == namespace("s", [b"b", b"a", b"a"])


def test_it_is_the_same_after_a_restart() -> None:
    assert namespace("salt", [b"key"]) == "95990ae7198a07e7ac4158188439e85b"


def test_what_is_shown_holds_neither_salt_nor_key() -> None:
    assert shown(DEFAULT) == "default"
    assert len(shown(namespace("s3cret", [b"key"]))) == SHOWN
    assert set(shown(namespace("s3cret", [b"key"]))) <= set("0123456789abcdef")
