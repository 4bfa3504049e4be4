"""Server-sent events as servers really send them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.client.sse import SseEvent, SseReader

MIXED = (
    "\ufeffdata: é1\n\n: keepalive 3/7\r\n\r\nevent: ping\rdata:2\r\rid: 9\nretry: 5\ndata: a\r\n"
    "data\ndata:  b\r\n\r\nnonsense\n\ndata: [DONE]\n\n"
).encode()
EVENTS = [SseEvent("é1"), SseEvent("2", "ping"), SseEvent("a\n\n b"), SseEvent("[DONE]")]


def read(*portions: bytes) -> list[SseEvent]:
    reader = SseReader()
    events = [event for portion in portions for event in reader.feed(portion)]
    return events + reader.end()


def test_comments_ids_and_unknown_lines_are_no_events() -> None:
    assert read(MIXED) == EVENTS


@given(cuts=st.lists(st.integers(0, len(MIXED))))
def test_events_do_not_depend_on_how_the_bytes_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(MIXED)]
    assert read(*(MIXED[a:b] for a, b in pairwise(edges))) == EVENTS


def test_an_event_is_out_as_soon_as_its_blank_line_is_in() -> None:
    reader = SseReader()
    assert reader.feed(b"data: x\r\n\r") == [SseEvent("x")]
    assert reader.feed(b"\ndata: y\n") == []
    assert reader.feed(b"\n") == [SseEvent("y")]


@pytest.mark.parametrize("tail", [b"data: x", b"data: x\n", b"data: x\r", b"data: x\r\n"])
def test_the_last_blank_line_may_be_missing(tail: bytes) -> None:
    assert read(tail) == [SseEvent("x")]


def test_bytes_that_are_no_text_end_nothing() -> None:
    assert read(b"data: \xff\n\ndata: y\n\n") == [SseEvent("\ufffd"), SseEvent("y")]
