"""Made-up traffic as block keys, by seed: what the eviction policy is judged on beside real traces.

A request is a sequence of block ids; equal blocks at equal places are a shared prefix. A block
stands for 64 tokens in `agent`, and for anything in the others.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

from llmx.core.trace.mooncake import BlockRequest

Blocks = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgentShape:
    """What the traffic of `agent` is made of. Gaps are means in seconds, sizes are in blocks."""

    system_prompts: int = 3
    conversations: int = 8  # at the same time
    turns: float = 8.0  # of a user in one conversation, mean
    steps: float = 8.0  # of a tool loop, mean
    step_gap_s: float = 6.0
    think_gap_s: float = 180.0
    subagents: float = 0.08  # chance of a burst of them at a step
    scans: float = 0.05  # chance of a batch of unrelated requests after a turn


@dataclass(order=True)
class _Lane:
    """One growing prompt: a conversation, or a sub-agent that ends with its first turn."""

    at: float
    number: int
    prompt: Blocks = field(compare=False)
    turns: int = field(compare=False)
    steps: int = field(compare=False)
    is_subagent: bool = field(compare=False)


def agent(seed: int, requests: int = 3000, shape: AgentShape | None = None) -> list[BlockRequest]:
    """Conversations with tool loops over shared system prompts, with all that comes beside them.

    Beside: bursts of sub-agents that share a prompt of their own and live briefly, one title
    request after each turn, and now and then a batch of unrelated documents, each read once.
    """
    return list(_Agent(Random(seed), shape or AgentShape()).requests(requests))


class _Agent:
    def __init__(self, random: Random, shape: AgentShape) -> None:
        self._random, self._shape = random, shape
        self._ids, self._numbers = count(), count()
        self._systems = [self._new(random.randint(80, 180)) for _ in range(shape.system_prompts)]
        self._subsystem, self._title = self._new(60), self._new(4)
        self._lanes: list[_Lane] = []

    def requests(self, wanted: int) -> Iterator[BlockRequest]:
        for _ in range(self._shape.conversations):
            self._open_conversation(self._random.expovariate(1 / self._shape.think_gap_s))
        made = 0
        while made < wanted:
            for request in self._next(heapq.heappop(self._lanes)):
                yield request
                made += 1
                if made == wanted:
                    return

    def _next(self, lane: _Lane) -> Iterator[BlockRequest]:
        random, shape = self._random, self._shape
        yield BlockRequest(lane.prompt, lane.at)
        if random.random() < shape.subagents and not lane.is_subagent:
            for _ in range(random.randint(1, 4)):
                prompt = self._subsystem + self._new(random.randint(2, 10))
                self._open(lane.at + random.random() * 3, prompt, 1, True)
        lane.steps -= 1
        if lane.steps > 0:  # the answer and what the tool said
            lane.prompt += self._new(1 + self._size(8))
            lane.at += random.expovariate(1 / shape.step_gap_s)
            heapq.heappush(self._lanes, lane)
            return
        if lane.is_subagent:
            return
        yield BlockRequest(self._title + lane.prompt[-20:] + self._new(2), lane.at)
        if random.random() < shape.scans:
            for number in range(random.randint(10, 40)):
                yield BlockRequest(self._new(random.randint(20, 200)), lane.at + number / 10)
        lane.turns -= 1
        if lane.turns > 0:
            at = lane.at + random.lognormvariate(0, 1.2) * shape.think_gap_s
            self._open(at, lane.prompt + self._new(1 + self._size(4)), lane.turns, False)
        else:
            self._open_conversation(lane.at + random.expovariate(1 / shape.think_gap_s))

    def _open_conversation(self, at: float) -> None:
        prompt = self._random.choice(self._systems) + self._new(1 + self._size(4))
        self._open(at, prompt, 1 + self._size(self._shape.turns - 1), False)

    def _open(self, at: float, prompt: Blocks, turns: int, is_subagent: bool) -> None:
        steps = 1 + self._size(self._shape.steps - 1)
        lane = _Lane(at, next(self._numbers), prompt, turns, steps, is_subagent)
        heapq.heappush(self._lanes, lane)

    def _new(self, blocks: int) -> Blocks:
        return tuple(next(self._ids) for _ in range(blocks))

    def _size(self, mean: float) -> int:
        """Many small ones, a few large ones; mean about `mean`."""
        return round(self._random.expovariate(1 / mean)) if mean > 0 else 0


def zipf(
    seed: int, requests: int = 4000, prompts: int = 800, blocks: int = 20
) -> list[BlockRequest]:
    """Independent draws of equally long prompts, the k-th with a weight of 1/k."""
    weights = [1 / rank for rank in range(1, prompts + 1)]
    drawn = Random(seed).choices(range(prompts), weights, k=requests)
    return [BlockRequest(_document(number, blocks), float(at)) for at, number in enumerate(drawn)]


def cyclic(rounds: int = 20, prompts: int = 100, blocks: int = 20) -> list[BlockRequest]:
    """The same prompts in the same order again and again: the worst there is for LRU."""
    order = list(range(prompts)) * rounds
    return [BlockRequest(_document(number, blocks), float(at)) for at, number in enumerate(order)]


def _document(number: int, blocks: int) -> Blocks:
    return tuple(range(number * blocks, (number + 1) * blocks))
