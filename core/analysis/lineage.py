"""Which earlier request a prompt continues: a trie over the segments of all prompts.

The nearest predecessor is the earlier request that shares the longest chain of equal segments, and
among these the longest run of bytes inside the first different one. Conversations, sub-agents and
side questions may interleave: the line before is only by chance the one before.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from llmx.core.analysis.segments import Prompt, Segment


@dataclass(frozen=True, slots=True)
class Nearest:
    """`number` of the predecessor; both prompts are equal up to `offset` bytes of segment `at`.

    `at` may be one past the last segment of either prompt: it ends there.
    """

    number: int
    at: int
    offset: int
    answered: int = 0  # further bytes that equal the predecessor's answer, as it was recorded


@dataclass(slots=True)
class _Node:
    """All requests whose prompts begin with the same segments."""

    latest: int
    children: dict[Segment, _Node] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)  # requests whose prompt is just this
    sorted: dict[tuple[str, str, str], list[bytes]] = field(default_factory=dict)


class Lineage:
    """Prompts by number, added in the order of time. One root per model: caches are apart."""

    def __init__(self) -> None:
        self._roots: dict[str, _Node] = {}
        self._answers: dict[int, bytes] = {}

    def add(self, number: int, root: str, prompt: Prompt, answer: bytes | None) -> Nearest | None:
        """The nearest predecessor of this prompt; None where no earlier one begins like it."""
        top = self._roots.get(root)
        nearest = None if top is None else self._nearest(top, prompt)
        self._insert(number, root, prompt)
        if answer:
            self._answers[number] = answer
        return nearest

    def _nearest(self, node: _Node, prompt: Prompt) -> Nearest | None:
        at = 0
        while at < len(prompt.segments):
            child = node.children.get(prompt.segments[at])
            if child is None:
                break
            node, at = child, at + 1
        if at == len(prompt.segments):
            return Nearest((node.ended or [node.latest])[-1], at, 0)
        answered = self._answered(node, prompt.segments[at])
        number, offset = _closest_child(node, prompt.segments[at])
        if node.ended and not offset:
            ended = node.ended[-1] if answered is None else answered
            return Nearest(ended, at, 0, self._length(answered))
        if at == 0 and not offset:
            return None
        return Nearest(number, at, offset, max(0, self._length(answered) - offset))

    def _answered(self, node: _Node, segment: Segment) -> int | None:
        """A request that ended here and was answered with just this segment."""
        if segment.name != "assistant" or segment.part:
            return None
        same = (number for number in reversed(node.ended) if self._is_answer(number, segment.data))
        return next(same, None)

    def _is_answer(self, number: int, data: bytes) -> bool:
        return self._answers.get(number) == data

    def _length(self, number: int | None) -> int:
        return 0 if number is None else len(self._answers[number])

    def answers_at(self, root: str, prompt: Prompt, at: int) -> set[bytes]:
        """What was answered to the requests whose prompts are the first `at` segments of this."""
        node = self._roots[root]
        for segment in prompt.segments[:at]:
            node = node.children[segment]
        return {self._answers[number] for number in node.ended if number in self._answers}

    def _insert(self, number: int, root: str, prompt: Prompt) -> None:
        node = self._roots.setdefault(root, _Node(number))
        node.latest = number
        for segment in prompt.segments:
            child = node.children.get(segment)
            if child is None:
                child = node.children[segment] = _Node(number)
                insort(node.sorted.setdefault(segment.header, []), segment.data)
            child.latest = number
            node = child
        node.ended.append(number)


def _closest_child(node: _Node, segment: Segment) -> tuple[int, int]:
    """The request and the common bytes of the child most like `segment`.

    In byte order the child with the longest common prefix stands next to it.
    """
    best, number = 0, node.latest
    datas = node.sorted.get(segment.header, [])
    place = bisect_left(datas, segment.data)
    kind, name, part = segment.kind, segment.name, segment.part
    for data in datas[max(0, place - 1) : place + 1]:
        shared = common_prefix(data, segment.data)
        child = node.children[Segment(kind, name, part, data)]
        if shared > best or (shared == best and shared and child.latest > number):
            best, number = shared, child.latest
    return number, best


def common_prefix(a: bytes, b: bytes) -> int:
    """The number of leading bytes that are equal, by bisected slices."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while low < high:  # a[:low] == b[:low], a[:high + 1] != b[:high + 1]
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: bytes, b: bytes) -> int:
    """The number of trailing bytes that are equal."""
    return common_prefix(a[::-1], b[::-1])
