"""LRU at every size in one pass: Mattson's stack distances of a block stream.

The stack distance of an access is the number of blocks touched since the same block was touched,
itself included: an LRU cache hits it exactly where it has room for that many. A request touches its
chain from the tail, so prefixes outlive what hangs on them, and its hits are counted against what
was there before it.

Blocks that a request has from one earlier request (a `Reuse`) stand together in the stack, so a
Fenwick tree over requests counts what came between, not one over accesses.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from llmx.core.analysis.blocks import BlockStream, Reuse


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found in a cache. `tokens` counts a partial tail as long as it is."""

    blocks: int
    tokens: int


@dataclass(frozen=True, slots=True)
class LRUCurve:
    """Hits of LRU at every size: those at `size` blocks stand at `size` in both, up to the end."""

    blocks: array[int]
    tokens: array[int]

    @property
    def largest(self) -> int:
        """The largest stack distance: no larger cache hits more. 0 where nothing was hit."""
        return len(self.blocks) - 1

    @property
    def infinite(self) -> Hits:
        return self.at(self.largest)

    def at(self, size: int) -> Hits:
        """At `size` blocks, 0 or more."""
        index = min(size, self.largest)
        return Hits(self.blocks[index], self.tokens[index])

    def smallest(self, share: float) -> int:
        """The fewest blocks with which at least `share` of all possible hit tokens are hit."""
        wanted = share * self.infinite.tokens
        low, high = 0, self.largest
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.tokens[middle] >= wanted else (middle + 1, high)
        return low


def lru_curve(stream: BlockStream, found: Sequence[Sequence[Reuse]], first: int = 0) -> LRUCurve:
    """The curve from `found`, the stream's `reuses`. What is before `first` is not scored."""
    blocks, tokens = (
        array("q", [0]) * (stream.distinct + 2),
        array("q", [0]) * (stream.distinct + 2),
    )
    stack = _Fenwick(len(stream))
    standing, largest = 0, 0  # blocks in all; the largest distance
    for later, parts in enumerate(found):
        for part in parts:
            above = standing - stack.up_to(part.earlier)
            if later >= first:
                count = part.stop - part.start
                largest = max(largest, above + count)
                blocks[above + 1] += 1  # a hit more from each of these sizes on ...
                blocks[above + count + 1] -= 1
                _weigh(tokens, stream, part, above)
        for part in parts:
            stack.add(part.earlier, part.start - part.stop)
            standing -= part.stop - part.start
        touched = len(stream.chains[later])
        stack.add(later, touched)
        standing += touched
    return LRUCurve(_twice_summed(blocks, largest), _twice_summed(tokens, largest))


def _weigh(tokens: array[int], stream: BlockStream, part: Reuse, above: int) -> None:
    """The same for tokens: whole blocks weigh as much as a block does, the tail what it has."""
    size, length = stream.block_tokens, stream.prompt_tokens[part.later]
    whole = max(part.start, min(part.stop, length // size))
    count = whole - part.start
    tokens[above + 1] += size
    tokens[above + count + 1] -= size
    for depth in range(whole, part.stop):
        tail = max(0, min(length - depth * size, size))
        at = above + depth - part.start + 1
        tokens[at] += tail
        tokens[at + 1] -= tail


def _twice_summed(steps: array[int], largest: int) -> array[int]:
    """From changes of the weight at a distance to what all distances up to a size weigh."""
    return array("q", accumulate(accumulate(steps[: largest + 1])))


class _Fenwick:
    """Counts by index, with sums of leading ones in logarithmic time."""

    def __init__(self, size: int) -> None:
        self._sums = [0] * (size + 1)

    def add(self, index: int, count: int) -> None:
        sums, at = self._sums, index + 1
        while at < len(sums):
            sums[at] += count
            at += at & -at

    def up_to(self, index: int) -> int:
        """The sum of all up to and with `index`."""
        sums, at, total = self._sums, index + 1, 0
        while at:
            total += sums[at]
            at &= at - 1
        return total
