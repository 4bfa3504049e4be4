"""The nearest predecessor: the longest chain of equal segments, then of equal bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmx.core.analysis.lineage import Lineage, Nearest, common_prefix, common_suffix
from llmx.core.analysis.segments import Splitter
from tests.core.trace.records import chat


def grow(*bodies: bytes) -> list[Nearest | None]:
    lineage, splitter = Lineage(), Splitter()
    return [lineage.add(n, "m", splitter.split_chat(body), None) for n, body in enumerate(bodies)]


def test_the_line_before_is_not_the_predecessor_when_conversations_interleave() -> None:
    found = grow(
        chat(("system", "one"), ("user", "a")),
        chat(("system", "two"), ("user", "b")),
        chat(("system", "one"), ("user", "a"), ("assistant", "x"), ("user", "c")),
        chat(("system", "two"), ("user", "b"), ("assistant", "y"), ("user", "d")),
    )
    assert [None if one is None else (one.number, one.at, one.offset) for one in found] == [
        None, None, (0, 2, 0), (1, 2, 0),
    ]  # fmt: skip


def test_among_equal_chains_the_most_equal_bytes_decide() -> None:
    found = grow(
        chat(("system", "s"), ("user", "abcd")),
        chat(("system", "s"), ("user", "abXX")),
        chat(("system", "s"), ("user", "zzzz")),
        chat(("system", "s"), ("user", "abcY")),
    )
    assert found[3] == Nearest(0, 1, 3)


def test_a_repeat_is_found_whole() -> None:
    found = grow(*[chat(("system", "s"), ("user", "a"))] * 3)
    assert found == [None, Nearest(0, 2, 0), Nearest(1, 2, 0)]


def test_models_do_not_share_a_cache() -> None:
    lineage, prompt = Lineage(), Splitter().split_chat(chat(("user", "a")))
    assert lineage.add(0, "one", prompt, None) is None
    assert lineage.add(1, "two", prompt, None) is None


def test_the_answer_of_the_predecessor_counts_as_known() -> None:
    lineage, splitter = Lineage(), Splitter()
    lineage.add(0, "m", splitter.split_chat(chat(("user", "a"))), b"answer")
    longer = splitter.split_chat(chat(("user", "a"), ("assistant", "answer"), ("user", "b")))
    assert lineage.add(1, "m", longer, None) == Nearest(0, 1, 0, answered=6)


letters = st.lists(st.sampled_from(["a", "ab", "abc", "b", ""]), min_size=1, max_size=4)


@given(st.lists(letters, min_size=1, max_size=12))
def test_it_finds_what_comparing_with_every_earlier_prompt_finds(texts: list[list[str]]) -> None:
    splitter = Splitter()
    prompts = [splitter.split_chat(chat(*[("user", part) for part in text])) for text in texts]
    lineage = Lineage()
    for number, prompt in enumerate(prompts):
        nearest = lineage.add(number, "m", prompt, None)
        best = (0, 0)
        for other in prompts[:number]:
            pairs = list(zip(prompt.segments, other.segments, strict=False))
            at = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
            offset = common_prefix(pairs[at][0].data, pairs[at][1].data) if at < len(pairs) else 0
            best = max(best, (at, offset))
        assert (0, 0) if nearest is None else (nearest.at, nearest.offset) == best


@given(st.binary(max_size=40), st.binary(max_size=20), st.binary(max_size=20))
def test_common_prefix_and_suffix_are_those_of_a_byte_by_byte_look(
    same: bytes, a: bytes, b: bytes
) -> None:
    def naive(x: bytes, y: bytes) -> int:
        return next(
            (i for i, (p, q) in enumerate(zip(x, y, strict=False)) if p != q), min(len(x), len(y))
        )

    assert common_prefix(same + a, same + b) == naive(same + a, same + b)
    assert common_suffix(a + same, b + same) == naive((a + same)[::-1], (b + same)[::-1])
