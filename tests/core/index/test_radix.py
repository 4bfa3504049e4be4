"""The radix against a model of it: a set of stored sequences and their order of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from llmx.core.index.ghosts import Ghosts
from llmx.core.index.radix import Radix
from llmx.core.index.tokens import pack, unpack

BYTES_A_TOKEN = 10
STATE_BYTES = 7
TAIL = 3  # tokens that a state holds at most


@dataclass(frozen=True)
class Rows:
    """A payload that knows which tokens it stands for, so a wrong split cannot hide."""

    tokens: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        return len(self.tokens) * BYTES_A_TOKEN

    def split(self, at: int) -> tuple[Rows, Rows]:
        return Rows(self.tokens[:at]), Rows(self.tokens[at:])

    def join(self, rest: Rows) -> Rows:
        return Rows(self.tokens + rest.tokens)


@dataclass(frozen=True)
class State:
    """An anchor that holds the last tokens of its edge and knows where it is valid."""

    tail: tuple[int, ...]
    whole: bool = True  # False: the rest that a cut left above

    @property
    def nbytes(self) -> int:
        return len(self.tail) * STATE_BYTES

    def split(self, below: int) -> tuple[State | None, State]:
        kept = min(below, len(self.tail))
        cut = len(self.tail) - kept
        return State(self.tail[:cut], whole=False) if cut else None, State(self.tail[cut:])


Tree = Radix[Rows, State]


def insert(radix: Radix[Rows, Any], tokens: tuple[int, ...], space: str = "") -> int:
    return radix.insert(pack(tokens), lambda start, end: Rows(tokens[start:end]), space)


def stored_tokens(radix: Tree, tokens: tuple[int, ...]) -> tuple[int, ...]:
    found = radix.match(pack(tokens))
    held = tuple(token for node in found.path for token in node.payload.tokens)
    return held[: found.tokens]


def common(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    length = 0
    while length < min(len(a), len(b)) and a[length] == b[length]:
        length += 1
    return length


sequences = st.lists(st.integers(0, 2), min_size=1, max_size=12).map(tuple)


class RadixMachine(RuleBasedStateMachine):
    """Random interleavings of insert, match, evict and a request that was cancelled half-way."""

    def __init__(self) -> None:
        super().__init__()
        self.radix: Tree = Radix()
        self.stored: set[tuple[int, ...]] = set()  # every prefix that the tree must hold

    def longest(self, tokens: tuple[int, ...]) -> int:
        return max((common(tokens, kept) for kept in self.stored), default=0)

    @rule(tokens=sequences)
    def insert(self, tokens: tuple[int, ...]) -> None:
        before = self.longest(tokens)
        assert insert(self.radix, tokens) == len(tokens) - before
        self.stored.add(tokens)

    @rule(tokens=sequences, reached=st.integers(1, 12))
    def cancel_half_way(self, tokens: tuple[int, ...], reached: int) -> None:
        """A cancelled request stores what it has: a prefix of its prompt."""
        insert(self.radix, tokens[:reached])
        self.stored.add(tokens[:reached])

    @rule(tokens=sequences)
    def anchor(self, tokens: tuple[int, ...]) -> None:
        """A state is put where a stored sequence is cut, wherever that is."""
        node = self.radix.end_at(pack(tokens))
        assert (node is None) == (self.longest(tokens) < len(tokens))
        if node is not None:
            assert node.end == len(tokens)
            edge = unpack(node.edge)
            self.radix.set_anchor(node, State(tuple(edge[-TAIL:])))

    @rule(tokens=sequences)
    def decline(self, tokens: tuple[int, ...]) -> None:
        """A payload that could not be made leaves the tree as it was."""
        nodes = len(self.radix)
        assert self.radix.insert(pack(tokens), lambda start, end: None) == 0
        assert len(self.radix) == nodes

    @rule(tokens=sequences)
    def match(self, tokens: tuple[int, ...]) -> None:
        found = self.radix.match(pack(tokens))
        self.radix.hit(found.path, found.tokens)
        assert found.tokens == self.longest(tokens), "a stored prefix hid a longer one"
        assert stored_tokens(self.radix, tokens) == tokens[: found.tokens], "payload of others"

    @precondition(lambda self: len(self.radix) > 0)
    @rule()
    def evict(self) -> None:
        gone = self.radix.evict()
        assert gone is not None
        assert gone.nbytes >= gone.tokens * BYTES_A_TOKEN
        path = tuple(unpack(gone.key))
        kept = len(path) - gone.tokens
        self.stored = {s[:kept] if common(s, path) > kept else s for s in self.stored} - {()}

    @precondition(lambda self: len(self.radix) > 0)
    @rule(tokens=sequences)
    def discard(self, tokens: tuple[int, ...]) -> None:
        found = self.radix.match(pack(tokens))
        if found.path:
            node = found.path[-1]
            freed, before = self.radix.discard(node), self.radix.nbytes
            assert freed > 0
            assert before == self.radix.nbytes
            self.stored = {
                s[: node.start] if common(s, tokens) > node.start else s for s in self.stored
            } - {()}

    @invariant()
    def nothing_dangles(self) -> None:
        self.radix.check()
        states = 0
        for node in self.radix:
            if node.anchor is not None:
                tail = node.anchor.tail
                assert tuple(unpack(node.edge))[-len(tail) :] == tail, "a state of another place"
                states += node.anchor.nbytes
        assert self.radix.nbytes == self.radix.tokens * BYTES_A_TOKEN + states


RadixMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestRadix = RadixMachine.TestCase


def test_a_short_stored_prefix_does_not_hide_a_longer_one_of_another_entry() -> None:
    radix: Tree = Radix()
    insert(radix, (1, 2, 3, 4, 5, 6))
    insert(radix, (1, 2))
    insert(radix, (1, 2, 9))
    assert radix.match(pack((1, 2, 3, 4, 7))).tokens == 4


def test_a_common_prefix_exists_once() -> None:
    radix: Tree = Radix()
    system = tuple(range(1000))
    for question in range(30):
        insert(radix, (*system, 5000 + question, 1, 2))
    assert radix.tokens == 1000 + 30 * 3


def test_a_hit_keeps_its_whole_path_and_the_suffix_goes_before_the_prefix() -> None:
    radix: Tree = Radix()
    insert(radix, (1, 2, 3))
    insert(radix, (1, 2, 4))
    insert(radix, (7, 8))
    radix.hit(radix.match(pack((1, 2, 3))).path, 3)
    order = [unpack(gone.key) for gone in iter(radix.evict, None)]
    assert order == [[1, 2, 4], [7, 8], [1, 2, 3], [1, 2]]


@pytest.mark.parametrize(
    ("asked", "diverged"),
    [((1, 2, 3, 4), False), ((1, 2, 3, 9), True), ((1, 2, 9), True), ((1, 2, 3, 4, 5), False)],
)
def test_a_match_tells_a_divergence_from_the_end_of_what_is_stored(
    asked: tuple[int, ...], diverged: bool
) -> None:
    radix: Tree = Radix()
    insert(radix, (1, 2, 3, 4))
    assert radix.match(pack(asked)).diverged is diverged


def test_a_sequence_that_grew_by_small_steps_can_be_joined_to_a_few_edges() -> None:
    radix: Tree = Radix()
    tokens = tuple(range(3000))
    for end in range(3, 3000, 3):
        insert(radix, tokens[:end])
        radix.join_upwards(radix.match(pack(tokens[:end])).path[-1])
    found = radix.match(pack(tokens))
    assert (found.tokens, len(found.path) < 12) == (2997, True)
    assert stored_tokens(radix, tokens) == tokens[:2997]
    radix.check()


def test_what_parts_or_can_be_restored_is_not_joined() -> None:
    radix: Tree = Radix()
    insert(radix, (1, 2, 3))
    node = radix.end_at(pack((1, 2, 3)))
    assert node is not None
    radix.set_anchor(node, State((2, 3)))
    insert(radix, (1, 2, 3, 4, 5, 6))
    insert(radix, (1, 2, 3, 4, 5, 6, 7, 8))
    radix.join_upwards(radix.match(pack((1, 2, 3, 4, 5, 6, 7, 8))).path[-1])
    path = radix.match(pack((1, 2, 3, 4, 5, 6, 7, 8))).path
    assert [one.end for one in path] == [3, 8]
    insert(radix, (1, 2, 9))
    radix.join_upwards(path[-1])
    assert [one.end for one in radix.match(pack((1, 2, 3, 4, 5, 6, 7, 8))).path] == [2, 3, 8]


def test_namespaces_share_nothing_but_the_order_of_eviction() -> None:
    radix: Tree = Radix()
    insert(radix, (1, 2, 3), "a")
    insert(radix, (1, 2, 3, 4), "b")
    assert radix.match(pack((1, 2, 3, 4)), "a").tokens == 3
    assert radix.match(pack((1, 2, 3, 4))).tokens == 0
    assert [gone.space for gone in iter(radix.evict, None)] == ["a", "b"]
    assert radix.spaces == ()


def test_a_cut_leaves_a_state_where_it_is_valid() -> None:
    radix: Tree = Radix()
    insert(radix, (1, 2, 3, 4, 5))
    whole = radix.end_at(pack((1, 2, 3, 4, 5)))
    assert whole is not None
    radix.set_anchor(whole, State((3, 4, 5)))
    upper = radix.end_at(pack((1, 2, 3, 4)))
    assert upper is not None
    assert upper.anchor == State((3, 4), whole=False)
    assert whole.anchor == State((5,))
    assert (whole.start, whole.end, whole.parent) == (4, 5, upper)


def test_ghosts_remember_what_went_and_why_and_stay_bounded() -> None:
    ghosts = Ghosts(max_tokens=2 * 128 + 10)  # two nodes and their tokens
    ghosts.add(pack((1, 2, 3, 4)), "", "expired")
    assert ghosts.match(pack((1, 2, 3, 9)), "") == (3, "expired")
    assert ghosts.match(pack((1, 2, 3, 9)), "other") == (0, None)
    ghosts.add(pack((5, 6, 7, 8)), "", "evicted")
    ghosts.add(pack((9, 9, 9, 9)), "", "evicted")
    assert ghosts.match(pack((1, 2, 3, 4)), "") == (0, None), "the oldest is forgotten first"
    assert ghosts.match(pack((9, 9, 9, 9)), "") == (4, "evicted")


def test_what_goes_once_more_goes_for_the_latest_cause_and_is_remembered_longer() -> None:
    ghosts = Ghosts(max_tokens=2 * 128 + 10)
    ghosts.add(pack((1, 2, 3)), "", "not_stored_policy")
    ghosts.add(pack((5, 6, 7)), "", "evicted")
    ghosts.add(pack((1, 2, 3)), "", "evicted")
    assert ghosts.match(pack((1, 2, 3)), "") == (3, "evicted")
    ghosts.add(pack((8, 8)), "", "evicted")
    assert ghosts.match(pack((5, 6, 7)), "") == (0, None)
    assert ghosts.match(pack((1, 2, 3)), "") == (3, "evicted")
