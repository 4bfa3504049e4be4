"""An edge-compressed radix tree over tokens whose edges own what is stored, in true LRU order.

    root ── sys+tools (9,000) ──┬── question 1 + answer 1 ── question 2
                                └── question 1b

A common prefix exists once. An edge carries one payload for its own tokens only, and splitting an
edge splits the payload. The tree knows nothing about what a payload is.

LRU: every use touches its whole path, the suffix before the prefix, so an ancestor is always more
recent than its descendants and the least recent node is always a leaf (`_order` needs no search).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, Protocol, Self, TypeVar

from llmx.core.index.tokens import TOKEN_BYTES, common_prefix, token_count


class Payload(Protocol):
    """What an edge owns. It covers exactly the tokens of its edge."""

    @property
    def nbytes(self) -> int: ...

    def split(self, at: int) -> tuple[Self, Self]:
        """Two payloads for the first `at` tokens and the rest; neither keeps the other alive."""
        ...


P = TypeVar("P", bound=Payload)
_ids = count(1)


@dataclass(eq=False, slots=True)
class Node(Generic[P]):
    """One edge and what it owns. `start` is the depth in tokens at which the edge begins."""

    start: int
    edge: bytes
    payload: P
    parent: Node[P] | None
    used_at: float  # monotonic
    children: dict[bytes, Node[P]] = field(default_factory=dict)
    id: int = field(init=False, default_factory=_ids.__next__)
    nbytes: int = field(init=False)  # as counted when stored: the books never depend on damage

    def __post_init__(self) -> None:
        self.nbytes = self.payload.nbytes

    @property
    def tokens(self) -> int:
        return token_count(self.edge)

    @property
    def end(self) -> int:
        return self.start + self.tokens


@dataclass(frozen=True, slots=True)
class Match(Generic[P]):
    """The longest common prefix of a key with anything stored."""

    tokens: int
    path: tuple[Node[P], ...]  # root first; only the last may be matched in part
    diverged: bool  # False: the match ended where the stored sequence itself ends


@dataclass(frozen=True, slots=True)
class Evicted:
    key: bytes  # the whole path of the evicted edge
    tokens: int  # of the edge alone
    nbytes: int


class Radix(Generic[P]):
    """Not thread-safe: it belongs to one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._top: dict[bytes, Node[P]] = {}
        self._order: OrderedDict[Node[P], None] = OrderedDict()  # least recently used first
        self.nbytes = 0
        self.tokens = 0

    def __len__(self) -> int:
        return len(self._order)

    def match(self, key: bytes, *, touch: bool = True) -> Match[P]:
        """Walk as far as `key` goes; no stored prefix can hide a longer one."""
        path: list[Node[P]] = []
        depth, children, total = 0, self._top, token_count(key)
        while depth < total:
            node = children.get(_token_at(key, depth))
            if node is None:
                break
            shared = common_prefix(node.edge, key, depth)
            path.append(node)
            depth += shared
            if shared < node.tokens:
                break
            children = node.children
        if touch:
            self._touch(path)
        inside = bool(path) and depth < path[-1].end
        diverged = depth < total and (inside or bool(children))
        return Match(depth, tuple(path), diverged)

    def insert(self, key: bytes, make: Callable[[int, int], P | None]) -> int:
        """Store `key`; `make(start, end)` gives the payload of the part that is new.

        Returns the number of tokens added: 0 where all are there, or where `make` declines with
        None. `make` must not change the tree. The key's whole path becomes the most recent.
        """
        found = self.match(key)
        total = token_count(key)
        if found.tokens == total:
            return 0
        payload = make(found.tokens, total)
        if payload is None:
            return 0
        parent = found.path[-1] if found.path else None
        if parent is not None and found.tokens < parent.end:
            parent = self._split(parent, found.tokens - parent.start)
        edge = key[found.tokens * TOKEN_BYTES :]
        leaf = Node(found.tokens, edge, payload, parent, self._clock())
        self._children_of(parent)[_token_at(edge, 0)] = leaf
        self._order[leaf] = None
        self.nbytes += leaf.nbytes
        self.tokens += leaf.tokens
        self._touch(self._path_to(leaf))
        return leaf.tokens

    def evict(self) -> Evicted | None:
        """Drop the least recently used edge, which is a leaf; None where the tree is empty."""
        if not self._order:
            return None
        leaf, _ = self._order.popitem(last=False)
        key = b"".join(node.edge for node in self._path_to(leaf))
        del self._children_of(leaf.parent)[_token_at(leaf.edge, 0)]
        self.nbytes -= leaf.nbytes
        self.tokens -= leaf.tokens
        return Evicted(key, leaf.tokens, leaf.nbytes)

    def discard(self, node: Node[P]) -> int:
        """Drop one edge with all that hangs on it; the bytes that were freed."""
        del self._children_of(node.parent)[_token_at(node.edge, 0)]
        freed, stack = 0, [node]
        while stack:
            gone = stack.pop()
            stack.extend(gone.children.values())
            del self._order[gone]
            freed += gone.nbytes
            self.tokens -= gone.tokens
        self.nbytes -= freed
        return freed

    def clear(self) -> int:
        """Drop everything; the bytes that were freed."""
        freed = self.nbytes
        self._top.clear()
        self._order.clear()
        self.nbytes = self.tokens = 0
        return freed

    def newest_first(self) -> Iterator[Node[P]]:
        return reversed(self._order)

    def _split(self, node: Node[P], at: int) -> Node[P]:
        """Cut `node` after `at` tokens; returns the new upper half, which takes its place."""
        head, tail = node.payload.split(at)
        upper = Node(node.start, node.edge[: at * TOKEN_BYTES], head, node.parent, node.used_at)
        self._children_of(node.parent)[_token_at(node.edge, 0)] = upper
        self.nbytes += head.nbytes + tail.nbytes - node.nbytes
        node.start += at
        node.edge = node.edge[at * TOKEN_BYTES :]
        node.payload, node.nbytes = tail, tail.nbytes
        node.parent = upper
        upper.children[_token_at(node.edge, 0)] = node
        self._order[upper] = None  # the caller touches it: an ancestor is the more recent one
        return upper

    def _children_of(self, node: Node[P] | None) -> dict[bytes, Node[P]]:
        return self._top if node is None else node.children

    def _path_to(self, node: Node[P]) -> list[Node[P]]:
        path: list[Node[P]] = []
        step: Node[P] | None = node
        while step is not None:
            path.append(step)
            step = step.parent
        path.reverse()
        return path

    def _touch(self, path: list[Node[P]]) -> None:
        now = self._clock()
        for node in reversed(path):
            node.used_at = now
            self._order.move_to_end(node)

    def check(self) -> None:
        """Raise AssertionError where an invariant is broken; for tests and self-checks."""
        seen, nbytes, tokens = 0, 0, 0
        rank = {node: place for place, node in enumerate(self._order)}
        stack: list[tuple[Node[P], Node[P] | None]] = [(n, None) for n in self._top.values()]
        while stack:
            node, parent = stack.pop()
            assert node.parent is parent, "a node's parent is not where it hangs"
            assert node.start == (parent.end if parent else 0), "a gap before a node"
            assert node.tokens > 0, "an empty edge"
            assert parent is None or rank[parent] > rank[node], "a suffix outlives its prefix"
            seen, nbytes, tokens = seen + 1, nbytes + node.nbytes, tokens + node.tokens
            for first, child in node.children.items():
                assert first == _token_at(child.edge, 0), "a child under a wrong first token"
                stack.append((child, node))
        assert seen == len(self._order), "a node in the order hangs nowhere"
        assert (nbytes, tokens) == (self.nbytes, self.tokens), "the books are wrong"


def _token_at(key: bytes, index: int) -> bytes:
    return key[index * TOKEN_BYTES : (index + 1) * TOKEN_BYTES]
