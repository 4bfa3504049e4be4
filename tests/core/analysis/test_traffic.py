"""What is kept of a trace: each piece once, on disk what does not fit, bodies to be read again."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from llmx.core.analysis.bodylog import DEPTH, BodyLog
from llmx.core.analysis.store import Store
from llmx.core.analysis.traffic import Traffic
from llmx.core.trace.bodies import Bodies
from tests.core.trace.records import chat, record


@given(st.lists(st.binary(max_size=2_000), max_size=12), st.integers(0, 3_000))
def test_a_piece_comes_back_wherever_it_is(pieces: list[bytes], budget: int) -> None:
    store = Store(budget)
    kept = [store.keep(piece) for piece in pieces]
    assert [blob.data for blob in kept] == pieces
    assert [blob.nbytes for blob in kept] == [len(piece) for piece in pieces]
    assert all(store.keep(piece) is blob for piece, blob in zip(pieces, kept, strict=True))


def test_what_does_not_fit_is_spooled_and_small_pieces_are_not() -> None:
    store = Store(budget=1_000)
    for number in range(5):
        store.keep(b"%d" % number * 1_000)
    small = store.keep(b"x" * 10)
    assert (store.held, store.spool.nbytes) == (1_010, 4_000)
    assert small.data == b"x" * 10


def test_bodies_are_read_again_in_any_order() -> None:
    source, log = Bodies(), BodyLog(Store(budget=2_000))
    bodies = [
        chat(("system", "s" * 500), *[("user", f"{n}, " * 40) for n in range(count)])
        for count in range(1, DEPTH + 20)
    ]
    logged = [log.keep(source.plain(body)) for body in bodies]
    assert max(each.depth for each in logged) == DEPTH
    for place in (3, len(bodies) - 1, 0, DEPTH, DEPTH + 1, 7):
        assert log.read(logged[place]) == bodies[place]


def test_requests_are_added_in_any_order_and_asked_for_at_any_time() -> None:
    traffic = Traffic()
    bodies = [chat(*[("user", f"say {n}")] * (n + 1)) for n in range(4)]
    assert traffic.add(record(2, bodies[2], answer="two"))
    assert [request.record.id for request in traffic.in_order()] == ["r2"]
    for number in (3, 0, 1):
        assert traffic.add(record(number, bodies[number]))
    assert not traffic.add(record(2, bodies[0]))
    requests = traffic.in_order()
    assert [request.body for request in requests] == bodies
    assert [request.answer for request in requests] == [None, None, b"two", None]
    assert len(traffic) == 4


def test_memory_does_not_grow_with_what_is_repeated() -> None:
    traffic = Traffic()
    for count in range(40):
        body = {"messages": [{"role": "user", "content": f"{n}" * 2_000} for n in range(count)]}
        traffic.add(record(count, json.dumps(body).encode()))
    text = sum(len(f"{n}" * 2_000) for n in range(40))
    assert traffic.store.held < 3 * text  # the bodies have 20 times as much
