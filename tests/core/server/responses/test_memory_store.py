"""Responses in memory: the same promises as on disk, until the server ends."""

from __future__ import annotations

import asyncio

import pytest

from llmx.core.server.responses.store import MemoryStore
from llmx.core.wire.responses.record import Record
from tests.core.server.responses.records import record

CREATED = 1_700_000_000.0  # all of these were


def stored(limit_bytes: int = 10_000_000) -> MemoryStore:
    return MemoryStore(limit_bytes, clock=lambda: CREATED)


def put(store: MemoryStore, *records: Record) -> None:
    for one in records:
        asyncio.run(store.put(one))


def get(store: MemoryStore, id: str, owner: str = "") -> Record | None:
    return asyncio.run(store.get(owner, id))


def large(number: int) -> Record:
    return record(f"resp_{number}", text="x" * 10_000)


def test_a_late_step_never_overwrites_an_end() -> None:
    cancelled = record("resp_1", status="cancelled", background=True)
    store = stored()
    put(store, record("resp_1", status="queued", background=True), cancelled, record("resp_1"))
    assert get(store, "resp_1") == cancelled
    assert store.stats().responses == 1


def test_what_is_unread_goes_first_and_the_limit_holds() -> None:
    store = stored(60_000)
    for number in range(20):
        put(store, large(number))
        assert get(store, "resp_0") is not None
        assert store.stats().nbytes <= 60_000
    assert get(store, "resp_1") is None
    assert get(store, "resp_19") is not None


def test_what_is_larger_than_the_limit_costs_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    store = stored(20_000)
    put(store, record("resp_1"), record("resp_2", text="x" * 30_000))
    assert get(store, "resp_1") is not None
    assert get(store, "resp_2") is None
    assert store.stats().failed == 1
    assert "resp_2" in caplog.text


def test_what_is_too_old_is_gone() -> None:
    clock = [CREATED]
    store = MemoryStore(limit_s=100, clock=lambda: clock[0])
    put(store, record("resp_1"))
    clock[0] += 99
    assert get(store, "resp_1") is not None
    clock[0] += 2
    assert get(store, "resp_1") is None
    assert store.stats().expired == 1


def test_a_conversation_costs_each_item_once() -> None:
    store = stored()
    chain = [large(0)]
    for number in range(1, 10):
        chain.append(record(f"resp_{number}", before=chain[-1]))
    put(store, *chain)
    assert store.stats().nbytes < 10_000 * 3 + 9 * 4_000  # the long text twice: said, and gone on
    assert asyncio.run(store.delete("", "resp_0"))
    assert get(store, "resp_9") == chain[-1]
    for number in range(1, 10):
        assert asyncio.run(store.delete("", f"resp_{number}"))
    assert store.stats().nbytes == 0


def test_owners_do_not_find_each_others() -> None:
    store = stored()
    put(store, record("resp_1", owner="me"))
    assert get(store, "resp_1", "them") is None
    assert asyncio.run(store.item("them", "msg_0")) is None
    assert not asyncio.run(store.delete("them", "resp_1"))
    assert get(store, "resp_1", "me") is not None
