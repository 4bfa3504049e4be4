"""Responses on disk: what was put is there after everything that can happen to a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmx.core.errors import ConfigError
from llmx.core.server.responses.presence import SUFFIX
from llmx.core.server.responses.sqlite_store import SqliteStore, StoreFault
from llmx.core.wire.responses.record import Record
from llmx.core.wire.responses.sealed import Seal
from tests.core.server.responses.records import record, said


@contextlib.contextmanager
def opened(path: Path, **options: Any) -> Iterator[SqliteStore]:
    store = SqliteStore(path, **options)
    try:
        yield store
    finally:
        store.close()


def put(store: SqliteStore, *records: Record) -> None:
    async def all_of_them() -> None:
        for one in records:
            await store.put(one)

    asyncio.run(all_of_them())


def get(store: SqliteStore, identity: str, owner: str = "") -> Record | None:
    return asyncio.run(store.get(owner, identity))


def found(store: SqliteStore, identity: str) -> Record:
    one = get(store, identity)
    assert one is not None
    return one


def large(number: int) -> Record:
    """Of 10 kB, none of which another has."""
    return record(f"resp_{number}", text=f"{number:03} {'x' * 10_000}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "responses.sqlite"


def test_what_was_put_is_there_after_a_restart(path: Path) -> None:
    first = record("resp_1")
    second = record("resp_2", before=first, background=True, namespace="n")
    with opened(path) as store:
        put(store, first, second)
    with opened(path) as store:
        assert found(store, "resp_1") == first
        assert found(store, "resp_2") == second
        assert found(store, "resp_2").object == second.object
        assert store.stats().responses == 2


def test_what_was_sealed_is_read_after_a_restart(path: Path) -> None:
    """Or a conversation that was compacted would end with the server."""
    with opened(path) as store:
        sealed = Seal(store.key).seal("a thought")
    with opened(path) as store, opened(path.with_name("other")) as other:
        assert Seal(store.key).unseal(sealed) == "a thought"
        assert Seal(other.key).unseal(sealed) is None


def test_a_record_is_copied_on_the_way_in_and_out(path: Path) -> None:
    """Defect: a live object is given away while it changes."""
    item: dict[str, Any] = dict(said("Hi", 0))
    with opened(path) as store:
        put(store, replace(record("resp_1"), items=(item,)))
        item["id"] = "msg_changed"
        one = found(store, "resp_1")
        assert one.items[0]["id"] == "msg_0"
        assert isinstance(one.items[0], dict)
        one.items[0]["id"] = "msg_changed"
        assert found(store, "resp_1").items[0]["id"] == "msg_0"


def test_items_of_a_chain_are_kept_once(path: Path) -> None:
    chain = [record("resp_0")]
    for number in range(1, 40):
        chain.append(record(f"resp_{number}", before=chain[-1]))
    with opened(path) as store:
        put(store, *chain)
        assert found(store, "resp_39") == chain[-1]
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM items").fetchone() == (80,)  # 40 turns of two
    file.close()


def test_what_a_deleted_response_shared_stays_with_the_others(path: Path) -> None:
    first = record("resp_1")
    second = record("resp_2", before=first)
    other = record("resp_3", before=first)
    with opened(path) as store:
        put(store, first, second, other)
        assert asyncio.run(store.delete("", "resp_1"))
        assert not asyncio.run(store.delete("", "resp_1"))
        assert get(store, "resp_1") is None
        assert found(store, "resp_2") == second
        assert asyncio.run(store.delete("", "resp_2"))
        assert found(store, "resp_3") == other
        assert asyncio.run(store.delete("", "resp_3"))
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM items").fetchone() == (0,)
    file.close()


def test_what_was_deleted_is_not_in_the_file_any_more(path: Path) -> None:
    with opened(path) as store:
        put(store, record("resp_1", text="the secret of the day" * 500), record("resp_2"))
        assert asyncio.run(store.delete("", "resp_1"))
    assert b"the secret" not in path.read_bytes()


def test_an_item_that_occurs_twice_is_given_back_twice(path: Path) -> None:
    again = said("Again", 7)
    one = replace(record("resp_1"), items=(again, again))
    with opened(path) as store:
        put(store, one)
        assert found(store, "resp_1") == one
        assert asyncio.run(store.item("", "msg_7")) == again


def test_owners_do_not_find_each_others(path: Path) -> None:
    mine, theirs = record("resp_1", owner="me"), record("resp_2", owner="them")
    with opened(path) as store:
        put(store, mine, theirs)
        assert get(store, "resp_1", "me") == mine
        assert get(store, "resp_1", "them") is None
        assert get(store, "resp_1") is None
        assert not asyncio.run(store.delete("them", "resp_1"))
        assert asyncio.run(store.item("me", "msg_0")) == mine.items[0]
        assert asyncio.run(store.item("them", "msg_0")) == theirs.items[0]
        assert asyncio.run(store.item("", "msg_0")) is None


def test_each_step_of_a_background_response_is_kept(path: Path) -> None:
    queued = record("resp_1", status="queued", background=True)
    running = replace(queued, state=replace(queued.state, status="in_progress"))
    done = record("resp_1", background=True)
    with opened(path) as store:
        for one in (queued, running, done):
            put(store, one)
            assert found(store, "resp_1") == one
        assert store.stats().responses == 1


@pytest.mark.parametrize("late", ["completed", "in_progress"])
def test_a_late_step_never_overwrites_an_end(path: Path, late: Any) -> None:
    """Defect: a cancelled response becomes completed, as its last step was on its way."""
    cancelled = record("resp_1", status="cancelled", background=True)
    with opened(path) as store:
        put(store, cancelled, record("resp_1", status=late, text="Late", background=True))
        assert found(store, "resp_1") == cancelled


# ── bounds ────────────────────────────────────────────────────────────────────────────────────


def test_the_file_stays_below_its_limit_and_the_unused_go_first(path: Path) -> None:
    limit = 400_000
    with opened(path, max_bytes=limit) as store:
        for number in range(60):
            put(store, large(number))
            assert get(store, "resp_0") is not None  # read, so it is not the oldest
            assert store.stats().nbytes <= limit
        assert get(store, "resp_1") is None
        assert get(store, "resp_59") is not None
        stats = store.stats()
        assert stats.responses + stats.evicted == 60
        assert stats.responses >= 20  # of 10 kB each, with an index or two
    assert path.stat().st_size <= limit + 20_000  # it had to be there before others went for it


def test_what_is_larger_than_the_limit_costs_nobody_else(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(path, max_bytes=200_000) as store:
        put(store, record("resp_1"), record("resp_2", text="x" * 300_000))
        assert get(store, "resp_1") is not None
        assert get(store, "resp_2") is None
        assert store.stats().failed == 1
    assert "resp_2" in caplog.text


def test_what_is_too_old_is_gone(path: Path) -> None:
    clock = [1000.0]
    with opened(path, max_age_s=100, now=lambda: clock[0]) as store:
        put(store, record("resp_1"))
        clock[0] += 99
        assert get(store, "resp_1") is not None
        put(store, record("resp_2"))
        clock[0] += 2
        assert get(store, "resp_1") is None  # whether it was swept already or not
        assert get(store, "resp_2") is not None
        clock[0] += 1000
        put(store, record("resp_3"))
        assert store.stats().responses == 1
        assert store.stats().expired == 2


def test_what_is_under_way_neither_goes_nor_grows_old(path: Path) -> None:
    clock = [1000.0]
    running = record("resp_1", status="in_progress", background=True)
    with opened(path, max_bytes=200_000, max_age_s=100, now=lambda: clock[0]) as store:
        put(store, running)
        clock[0] += 1000
        put(store, *(large(n) for n in range(2, 40)))
        assert found(store, "resp_1") == running


# ── servers that end, and several at once ─────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_what_a_dead_server_computed_is_failed(path: Path, status: Any) -> None:
    """Defect: it stays `queued` for ever, and whoever polls it hangs."""
    put_by_another_process(path, status)
    with opened(path) as store:
        one = found(store, "resp_1")
        assert one.state.status == "failed"
        assert one.state.error["code"] == "server_error"
        assert one.state.usage["total_tokens"] == 0
        assert one.background
        assert store.stats().orphaned == 1
    assert list(path.parent.glob(f"*{SUFFIX}")) == []


def test_what_a_living_server_computes_is_left_alone_until_it_dies(path: Path) -> None:
    with opened(path) as here:
        running = record("resp_1", status="in_progress", background=True)
        with opened(path) as there:
            put(there, running)
            assert found(here, "resp_1") == running
            with opened(path) as third:
                assert found(third, "resp_1") == running
        assert found(here, "resp_1").state.status == "failed"  # its server is gone


def test_two_servers_share_a_file(path: Path) -> None:
    with opened(path) as one, opened(path) as other:
        for number in range(20):
            put((one, other)[number % 2], record(f"resp_{number}"))
        for number in range(20):
            assert get(one, f"resp_{number}") is not None
            assert get(other, f"resp_{number}") is not None


def test_servers_that_start_at_once_on_a_new_file_get_on(path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from llmx.core.server.responses.sqlite_store import SqliteStore\n"
        "from tests.core.server.responses.records import record\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "for n in range(10): asyncio.run(store.put(record(f'resp_{sys.argv[2]}_{n}')))\n"
        "store.close()\n"
    )
    names = ("a", "b", "c")
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in names
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    with opened(path) as store:
        assert store.stats().responses == 30
        assert all(get(store, f"resp_{name}_{n}") for name in names for n in range(10))


def put_by_another_process(path: Path, status: str) -> None:
    """A response under way in a process that is then killed."""
    script = (
        "import asyncio, os, sys; from pathlib import Path\n"
        "from llmx.core.server.responses.sqlite_store import SqliteStore\n"
        "from tests.core.server.responses.records import record\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "one = record('resp_1', status=sys.argv[2], background=True)\n"
        "asyncio.run(store.put(one)); os.kill(os.getpid(), 9)\n"
    )
    process = subprocess.run([sys.executable, "-c", script, str(path), status], timeout=60)
    assert process.returncode == -9
    assert len(list(path.parent.glob(f"*{SUFFIX}"))) == 1


# ── files ─────────────────────────────────────────────────────────────────────────────────────


def foreign_database(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE mine (a)")
    file.close()


def later_version(path: Path) -> None:
    with opened(path) as store:
        put(store, record("resp_1"))
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()


def cut_short(path: Path) -> None:
    with opened(path) as store:
        put(store, *(large(n) for n in range(20)))
    os.truncate(path, path.stat().st_size // 2)


def overwritten(path: Path) -> None:
    with opened(path) as store:
        put(store, *(large(n) for n in range(20)))
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = b"\xa5" * (len(content) // 2 - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_text("dear diary\n" * 100), "not a store of responses"),
        (lambda path: path.write_bytes(b"x"), "not a store of responses"),
        (foreign_database, "not a store of responses"),
        (later_version, "later llmx"),
        (cut_short, "damaged"),
        (overwritten, "damaged"),
    ],
    ids=["text", "one byte", "another database", "a later version", "cut short", "overwritten"],
)
def test_a_file_that_is_none_of_ours_or_damaged_is_refused_untouched(
    path: Path, make: Any, why: str
) -> None:
    make(path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=why) as caught:
        SqliteStore(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no file"):
        SqliteStore(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a file it may not write")
def test_a_file_that_may_not_be_written_is_refused(path: Path) -> None:
    path.touch(mode=0o400)
    with pytest.raises(ConfigError, match="writable"):
        SqliteStore(path)


@pytest.mark.skipif(os.name == "nt", reason="permissions of another kind")
def test_the_file_is_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "responses.sqlite"
    with opened(path) as store:
        put(store, record("resp_1"))
        for one in path.parent.iterdir():
            assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_empty_file_is_taken(path: Path) -> None:
    path.touch()
    with opened(path) as store:
        put(store, record("resp_1"))
        assert get(store, "resp_1") is not None


def test_damage_under_a_running_server_is_an_error_and_not_an_answer(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(path) as store:
        put(store, record("resp_1"))
        with sqlite3.connect(path) as file:
            file.execute("DELETE FROM items")
        file.close()
        with pytest.raises(StoreFault):
            get(store, "resp_1")
    assert "Traceback" in caplog.text


def test_an_end_that_cannot_be_stored_is_told_as_a_failure(path: Path) -> None:
    """Or whoever polls the response would wait for ever."""
    with opened(path, max_bytes=200_000) as store:
        put(store, record("resp_1", status="in_progress", background=True))
        put(store, record("resp_1", text="x" * 300_000, background=True))
        assert found(store, "resp_1").state.status == "failed"


def test_closing_is_idempotent_and_nothing_is_taken_after_it(path: Path) -> None:
    store = SqliteStore(path)
    store.close()
    store.close()
    put(store, record("resp_1"))
    with pytest.raises(StoreFault):
        get(store, "resp_1")


def test_a_hundred_readers_and_writers_at_once(path: Path) -> None:
    async def all_at_once(store: SqliteStore) -> None:
        await asyncio.gather(*(store.put(record(f"resp_{n}")) for n in range(100)))
        read = await asyncio.gather(*(store.get("", f"resp_{n}") for n in range(100)))
        assert read == [record(f"resp_{n}") for n in range(100)]

    with opened(path) as store:
        asyncio.run(all_at_once(store))


def test_what_was_asked_for_is_stored_though_nobody_waits(path: Path) -> None:
    async def leave(store: SqliteStore) -> None:
        putting = asyncio.create_task(store.put(record("resp_1")))
        await asyncio.sleep(0)
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting
        assert await store.get("", "resp_1") is not None

    with opened(path) as store:
        asyncio.run(leave(store))
