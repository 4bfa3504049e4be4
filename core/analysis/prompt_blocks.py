"""Recorded requests as block streams: prompts cut into blocks, or the block ids of a trace.

A prompt's blocks are those of its nearest predecessor as far as both are the same, and new ones
from there on. What is shared is known in bytes and scaled to the tokens that the server counted,
so the curve without limit says what was possible with prompts as they were sent, rounded down to
blocks. No text is hashed.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llmx.core.analysis.blocks import (
    BlockStream,
    fits_block_tokens,
    guessed_block_tokens,
    in_order,
    stream_of,
)
from llmx.core.analysis.report import Row
from llmx.core.trace.mooncake import BlockRequest
from llmx.core.trace.record import TraceRecord

BLOCK_TOKENS = 64  # of a block by default
BYTES_PER_TOKEN = 4  # where nobody counted the tokens of a prompt
_ADDED_TOKENS = 100_000  # more tokens than bytes and these are in no prompt: the count is wrong
_MOST_OUTPUT = 10_000_000  # tokens of an answer; more is wrong, and would fill the memory


@dataclass(frozen=True, slots=True)
class Shared:
    """A request and what it has in common with the one that it continues, in tokens."""

    earlier: int | None  # its number among those given, from 0; None: no predecessor
    reusable: int  # leading tokens of its prompt that were in that one's prompt or answer
    prompt_tokens: int
    output_tokens: int = 0  # 0: not known
    at_s: float | None = None


def stream_of_rows(rows: Sequence[Row], *, block_tokens: int = BLOCK_TOKENS) -> BlockStream:
    """The stream of a report's requests, in its order, as far as their bodies were recorded.

    Refused requests reached no cache and are left out, as is what has no body: compare lengths.
    Give the rows of one model alone where models do not share a memory.
    """
    numbers: dict[int, int] = {}  # by the row's number: where it is in the stream
    found: list[Shared] = []
    for row in rows:
        shared = _shared_of(row, numbers)
        if shared is not None:
            numbers[row.number] = len(found)
            found.append(shared)
    return stream_of_shared(found, block_tokens=block_tokens)


def _shared_of(row: Row, numbers: dict[int, int]) -> Shared | None:
    status = row.record.status
    if row.segments is None or row.change is None or (status is not None and status >= 400):
        return None
    prompt, reusable = row.prompt, _reusable(row)
    if prompt is None or reusable is None or prompt > row.segments.nbytes + _ADDED_TOKENS:
        prompt = -(-row.segments.nbytes // BYTES_PER_TOKEN)
        reusable = row.change.shared // BYTES_PER_TOKEN
    earlier = None if row.nearest is None else numbers.get(row.nearest)
    output = row.record.usage.out or 0
    is_sound = 0 <= output <= _MOST_OUTPUT
    return Shared(earlier, max(0, reusable), prompt, output if is_sound else 0, row.record.t0)


def _reusable(row: Row) -> int | None:
    """What of the prompt as it was sent a cache without limit would have had: as counted by the
    server where nothing was lost, so that the shares of report and curve are the same."""
    lost = [one.tokens for one in row.lost if one.side == "client"]
    if row.ideal is None or None in lost:
        return row.kept
    return row.ideal - sum(tokens or 0 for tokens in lost)


def streams_of_records(records: Iterable[TraceRecord]) -> tuple[BlockStream, ...]:
    """Those of records that hold block ids instead of bodies: one for each scope of ids.

    In the order of time, as far as every request of a scope has one. A reader tells the size of
    blocks line by line, and short prompts fit many sizes: here all of a scope have to fit.
    """
    found: dict[str, list[TraceRecord]] = {}
    for record in records:
        if record.blocks is not None:
            found.setdefault(record.blocks.scope, []).append(record)
    return tuple(_stream_of_scope(some) for some in found.values())


def _stream_of_scope(records: Sequence[TraceRecord]) -> BlockStream:
    requests = [
        BlockRequest(
            () if record.blocks is None else record.blocks.ids,
            record.t0 or 0.0,
            max(0, record.usage.prompt or 0),
            max(0, record.usage.out or 0),
        )
        for record in records
    ]
    told = Counter(record.blocks.tokens for record in records if record.blocks is not None)
    lengths = [(request.prompt_tokens, len(request.blocks)) for request in requests]
    size = told.most_common(1)[0][0]
    if not fits_block_tokens(size, lengths):
        size = guessed_block_tokens(lengths) or size
    if all(record.t0 is not None for record in records):
        requests = in_order(requests)
    return stream_of(requests, block_tokens=size)


def stream_of_shared(requests: Iterable[Shared], *, block_tokens: int) -> BlockStream:
    """The stream of requests in the order of time; `earlier` names one before it."""
    made = _Chains(block_tokens)
    for request in requests:
        made.add(request)
    return made.stream()


@dataclass
class _Chains:
    block_tokens: int
    chains: list[array[int]] = field(default_factory=list)
    prompt_blocks: array[int] = field(default_factory=lambda: array("q"))
    prompt_tokens: array[int] = field(default_factory=lambda: array("q"))
    output_tokens: array[int] = field(default_factory=lambda: array("q"))
    at_s: list[float | None] = field(default_factory=list)
    distinct: int = 0

    def add(self, request: Shared) -> None:
        size = self.block_tokens
        count = -(-request.prompt_tokens // size)
        chain = array("i")
        if request.earlier is not None:
            before = self.chains[request.earlier]
            whole = min(request.reusable, request.prompt_tokens) // size
            self._grow(before, whole)  # its answer was longer than known
            chain = before[:whole]
        self._grow(chain, -(-(request.prompt_tokens + request.output_tokens) // size))
        self.chains.append(chain)
        self.prompt_blocks.append(count)
        self.prompt_tokens.append(request.prompt_tokens)
        self.output_tokens.append(request.output_tokens)
        self.at_s.append(request.at_s)

    def _grow(self, chain: array[int], count: int) -> None:
        """Append new blocks until there are `count`."""
        missing = count - len(chain)
        if missing > 0:
            chain.extend(range(self.distinct, self.distinct + missing))
            self.distinct += missing

    def stream(self) -> BlockStream:
        return BlockStream(
            self.block_tokens,
            tuple(self.chains),
            self.prompt_blocks,
            self.prompt_tokens,
            self.output_tokens,
            tuple(self.at_s),
            self.distinct,
            is_estimated=True,
        )
