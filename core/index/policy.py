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


_MARGIN = 2.0  # the oldest leaf goes, unless another is worth less than it by this factor
_BARREN_CHILDREN = 8  # from so many on, a parent ...
_BARREN_SHARE = 0.1  # ... of whose children less than this share came back is barren
_SHARED_CHILDREN = 3  # from so many on it is a shared prefix; a chain has one, and a dead end
_MOST_PATIENCE = 16  # how much slower a shared prefix ages; bounds what a dead one costs
_LEARN_EVERY = 200  # evictions: then learning costs each of them little
_MOST_SAMPLES = 200  # of a queue, when it learns from what still waits: 2 ms


_Key = tuple[Kind, int, int]  # kind, cost in powers of 2, patience
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
    uses: int = 0  # lookups that came back to it
    below: _Below = field(default_factory=_Below)
    before: tuple[int, int] | None = None  # last and uses before a hit that ended inside it
    since: int = 0  # tick at which it became a candidate
    queue: _Queue[I] | None = None  # where it stands; None: no candidate
    place: _Place = (0, 0, 0)

    @property
    def patience(self) -> int:
        """How many times slower it ages than others: a prefix that many share, by its uses."""
        if self.below.children < _SHARED_CHILDREN:
            return 1
        return min(_MOST_PATIENCE, 1 << max(0, self.uses - 1).bit_length())


@dataclass(eq=False, slots=True)
class _Queue(Generic[I]):
    """Candidates that are weighed alike, least recently used first."""

    key: _Key
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

    def oldest_of_each_octave(self, now: int) -> Iterator[tuple[float, int, _Place]]:
        """Age as it counts here, its octave, and the place; the oldest of all first."""
        _, _, patience = self.key
        index = 0
        while index < len(self.places):
            place = self.places[index]
            age = (now - place[0]) / patience
            stands = octave(int(age))
            yield age, stands, place
            later = (now - youngest(stands) * patience + 1,)
            index = bisect_left(self.places, later, index + 1)


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
        self._queues: dict[_Key, _Queue[I]] = {}
        self._now = 0
        self._numbers = 0
        self._seen = Seen()
        self._worth = self._seen.worth()
        self._until_learning = _LEARN_EVERY
        self._top = _Below()  # what has no parent, of all namespaces

    def add(self, item: I) -> None:
        self._enter(self._remember(item, self._now))

    def split(self, upper: I, lower: I) -> None:
        tail = self._known[lower]
        head = self._remember(upper, tail.last)
        head.kind, head.uses, head.is_new = tail.kind, tail.uses, False
        head.below = _Below(1, int(tail.uses > 0))
        if tail.before is not None:  # the lookup ended inside: it came back to the head only
            was_candidate = self._leave(tail)
            tail.last, tail.uses = tail.before
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
            known.before = (known.last, known.uses) if end < item.end else None
            parent.came_back += known.uses == 0
            known.last, known.kind = self._now, Kind.REUSED
            known.uses += 1
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
        oldest: tuple[float, float, _Place, _Queue[I]] | None = None
        least: tuple[float, float, _Place, _Queue[I]] | None = None
        for queue in self._queues.values():
            worth_of = self._worth[queue.key[0]]
            for age, stands, place in queue.oldest_of_each_octave(self._now):
                worth = worth_of[stands] * queue.cost
                if oldest is None or (-age, place) < (oldest[0], oldest[2]):
                    oldest = (-age, worth, place, queue)
                if least is None or (worth, -age, place) < least[:3]:
                    least = (worth, -age, place, queue)
        if oldest is None or least is None:
            return None
        if least[0] * _MARGIN < oldest[1]:
            return least[3].members[least[2]].item
        return oldest[3].members[oldest[2]].item

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
        key = (known.kind, step, known.patience)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(key, 2.0**step)
        known.since = self._now
        queue.add(known)

    def _leave(self, known: _Known[I]) -> bool:
        """No candidate any more; whether it was one."""
        queue = known.queue
        if queue is None:
            return False
        queue.remove(known)
        if not queue.places:
            del self._queues[queue.key]
        return True

    def _watch(self, seen: Seen, known: _Known[I], *, is_reused: bool, times: int = 1) -> None:
        since = max(0, known.since - known.last)
        seen.add(known.kind, since, self._now - known.last, is_reused=is_reused, times=times)

    def _learn(self) -> None:
        """What still waits counts for as long as it has waited."""
        seen = self._seen.copy()
        for queue in self._queues.values():
            every = 1 + len(queue.places) // _MOST_SAMPLES
            for place in queue.places[::every]:
                self._watch(seen, queue.members[place], is_reused=False, times=every)
        self._worth = seen.worth()
        self._until_learning = _LEARN_EVERY
