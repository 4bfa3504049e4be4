"""Caches of whole sequences, as servers have them that share no blocks: entries and slots.

Each takes a `BlockStream` and says what would have been hit, one request after another. They follow
what the servers do as far as hits go; what runs at the same time, and limits of context, are left
out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from llmx.core.analysis.blocks import BlockStream
from llmx.core.analysis.mattson import Hits

Chain: TypeAlias = "array[int]"
_SIMILAR = 0.1  # llama.cpp: of a prompt that must be in a slot for it to be chosen by what it holds
_KEPT = 0.5  # llama.cpp: a slot that would keep less of what it holds saves it first
_WORTH_LOADING = 0.25  # llama.cpp: of a saved prompt that must be reused


@dataclass
class _Counter:
    stream: BlockStream
    blocks: int = 0
    tokens: int = 0

    def add(self, request: int, blocks: int) -> None:
        blocks = min(blocks, self.stream.prompt_blocks[request])
        self.blocks += blocks
        self.tokens += self.stream.tokens_of(request, blocks)

    @property
    def hits(self) -> Hits:
        return Hits(self.blocks, self.tokens)


def common_blocks(one: Chain, other: Chain) -> int:
    """Leading blocks that both have: as an id stands for all before it, found by bisection."""
    low, high = 0, min(len(one), len(other))
    if not high or one[0] != other[0]:
        return 0
    while low < high:
        middle = (low + high + 1) // 2
        if one[middle - 1] == other[middle - 1]:
            low = middle
        else:
            high = middle - 1
    return low


def entries(
    stream: BlockStream,
    count: int,
    *,
    can_trim: bool = True,
    refreshes: bool = True,
    drops_prefixes: bool = False,
) -> Hits:
    """`count` whole sequences; a request takes the one that it shares most with, and adds its own.

    `can_trim`: a sequence can be cut where the two part; otherwise one is of use only where all of
    it begins the prompt. `refreshes`: what was hit becomes the most recent (LRU); otherwise the
    sequences go in the order in which they came. `drops_prefixes`: one that a new one continues
    goes at once. Where nothing can be cut, ask it of `stream.whole()`: a partial tail ends each
    sequence with a block that no other has.
    """
    kept: dict[int, Chain] = {}  # by its last block, which stands for all of it; oldest first
    found = _Counter(stream)
    for number, chain in enumerate(stream.chains):
        prompt = chain[: stream.prompt_blocks[number]]
        best, of = 0, None
        for key, entry in kept.items():
            common = common_blocks(entry, prompt)
            if common > best and (can_trim or common == len(entry)):
                best, of = common, key
        found.add(number, best)
        if of is not None and refreshes:
            kept[of] = kept.pop(of)
        if not chain:
            continue
        kept.pop(chain[-1], None)
        if drops_prefixes:
            for block in chain[:-1]:
                kept.pop(block, None)
        kept[chain[-1]] = chain
        while len(kept) > count:
            del kept[next(iter(kept))]
    return found.hits


@dataclass(eq=False)
class _Slot:
    chain: Chain
    used: int = -1  # the request that had it last


def slots(
    stream: BlockStream,
    count: int,
    *,
    similar: float = _SIMILAR,
    ram_blocks: int | None = 0,
) -> Hits:
    """`count` slots as in llama.cpp: the one that shares most with the prompt, or the oldest.

    A slot is chosen for what it holds where that is more than `similar` of the prompt. Before much
    of a slot is lost it is saved to RAM, which has room for `ram_blocks` (0: there is none, None:
    for any number), and what was saved and fits the prompt better is loaded in its place.
    """
    held = [_Slot(array("i")) for _ in range(count)]
    saved = _Saved(ram_blocks)
    found = _Counter(stream)
    for number, chain in enumerate(stream.chains):
        prompt = chain[: stream.prompt_blocks[number]]
        slot = _similar_slot(held, prompt, similar)
        is_worth_saving = slot is None
        if slot is None:
            slot = min(held, key=lambda each: each.used)
        elif common_blocks(slot.chain, prompt) < _KEPT * len(slot.chain):
            is_worth_saving = True
        if is_worth_saving and ram_blocks != 0 and slot.chain:
            saved.save(slot.chain)
            slot.chain = saved.load(slot.chain, prompt)
            saved.shrink()
        found.add(number, common_blocks(slot.chain, prompt))
        slot.chain, slot.used = chain, number
    return found.hits


def _similar_slot(held: Iterable[_Slot], prompt: Chain, similar: float) -> _Slot | None:
    best, chosen = similar * len(prompt), None
    for slot in held:
        common = common_blocks(slot.chain, prompt)
        if common > best:
            best, chosen = common, slot
    return chosen


class _Saved:
    """Prompts in RAM, the oldest first; a prompt leaves it where it is loaded."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._chains: dict[int, Chain] = {}  # by the last block, which stands for all of it
        self._having: dict[int, dict[int, None]] = {}  # by block: the keys of those that have it
        self._blocks = 0

    def save(self, chain: Chain) -> None:
        if chain[-1] in self._having:  # one has all of it
            return
        for block in chain:
            if block in self._chains:  # one that this continues
                self._take(block)
        self._chains[chain[-1]] = chain
        self._blocks += len(chain)
        for block in chain:
            self._having.setdefault(block, {})[chain[-1]] = None

    def load(self, now: Chain, prompt: Chain) -> Chain:
        """What fits better than `now`: more of it is kept, and more of the prompt is in it."""
        common = common_blocks(now, prompt)
        kept, best = common / len(now), None
        if common == len(prompt):
            return now
        for key in self._having.get(prompt[common], ()):
            chain = self._chains[key]
            shared = common_blocks(chain, prompt)
            share = shared / len(chain)
            if share >= _WORTH_LOADING and share > kept and shared > common:
                best, kept, common = key, share, shared
        return now if best is None else self._take(best)

    def shrink(self) -> None:
        while self._limit is not None and len(self._chains) > 1 and self._blocks > self._limit:
            self._take(next(iter(self._chains)))

    def _take(self, key: int) -> Chain:
        chain = self._chains.pop(key)
        self._blocks -= len(chain)
        for block in chain:
            having = self._having[block]
            del having[key]
            if not having:
                del self._having[block]
        return chain


def ollama_slots(stream: BlockStream, count: int, *, is_multi_user: bool = False) -> Hits:
    """`count` slots as in Ollama: the one with the longest common prefix, whatever is lost in it.

    For many users (`OLLAMA_MULTIUSER_CACHE`) a slot is taken over only where all of it is a prefix;
    otherwise that prefix is copied into the oldest one.
    """
    held = [_Slot(array("i")) for _ in range(count)]
    found = _Counter(stream)
    for number, chain in enumerate(stream.chains):
        prompt = chain[: stream.prompt_blocks[number]]
        slot = max(held, key=lambda each: common_blocks(each.chain, prompt))  # the first of equals
        common = common_blocks(slot.chain, prompt)
        found.add(number, common)
        if is_multi_user and not common == len(slot.chain) > 0:
            slot = min(held, key=lambda each: each.used)
        slot.chain, slot.used = chain, number
    return found.hits
