"""The policies in the real tree: what goes, what stays, and that the books hold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from llmx.core.index.policy import LRU, CostAware, Policy
from llmx.core.index.radix import Anchor, Node, Radix
from llmx.core.index.reuse import Kind, Seen, octave, youngest
from llmx.core.index.tokens import pack, token_count, unpack


@dataclass(frozen=True, slots=True)
class Bytes:
    """A payload of that many bytes a token."""

    tokens: int
    per_token: int = 1

    @property
    def nbytes(self) -> int:
        return self.tokens * self.per_token

    def split(self, at: int) -> tuple[Bytes, Bytes]:
        return Bytes(at, self.per_token), Bytes(self.tokens - at, self.per_token)

    def join(self, rest: Bytes) -> Bytes:
        return Bytes(self.tokens + rest.tokens, self.per_token)


Tree = Radix[Bytes, Anchor]
Tokens = tuple[int, ...]


def tree(policy: Policy[Node[Bytes, Anchor]]) -> Tree:
    return Radix(policy, clock=lambda: 0.0)


def ask(radix: Tree, tokens: Tokens, size: int) -> int:
    """One request, as the server serves it; how many tokens it hit."""
    key = pack(tokens)
    found = radix.match(key)
    if found.path:
        radix.hit(found.path, found.tokens)
    with radix.held(found.path):
        while radix.nbytes + token_count(key) - found.tokens > size and radix.evict():
            pass
        radix.insert(key, lambda start, end: Bytes(end - start))
    return found.tokens


def store(radix: Tree, tokens: Tokens, per_token: int = 1) -> None:
    radix.insert(pack(tokens), lambda start, end: Bytes(end - start, per_token))


def evicted(radix: Tree) -> list[list[int]]:
    return [unpack(gone.key) for gone in iter(radix.evict, None)]


class PolicyMachine(RuleBasedStateMachine):
    """Whatever happens to the tree, a policy names a leaf as long as there is one."""

    @initialize(is_lru=st.booleans(), attention=st.sampled_from([4.0, float("inf")]))
    def start(self, is_lru: bool, attention: float) -> None:
        self.radix = tree(LRU() if is_lru else CostAware(attention))

    tokens = st.lists(st.integers(0, 2), min_size=1, max_size=10).map(tuple)

    @rule(tokens=tokens, per_token=st.integers(0, 3))
    def insert(self, tokens: Tokens, per_token: int) -> None:
        store(self.radix, tokens, per_token)

    @rule(tokens=tokens)
    def look_up(self, tokens: Tokens) -> None:
        found = self.radix.match(pack(tokens))
        if found.path:
            self.radix.hit(found.path, found.tokens)

    @rule(tokens=tokens, size=st.integers(0, 40))
    def serve(self, tokens: Tokens, size: int) -> None:
        ask(self.radix, tokens, size)

    @rule(tokens=tokens)
    def cut(self, tokens: Tokens) -> None:
        self.radix.end_at(pack(tokens))

    @rule(tokens=tokens)
    def discard(self, tokens: Tokens) -> None:
        found = self.radix.match(pack(tokens))
        if found.path:
            self.radix.discard(found.path[-1])

    @rule()
    def evict(self) -> None:
        before = len(self.radix)
        assert (self.radix.evict() is None) == (before == 0)

    @rule()
    def clear(self) -> None:
        self.radix.clear()

    @invariant()
    def a_leaf_is_named(self) -> None:
        self.radix.check()


PolicyMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestPolicies = PolicyMachine.TestCase


def test_without_evidence_the_oldest_goes_as_with_lru_and_the_suffix_before_the_prefix() -> None:
    orders: list[list[list[int]]] = []
    for policy in (LRU[Node[Bytes, Anchor]](), CostAware[Node[Bytes, Anchor]]()):
        radix = tree(policy)
        for tokens in ((1, 2, 3), (1, 2, 4), (7, 8), (7, 8, 9)):
            store(radix, tokens)
        orders.append(evicted(radix))
    assert orders[0] == orders[1] == [[1, 2, 3], [1, 2, 4], [1, 2], [7, 8, 9], [7, 8]]


@pytest.mark.parametrize("scan", [20, 50], ids=["many short ones", "fewer, longer ones"])
def test_a_prefix_used_every_turn_outlives_ten_times_its_size_of_requests_used_once(
    scan: int,
) -> None:
    """100 tokens of a system prompt in a cache of 300; between two turns come 1,000 others."""
    survived: dict[str, list[bool]] = {}
    for name, policy in (
        ("LRU", LRU[Node[Bytes, Anchor]]()),
        ("policy", CostAware[Node[Bytes, Anchor]]()),
    ):
        radix, fresh = tree(policy), count(1000)
        system = tuple(range(100))
        new = lambda tokens, ids=fresh: tuple(next(ids) for _ in range(tokens))  # noqa: E731
        for _ in range(20):
            ask(radix, system + new(5), 300)
        hits: list[bool] = []
        for _ in range(40):
            for _ in range(1000 // scan):
                ask(radix, new(scan), 300)
            hits.append(ask(radix, system + new(5), 300) >= 100)
        survived[name] = hits
    assert all(survived["policy"])
    assert not any(survived["LRU"]), "the scan is too small to prove anything"


def test_a_prefix_that_nobody_uses_any_more_goes_when_others_are_used() -> None:
    radix, fresh = tree(CostAware()), count(1000)
    system = tuple(range(100))
    for turn in range(200):
        ask(radix, (*system, 200 + turn), 300)
    for _ in range(40):
        conversation: Tokens = ()
        for _ in range(6):
            conversation += tuple(next(fresh) for _ in range(10))
            ask(radix, conversation, 300)
    assert radix.match(pack(system)).tokens == 0


def test_storing_again_is_no_evidence_of_reuse() -> None:
    """A request stores several times; had it come back, its parts would be no scan any more."""
    once, often = tree(CostAware()), tree(CostAware())
    for start in range(0, 400, 10):
        prompt = tuple(range(start, start + 10))
        store(once, prompt)
        for end in (4, 7, 10):
            store(often, prompt[:end])
    last = tuple(range(390, 400))
    assert evicted(once)[-1] == list(last)
    assert evicted(often)[-1] == list(last[:4]), "the oldest first, the deepest of each first"


def test_what_costs_more_to_compute_per_byte_stays_longer() -> None:
    radix = tree(CostAware())
    store(radix, tuple(range(100)), per_token=1)  # older, and the same work in a tenth of the bytes
    store(radix, tuple(range(500, 600)), per_token=10)
    assert [key[0] for key in evicted(radix)] == [500, 0]


def test_with_attention_deep_tokens_cost_more() -> None:
    for attention, first in ((10.0, 900), (float("inf"), 0)):
        radix = tree(CostAware(attention))
        store(radix, tuple(range(100)))
        store(radix, (900, 901))
        assert evicted(radix)[0][0] == first


def test_the_abandoned_tail_of_an_edge_has_no_part_in_the_hit() -> None:
    """The lookup shares 2 of 4 tokens; the insert cuts the edge, and the other 2 are old."""
    radix = tree(CostAware())
    ask(radix, (1, 2, 3, 4), 100)
    ask(radix, (7, 8), 100)
    ask(radix, (1, 2, 5), 100)
    assert evicted(radix) == [[1, 2, 3, 4], [7, 8], [1, 2, 5], [1, 2]]


def test_a_title_request_goes_before_a_conversation_that_rests() -> None:
    """Children of the title prompt never come back; those of the system prompt do."""
    policy: CostAware[Node[Bytes, Anchor]] = CostAware()
    radix, fresh = tree(policy), count(1000)
    system, title = tuple(range(50)), tuple(range(100, 110))
    new = lambda tokens: tuple(next(fresh) for _ in range(tokens))  # noqa: E731
    for _ in range(60):
        conversation = system
        for _ in range(4):
            conversation += new(10)
            ask(radix, conversation, 400)
        ask(radix, title + new(20), 400)
    resting = system + new(10)
    ask(radix, resting, 400)
    ask(radix, resting + new(10), 400)
    for _ in range(10):
        ask(radix, title + new(20), 400)
    assert radix.match(pack(resting)).tokens == len(resting)


@pytest.mark.parametrize(("age", "place"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (1 << 40, 23)])
def test_an_age_stands_in_its_octave(age: int, place: int) -> None:
    assert octave(age) == place
    assert youngest(place) <= age


def test_where_nothing_was_seen_the_older_is_worth_less() -> None:
    for row in Seen().worth():
        assert row == sorted(row, reverse=True)
        assert row[-1] > 0


def test_what_comes_back_after_an_hour_is_worth_more_then_than_before() -> None:
    seen = Seen()
    for _ in range(2000):
        seen.add(Kind.REUSED, 0, 700, is_reused=True)
    worth = seen.worth()[Kind.REUSED]
    assert worth[octave(600)] > 2 * worth[octave(10)] > 0


def test_kinds_that_never_come_back_are_worth_less_than_others() -> None:
    seen = Seen()
    for _ in range(100):
        seen.add(Kind.NEW, 0, 6, is_reused=True)
        seen.add(Kind.BARREN, 0, 6, is_reused=False)
    worth = seen.worth()
    assert worth[Kind.BARREN][octave(4)] < worth[Kind.NEW][octave(4)] / 3


def test_watching_begins_when_it_becomes_a_candidate() -> None:
    """What stood inside the tree could not be evicted: that time says nothing."""
    early, late = Seen(), Seen()
    early.add(Kind.NEW, 0, 64, is_reused=False)
    late.add(Kind.NEW, 63, 64, is_reused=False)
    assert early.worth()[Kind.NEW][0] < late.worth()[Kind.NEW][0]
