"""What goes first when the cache is full. It sees nodes of the tree, and none of their data.

`LRU` is the baseline, `CostAware` what the server uses; `docs/eviction.md` compares them.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from llmx.core.index.reuse import Kind, Seen, octave, youngest


class Item(Protocol):
    """A node of the tree, as far as a policy may look."""

    @property
    def nbytes(self) -> int:
        """What dropping it frees."""
        ...

    @property
    def start(self) -> int:
        """The first token position it covers; recomputing deep positions costs more."""
        ...

    @property
    def end(self) -> int: ...


I = TypeVar("I", bound=Item)  # noqa: E741


class Policy(Protocol[I]):
    """Told of every change of the tree. Leaves are the candidates: suffix before prefix."""

    def add(self, item: I) -> None:
        """Newly stored, a leaf."""
        ...

    def split(self, upper: I, lower: I) -> None:
        """`lower`, known already, was cut; `upper` is new, has `lower` as its only child."""
        ...

    def hit(self, path: Sequence[I], end: int) -> None:
        """A request's lookup restored its first `end` tokens through this path, root first."""
        ...

    def stored(self, path: Sequence[I]) -> None:
        """An insert ended here: the whole path of its key. No evidence that it will be asked for.

        A request stores several times, which must not look as though it came back.
        """
        ...

    def remove(self, item: I) -> None: ...

    def opened(self, item: I) -> None:
        """It lost its last child: it is a candidate now."""
        ...

    def closed(self, item: I) -> None:
        """It got its first child: it is no candidate any more."""
        ...

    def victim(self) -> I | None:
        """The candidate to evict next, which stays known until `remove`."""
        ...


class LRU(Generic[I]):
    """Least recently used first.

    Every use touches its whole path, the suffix before the prefix, so an ancestor is more recent
    than its descendants and the search for the oldest leaf ends at the first items of the order.
    """

    def __init__(self) -> None:
        self._order: OrderedDict[I, None] = OrderedDict()  # all items, least recently used first
        self._inner: set[I] = set()  # of these, the ones that have children

    def add(self, item: I) -> None:
        self._order[item] = None

    def split(self, upper: I, lower: I) -> None:
        self._order[upper] = None
        self._inner.add(upper)

    def hit(self, path: Sequence[I], end: int) -> None:
        self.stored(path)

    def stored(self, path: Sequence[I]) -> None:
        for item in reversed(path):
            self._order.move_to_end(item)

    def remove(self, item: I) -> None:
        del self._order[item]
        self._inner.discard(item)

    def opened(self, item: I) -> None:
        self._inner.discard(item)

    def closed(self, item: I) -> None:
        self._inner.add(item)

    def victim(self) -> I | None:
        return next((item for item in self._order if item not in self._inner), None)


_MARGIN = 1.3  # the oldest leaf goes, unless another is worth less by more than this factor
_BARREN_CHILDREN = 8  # from so many on, a parent ...
_BARREN_SHARE = 0.1  # ... of whose children less than this share came back is barren
_LEARN_EVERY = 200  # evictions, or a quarter of the leaves: then learning costs O(1) each


_Place = tuple[int, int, int]  # last use, depth (deeper first), number: the order of a queue


@dataclass(slots=True)
class _Below:
    """The children that an item ever had."""

    children: int = 0
    came_back: int = 0

    @property
    def is_barren(self) -> bool:
        return self.children >= _BARREN_CHILDREN and self.came_back < self.children * _BARREN_SHARE


@dataclass(eq=False, slots=True)
class _Known(Generic[I]):
    """What is remembered of an item."""

    item: I
    number: int
    last: int  # tick of its last use
    kind: Kind = Kind.NEW
    is_new: bool = True  # until the insert that made it has told its path
    is_used: bool = False  # a lookup came back to it
    below: _Below = field(default_factory=_Below)
    before: tuple[int, bool] | None = None  # last and is_used before a hit that ended inside it
    since: int = 0  # tick at which it became a candidate
    queue: _Queue[I] | None = None  # where it stands; None: no candidate
    place: _Place = (0, 0, 0)


@dataclass(eq=False, slots=True)
class _Queue(Generic[I]):
    """Candidates of one kind and one cost, least recently used first."""

    kind: Kind
    cost: float  # of computing it again, per byte
    places: list[_Place] = field(default_factory=list)
    members: dict[_Place, _Known[I]] = field(default_factory=dict)

    def add(self, known: _Known[I]) -> None:
        known.queue, known.place = self, (known.last, -known.item.end, known.number)
        insort(self.places, known.place)
        self.members[known.place] = known

    def remove(self, known: _Known[I]) -> None:
        del self.places[bisect_left(self.places, known.place)]
        del self.members[known.place]
        known.queue = None

    def oldest_of_each_octave(self, now: int) -> Iterator[tuple[int, _Place]]:
        """Octave of age and place, the oldest of all first."""
        index = 0
        while index < len(self.places):
            place = self.places[index]
            age = octave(now - place[0])
            yield age, place
            index = bisect_left(self.places, (now - youngest(age) + 1,), index + 1)


