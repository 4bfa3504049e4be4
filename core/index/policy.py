"""What goes first when the cache is full. It sees nodes of the tree, and none of their data."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


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
