"""Recorded requests as block streams: what is shared is what the report calls kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from llmx.core.analysis.blocks import BlockStream, stream_of
from llmx.core.analysis.bounds import bounds
from llmx.core.analysis.prompt_blocks import (
    Shared,
    stream_of_rows,
    stream_of_shared,
    streams_of_records,
)
from llmx.core.analysis.report import analyze
from llmx.core.trace.mooncake import BlockRequest
from llmx.core.trace.record import Blocks, Origin, TraceRecord
from tests.core.trace.records import chat, record

SYSTEM = ("system", "You are a careful helper. " * 40)
ASK = ("user", "What does this program print? " * 20)
ANSWER = "It prints a number, then it ends. " * 10


def turns() -> list[TraceRecord]:
    """A turn, the next one, one of another conversation, and one that was refused."""
    more = ("user", "And why? " * 30)
    return [
        record(0, chat(SYSTEM, ASK), prompt=400, cached=0, answer=ANSWER),
        record(1, chat(SYSTEM, ASK, ("assistant", ANSWER), more), prompt=580, cached=480),
        record(2, chat(SYSTEM, ("user", "Another thing. " * 20)), prompt=330, cached=250),
        record(3, chat(SYSTEM, ASK), prompt=400, status=500),
    ]


def test_the_curve_without_limit_says_what_the_report_calls_ideal() -> None:
    report = analyze(turns())
    made = stream_of_rows(report.rows, block_tokens=4)
    assert list(made.prompt_tokens) == [400, 580, 330]  # the refused one reached no cache
    found = bounds(made)
    ideal = report.ideal_tokens
    assert ideal is not None
    assert ideal > 700
    assert ideal - 3 * 4 < found.infinite.tokens <= ideal
    assert made.is_estimated


def test_an_answer_is_stored_and_so_is_found_by_the_next_turn() -> None:
    made = stream_of_rows(analyze(turns()).rows, block_tokens=4)
    assert bounds(made.prompts_only()).infinite.tokens < bounds(made).infinite.tokens


def test_what_a_client_broke_is_in_no_cache() -> None:
    """The clock in front changes: the report says what that cost, and no cache has it."""
    records = [
        record(
            number,
            chat(("system", f"It is 12:0{number}. " + SYSTEM[1]), ASK),
            prompt=400,
            cached=0,
        )
        for number in range(3)
    ]
    report = analyze(records)
    assert (report.ideal_tokens or 0) > 700
    assert bounds(stream_of_rows(report.rows, block_tokens=4)).infinite.tokens < 20


def test_tokens_that_nobody_counted_are_estimated_by_bytes() -> None:
    records = [record(0, chat(SYSTEM)), record(1, chat(SYSTEM, ASK))]
    made = stream_of_rows(analyze(records).rows, block_tokens=4)
    assert list(made.prompt_tokens) == [260, 260 + 150]  # 26 x 40 / 4, and 30 x 20 / 4
    assert bounds(made).infinite.tokens == 260


@given(st.lists(st.tuples(st.integers(-1, 6), st.integers(0, 40), st.integers(1, 40))))
def test_every_prompt_has_the_blocks_that_its_tokens_need(
    drawn: list[tuple[int, int, int]],
) -> None:
    requests = [
        Shared(earlier if 0 <= earlier < number else None, min(reusable, tokens), tokens)
        for number, (earlier, reusable, tokens) in enumerate(drawn)
    ]
    made = stream_of_shared(requests, block_tokens=8)
    assert list(made.prompt_blocks) == [-(-tokens // 8) for _, _, tokens in drawn]
    parents: dict[int, int] = {}
    for chain in made.chains:
        for before, block in zip([-1, *chain], chain, strict=False):
            assert parents.setdefault(block, before) == before
    assert set(parents) == set(range(made.distinct))
    most = sum(
        min(each.reusable, each.prompt_tokens) for each in requests if each.earlier is not None
    )
    assert bounds(made).infinite.tokens <= most


def hashed(number: int, ids: tuple[int, ...], tokens: int, scope: str = "") -> TraceRecord:
    blocks = Blocks(ids=ids, tokens=tokens, scope=scope)
    return TraceRecord(
        id=f"h{number}",
        api="chat",
        model=None,
        t0=100.0 - number,
        req=record(0).req,
        usage=record(0, prompt=len(ids) * tokens).usage,
        origin=Origin(source="mooncake", blocks=blocks),
    )


def test_block_ids_make_a_stream_for_each_scope_in_the_order_of_time() -> None:
    records = [
        hashed(0, (1, 2, 3), 512),
        hashed(1, (1, 2), 512),  # came before
        hashed(2, (1, 2), 512, "other"),
        hashed(3, (1, 2), 16, "fine"),
        record(4, chat(SYSTEM)),
    ]
    found = streams_of_records(records)
    assert [(made.block_tokens, len(made)) for made in found] == [(512, 2), (512, 1), (16, 1)]
    assert [len(chain) for chain in found[0].chains] == [2, 3]
    assert hits(found[0]) == 2
    assert hits(found[1]) == hits(found[2]) == 0


def test_the_size_of_blocks_is_one_that_fits_all_of_a_scope() -> None:
    """A reader that sees a prompt of 40 tokens in one block takes it for one of 512."""
    short = hashed(0, (1,), 512)
    short = structs.replace(short, usage=record(0, prompt=40).usage)
    found = streams_of_records([short, hashed(1, (1, 2, 3), 64), hashed(2, (1, 2), 64)])
    assert [(made.block_tokens, len(made)) for made in found] == [(64, 3)]
    (odd,) = streams_of_records([structs.replace(hashed(0, (1, 2), 512), usage=short.usage)])
    assert odd.block_tokens == 32  # 40 tokens in two blocks: 20 to 39


def hits(made: BlockStream) -> int:
    return bounds(made).infinite.blocks


@pytest.mark.parametrize("count", [-5, 10**12, 10**30])
def test_counts_that_cannot_be_true_fill_no_memory(count: int) -> None:
    wrong = record(0, chat(SYSTEM), prompt=count)
    wrong = structs.replace(wrong, usage=structs.replace(wrong.usage, out=count))
    made = stream_of_rows(analyze([wrong]).rows, block_tokens=4)
    assert list(made.prompt_tokens) == [260]  # by its bytes
    assert list(made.output_tokens) == [0]
    usage = structs.replace(wrong.usage, prompt=count, out=count)
    (of_ids,) = streams_of_records([structs.replace(hashed(1, (1, 2), 8), usage=usage)])
    assert bounds(of_ids).blocks == 2
    assert stream_of([BlockRequest((1,), 0.0, 5)], block_tokens=count).tokens == 5


def test_no_requests_make_an_empty_stream() -> None:
    assert len(stream_of_rows(())) == 0
    assert streams_of_records([]) == ()
    assert bounds(stream_of_rows(())).token_share(bounds(stream_of_rows(())).infinite) == 0.0


@pytest.mark.parametrize("block_tokens", [1, 16, 64])
def test_block_sizes_change_the_rounding_alone(block_tokens: int) -> None:
    report = analyze(turns())
    found = bounds(stream_of_rows(report.rows, block_tokens=block_tokens))
    assert report.ideal_tokens is not None
    assert 0 <= report.ideal_tokens - found.infinite.tokens < 3 * block_tokens