class CostAware(Generic[I]):
    """Least worth first: the time that recomputing saves, per byte and per time it stands there.

    Worth is (chance to be used again) x (cost to compute again) / bytes, where the chance is
    learned for each `Kind` and age (`Seen`). Where the chances say nothing the oldest leaf goes,
    as with LRU: another one must be worth clearly less to go instead.

    Time is a count of lookups and inserts: equal requests give equal evictions. An operation costs
    the length of its path, and O(log n) comparisons beside a move of pointers in a sorted list.
    """

    def __init__(self, attention_tokens: float = math.inf) -> None:
        """`attention_tokens`: the depth at which a token costs twice what the first one does.

        About 16,000 for a model of a few billion parameters. Then more time is saved, and fewer
        tokens are hit; by default all tokens cost the same.
        """
        self._attention_tokens = attention_tokens
        self._known: dict[I, _Known[I]] = {}
        self._queues: dict[tuple[Kind, int], _Queue[I]] = {}
        self._now = 0
        self._numbers = 0
        self._candidates = 0
        self._seen = Seen()
        self._worth = self._seen.worth()
        self._until_learning = _LEARN_EVERY
        self._top = _Below()  # what has no parent, of all namespaces

    def add(self, item: I) -> None:
        self._enter(self._remember(item, self._now))

    def split(self, upper: I, lower: I) -> None:
        tail = self._known[lower]
        head = self._remember(upper, tail.last)
        head.kind, head.is_used, head.is_new = tail.kind, tail.is_used, False
        head.below = _Below(1, int(tail.is_used))
        if tail.before is not None:  # the lookup ended inside: it came back to the head only
            was_candidate = self._leave(tail)
            tail.last, tail.is_used = tail.before
            tail.before, tail.kind = None, Kind.TAIL
            if was_candidate:
                self._enter(tail)

    def hit(self, path: Sequence[I], end: int) -> None:
        self._now += 1
        parent = self._top
        for item in path:
            known = self._known[item]
            if known.queue is not None and 2 * (end - item.start) >= item.end - item.start:
                self._watch(self._seen, known, is_reused=True)
            was_candidate = self._leave(known)
            known.before = (known.last, known.is_used) if end < item.end else None
            parent.came_back += not known.is_used
            known.last, known.is_used, known.kind = self._now, True, Kind.REUSED
            if was_candidate:
                self._enter(known)
            parent = known.below

    def stored(self, path: Sequence[I]) -> None:
        self._now += 1
        parent, is_barren = self._top, False
        for item in path:
            known = self._known[item]
            was_candidate = self._leave(known)
            known.last = self._now
            if known.is_new:
                known.is_new = False
                if is_barren or parent.is_barren:
                    known.kind = Kind.BARREN
                parent.children += 1
            if was_candidate:
                self._enter(known)
            parent, is_barren = known.below, known.kind is Kind.BARREN

    def remove(self, item: I) -> None:
        known = self._known.pop(item)
        if known.queue is not None:
            self._watch(self._seen, known, is_reused=False)
        self._leave(known)

    def opened(self, item: I) -> None:
        known = self._known[item]
        if known.queue is None:
            self._enter(known)

    def closed(self, item: I) -> None:
        self._leave(self._known[item])

    def victim(self) -> I | None:
        if self._until_learning <= 0:
            self._learn()
        self._until_learning -= 1
        oldest: tuple[_Place, float, _Queue[I]] | None = None
        least: tuple[float, _Place, _Queue[I]] | None = None
        for queue in self._queues.values():
            worth_of = self._worth[queue.kind]
            for age, place in queue.oldest_of_each_octave(self._now):
                worth = worth_of[age] * queue.cost
                if oldest is None or place < oldest[0]:
                    oldest = (place, worth, queue)
                if least is None or (worth, place) < least[:2]:
                    least = (worth, place, queue)
        if oldest is None or least is None:
            return None
        place, worth, queue = oldest
        if least[0] * _MARGIN < worth:
            _, place, queue = least
        return queue.members[place].item

    def _remember(self, item: I, last: int) -> _Known[I]:
        self._numbers += 1
        known = self._known[item] = _Known(item, self._numbers, last)
        return known

    def _enter(self, known: _Known[I]) -> None:
        """Make it a candidate, as it is now."""
        item = known.item
        middle = (item.start + item.end) / 2
        cost = (item.end - item.start) * (1 + middle / self._attention_tokens)
        step = round(math.log2(cost / max(1, item.nbytes)))  # a factor of 2 apart: few queues
        queue = self._queues.get((known.kind, step))
        if queue is None:
            queue = self._queues[known.kind, step] = _Queue(known.kind, 2.0**step)
        known.since = self._now
        queue.add(known)
        self._candidates += 1

    def _leave(self, known: _Known[I]) -> bool:
        """No candidate any more; whether it was one."""
        queue = known.queue
        if queue is None:
            return False
        queue.remove(known)
        if not queue.places:
            del self._queues[queue.kind, round(math.log2(queue.cost))]
        self._candidates -= 1
        return True

    def _watch(self, seen: Seen, known: _Known[I], *, is_reused: bool) -> None:
        since = max(0, known.since - known.last)
        seen.add(known.kind, since, self._now - known.last, is_reused=is_reused)

    def _learn(self) -> None:
        """What still waits counts for as long as it has waited."""
        seen = self._seen.copy()
        for queue in self._queues.values():
            for known in queue.members.values():
                self._watch(seen, known, is_reused=False)
        self._worth = seen.worth()
        self._until_learning = max(_LEARN_EVERY, self._candidates // 4)
