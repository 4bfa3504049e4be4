"""Packed tokens: the fast common prefix is the naive one."""

from hypothesis import given
from hypothesis import strategies as st

from llmx.core.index.tokens import common_prefix, pack, token_count, unpack

tokens = st.lists(st.integers(0, 3), max_size=400)


def naive(a: list[int], b: list[int]) -> int:
    same = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        same += 1
    return same


@given(tokens)
def test_packing_loses_nothing(ids: list[int]) -> None:
    assert unpack(pack(ids)) == ids
    assert token_count(pack(ids)) == len(ids)


@given(tokens, tokens, tokens, tokens)
def test_the_common_prefix_is_the_naive_one(
    head: list[int], a: list[int], b: list[int], before: list[int]
) -> None:
    left, right = pack(head + a), pack(before + head + b)
    assert common_prefix(left, right, len(before)) == naive(head + a, head + b)


def test_a_single_changed_token_far_out_is_found() -> None:
    ids = list(range(100_000))
    for place in (0, 63, 64, 65, 4095, 99_999):
        other = list(ids)
        other[place] = -1
        assert common_prefix(pack(ids), pack(other)) == place


def test_ids_that_differ_in_one_byte_only_differ() -> None:
    assert common_prefix(pack([1, 2 << 24]), pack([1, 3 << 24])) == 1
