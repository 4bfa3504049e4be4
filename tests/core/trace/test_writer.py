"""The writer: whole lines, private files, bounded disk, and no exception on the hot path."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET, structs

from llmx.core.errors import ConfigError
from llmx.core.trace.reader import Reading
from llmx.core.trace.record import TraceRecord
from llmx.core.trace.writer import NAME, QUEUE_RECORDS, TraceWriter, own_files
from tests.core.trace.records import record
from tests.serving import eventually


def write_all(folder: Path, records: list[TraceRecord], **limits: int) -> TraceWriter:
    writer = TraceWriter(folder, **limits)
    for one in records:
        writer.write(one)
    writer.close()
    return writer


def test_every_record_comes_back_as_it_was(tmp_path: Path) -> None:
    records = [record(n, b'{"n": %d}' % n, prompt=n, answer="ä\n") for n in range(50)]
    writer = write_all(tmp_path / "traces", records)
    assert (writer.written, writer.dropped, writer.failed, writer.fault) == (50, 0, 0, None)
    back = [structs.replace(one, origin=UNSET) for one in Reading(tmp_path / "traces")]
    assert back == records


def test_a_body_that_is_not_utf8_is_kept_to_the_byte(tmp_path: Path) -> None:
    write_all(tmp_path, [record(0, b"\xff\x00{")])
    (back,) = Reading(tmp_path)
    assert back.req.body == b"\xff\x00{"


def test_files_and_folder_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "traces"
    write_all(folder, [record(0)])
    (file,) = folder.iterdir()
    assert NAME.fullmatch(file.name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_is_rotated_before_it_grows_too_large(tmp_path: Path) -> None:
    records = [record(n, b"x" * 500) for n in range(10)]
    write_all(tmp_path, records, file_bytes=2000)
    sizes = [size for _, size in own_files(tmp_path)]
    assert len(sizes) > 1
    assert max(sizes) <= 2000
    assert sorted(one.id for one in Reading(tmp_path)) == sorted(one.id for one in records)


def test_all_files_together_keep_the_limit_and_the_oldest_go_first(tmp_path: Path) -> None:
    records = [record(n, b"x" * 500) for n in range(40)]
    write_all(tmp_path, records, file_bytes=2000, max_bytes=8000)
    assert sum(size for _, size in own_files(tmp_path)) <= 8000
    kept = [one.id for one in Reading(tmp_path)]
    assert kept == [one.id for one in records[-len(kept) :]]
    assert len(kept) > 2


def test_files_of_an_earlier_run_count_and_foreign_files_are_left_alone(tmp_path: Path) -> None:
    old = tmp_path / "llmx-20200101T000000-000.jsonl"
    foreign = [tmp_path / "notes.jsonl", tmp_path / "llmx-20200101T000000-000.jsonl.bak"]
    for file in (old, *foreign):
        file.write_bytes(b"x" * 5000)
    write_all(tmp_path, [record(0, b"x" * 500)], max_bytes=5500)
    assert not old.exists()
    assert all(file.stat().st_size == 5000 for file in foreign)


def test_an_existing_file_is_never_written_to(tmp_path: Path) -> None:
    write_all(tmp_path, [record(0)])
    (first,) = (path for path, _ in own_files(tmp_path))
    before = first.read_bytes()
    write_all(tmp_path, [record(1)])
    assert first.read_bytes() == before
    assert len(own_files(tmp_path)) == 2


def test_a_record_larger_than_all_traces_may_be_fails_alone(tmp_path: Path) -> None:
    writer = write_all(tmp_path, [record(0, b"x" * 5000), record(1)], max_bytes=3000)
    assert (writer.written, writer.failed) == (1, 1)
    assert writer.fault is not None
    assert "5.34 kB" in writer.fault
    assert "3 kB" in writer.fault


def test_a_record_that_cannot_be_encoded_fails_alone(tmp_path: Path) -> None:
    writer = write_all(tmp_path, [record(0, answer="\ud800"), record(1)])
    assert (writer.written, writer.failed) == (1, 1)
    assert [one.id for one in Reading(tmp_path)] == ["r1"]


def test_a_folder_that_was_removed_is_made_again(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "traces")
    (tmp_path / "traces").rmdir()
    writer.write(record(0))
    writer.close()
    assert [one.id for one in Reading(tmp_path / "traces")] == ["r0"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is full")
def test_a_file_that_somebody_deletes_meanwhile_costs_no_later_record(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.write(record(0))
    eventually(lambda: writer.written == 1)
    for file, _ in own_files(tmp_path):
        file.unlink()
    writer.write(record(1))
    writer.close()
    assert [one.id for one in Reading(tmp_path)] == [record(1).id]


def test_a_full_disk_is_counted_and_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        return (
            real("/dev/full", os.O_WRONLY) if path.name.startswith("llmx-") else real(path, flags)
        )

    monkeypatch.setattr(os, "open", full)
    writer = write_all(tmp_path, [record(0), record(1)])
    assert (writer.written, writer.failed) == (0, 2)
    assert writer.fault is not None
    assert "No space left" in writer.fault


def test_a_full_queue_drops_and_counts(tmp_path: Path) -> None:
    """The thread is slower than this loop: each line is 1 MB, the queue holds 256 MB."""
    big = record(0, b"x" * (1 << 20))
    writer = TraceWriter(tmp_path, max_bytes=8 << 20)
    total = QUEUE_RECORDS * 4
    for _ in range(total):
        writer.write(big)
    writer.close()
    assert writer.written + writer.dropped == total
    assert writer.dropped > 0
    assert writer.failed == 0


def test_after_close_records_are_dropped(tmp_path: Path) -> None:
    writer = write_all(tmp_path, [])
    writer.write(record(0))
    writer.close()
    assert (writer.written, writer.dropped) == (0, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="file"):
        TraceWriter(tmp_path / "file" / "traces")


def test_each_line_is_one_json_object(tmp_path: Path) -> None:
    write_all(tmp_path, [record(n, b"a\nb") for n in range(3)])
    (file,) = tmp_path.iterdir()
    assert [msgspec.json.decode(line)["v"] for line in file.read_bytes().splitlines()] == [1, 1, 1]


def test_a_file_that_another_writer_has_open_is_never_removed(tmp_path: Path) -> None:
    """Both have the folder to themselves, as they think, and room for three records together."""
    one, other = (TraceWriter(tmp_path, max_bytes=3000) for _ in range(2))
    one.write(record(0, b"x" * 500))
    eventually(lambda: one.written == 1)
    for number in range(1, 9):
        other.write(record(number, b"x" * 500))
    other.close()
    kept = [record.id for record in Reading(tmp_path)]
    one.close()
    assert kept[0] == "r0"
    assert "r1" not in kept
    assert (one.failed, other.failed) == (0, 0)


def test_a_file_is_free_to_be_removed_once_its_writer_has_closed(tmp_path: Path) -> None:
    write_all(tmp_path, [record(0, b"x" * 500)], max_bytes=3000)
    write_all(tmp_path, [record(n, b"x" * 500) for n in range(1, 9)], max_bytes=3000)
    assert "r0" not in {one.id for one in Reading(tmp_path)}
