"""Which checkpoints of a sequence can go: the further from its end, the fewer are kept.

A conversation adds checkpoints with every turn, and each may hold the whole state of a recurrent
model (`cache-design.md`: 113 of 116 MB each at 234,000 tokens). It is mostly taken up near its end
or at its beginning, so what is kept is the first, the last few, and between them two for each
doubling of the distance to the end.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


def surplus(positions: Sequence[int], *, last: int = 4, per_doubling: int = 2) -> list[int]:
    """Indices into `positions` (ascending, in tokens) of what can go.

    The first and the `last` are kept, and `per_doubling` of what lies between.
    """
    between = range(1, len(positions) - last)
    kept: Counter[int] = Counter()
    gone: list[int] = []
    for index in between:  # the oldest of a doubling stay, as they become the oldest of the next
        doubling = int(math.log2(positions[-1] - positions[index]))
        if kept[doubling] == per_doubling:
            gone.append(index)
        else:
            kept[doubling] += 1
    return gone
