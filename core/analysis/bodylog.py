"""The bodies of a trace, to be read again: each as its difference to an earlier one.

It is asked where two prompts have to be looked at byte by byte, which is seldom; holding all bodies
would take the size of the trace.
"""

from __future__ import annotations

from collections import OrderedDict

from llmx.core.analysis.store import Blob, Store
from llmx.core.trace.bodies import Body

DEPTH = 64  # differences that are put together for a body; the next one is kept whole
READ_BYTES = 8 << 20  # of bodies that were read last: the next one asked for may build on them


class Logged:
    """A body: `inside`, between the first `head` bytes of `base` and those from `tail` on."""

    __slots__ = ("base", "depth", "head", "inside", "tail")

    def __init__(self, base: Logged | None, head: int, inside: Blob, tail: int) -> None:
        self.base = base
        self.depth: int = 0 if base is None else base.depth + 1
        self.head = head
        self.inside = inside
        self.tail = tail


class BodyLog:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: OrderedDict[Logged, bytes] = OrderedDict()
        self._nbytes = 0  # of these

    def keep(self, body: Body) -> Logged:
        base = None if body.like is None else body.like.logged
        if isinstance(base, Logged) and base.depth < DEPTH:
            logged = Logged(base, body.head, self._store.keep_apart(body.inside), body.tail)
        else:
            logged = Logged(None, 0, self._store.keep(body.data), 0)
        body.mark.logged = logged
        return logged

    def read(self, logged: Logged) -> bytes:
        """The whole body."""
        steps: list[Logged] = []
        at: Logged | None = logged
        while at is not None and at not in self._read:
            steps.append(at)
            at = at.base
        data = b"" if at is None else self._read[at]
        for step in reversed(steps):
            data = b"".join((data[: step.head], step.inside.data, data[step.tail :]))
        if steps:
            self._remember(logged, data)
        return data

    def _remember(self, logged: Logged, data: bytes) -> None:
        self._read[logged] = data
        self._nbytes += len(data)
        while self._nbytes > READ_BYTES and len(self._read) > 1:
            _, old = self._read.popitem(last=False)
            self._nbytes -= len(old)
