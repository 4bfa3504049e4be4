"""The reader: what is in a file never ends the reading."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmx.core.analysis.report import analyze
from llmx.core.errors import UnreadableTrace
from llmx.core.trace.reader import Reading
from tests.core.trace.records import chat, record

ONE = msgspec.json.encode(record(1, chat(("user", "hello"))))
TWO = msgspec.json.encode(record(2, chat(("user", "hello you"))))


def reading(folder: Path, content: bytes, **limits: int) -> tuple[list[str], Reading]:
    file = folder / "t.jsonl"
    file.write_bytes(content)
    found = Reading(file, **limits)
    return [one.id for one in found], found


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (ONE + b"\n" + TWO[:-20], "cut JSON"),
        (b"\0" * 64 + b"\n" + ONE, "only NUL bytes"),
        (ONE + b"\nnot json\n", "not JSON"),
        (ONE + b"\n[1, 2]\n", "JSON, but no object"),
        (ONE + b'\n{"type": "assistant"}\n', "another format's JSON object"),
        (ONE + b"\n" + TWO.replace(b"hello", b"\xff\xfe"), "not UTF-8"),
        (ONE + b"\n" + TWO.replace(b'"v":1', b'"v":2'), "format version 2, wanted 1"),
        (ONE + b"\n" + b"[" * 100_000, "not JSON"),
        (ONE + b"\n" + TWO.replace(b'"status":200', b'"status":"ok"'), None),
    ],
)
def test_a_line_that_is_no_record_is_counted_and_left_out(
    tmp_path: Path, content: bytes, why: str | None
) -> None:
    ids, found = reading(tmp_path, content)
    assert ids == ["r1"]
    assert found.skipped.total() == 1
    assert len(found.examples) == 1
    if why is not None:
        assert dict(found.skipped) == {why: 1}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + ONE + b"\r\n\r\n" + TWO + b"\r\n",
        b"\0\0\0" + ONE + b"\n" + TWO + b"\0\0",
        b"\n\n  \n" + ONE + b"\n" + TWO,
    ],
)
def test_edges_that_editors_and_crashes_leave_do_not_matter(tmp_path: Path, content: bytes) -> None:
    ids, found = reading(tmp_path, content)
    assert ids == ["r1", "r2"]
    assert not found.skipped


def test_a_line_that_is_too_long_is_skipped_and_the_next_is_read(tmp_path: Path) -> None:
    limit = len(ONE) + 100
    ids, found = reading(tmp_path, b"x" * 10_000 + b"\n" + ONE + b"\n", line_bytes=limit)
    assert ids == ["r1"]
    assert dict(found.skipped) == {f"longer than {limit} bytes": 1}


def test_duplicates_are_dropped_and_counted(tmp_path: Path) -> None:
    ids, found = reading(tmp_path, b"\n".join([ONE, TWO, ONE, ONE]))
    assert ids == ["r1", "r2"]
    assert (found.records, found.duplicates, found.lines) == (2, 2, 4)


def test_a_folder_is_read_with_its_packed_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(ONE)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(TWO))
    (tmp_path / "c.txt").write_bytes(b"not ours")
    assert [one.id for one in Reading(tmp_path)] == ["r1", "r2"]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-12], lambda data: b"no gzip", lambda _: b""]
)
def test_a_damaged_packed_file_does_not_hide_the_others(tmp_path: Path, damage) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(damage(gzip.compress(TWO + b"\n" + b"x" * 99_999)))
    (tmp_path / "b.jsonl").write_bytes(ONE)
    assert "r1" in [one.id for one in Reading(tmp_path)]


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "holds no line"),
        (b"\n\n", "holds no line"),
        (b"hello\n", "t.jsonl, line 1: not JSON"),
        (b'\n{"a": 1}', "line 2: another format's JSON object"),
    ],
)
def test_nothing_of_ours_says_what_was_seen_and_what_was_wanted(
    tmp_path: Path, content: bytes, seen: str
) -> None:
    with pytest.raises(UnreadableTrace, match=seen) as raised:
        reading(tmp_path, content)
    assert "wanted llmx trace lines" in str(raised.value)


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTrace, match=r"no traces at .*gone"):
        Reading(tmp_path / "gone")
    with pytest.raises(UnreadableTrace, match=r"no files in .*: wanted traces"):
        Reading(tmp_path)


def pieces() -> st.SearchStrategy[bytes]:
    """Any bytes, mixed with true lines and their parts."""
    part = st.sampled_from(
        [ONE, TWO, ONE[:40], TWO[30:], b"\n", b"\r\n", b"\0", b"{", b"\xef\xbb\xbf"]
    )
    return st.lists(st.one_of(st.binary(max_size=40), part), max_size=12).map(b"".join)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), pieces()), packed=st.booleans())
def test_any_bytes_are_read_or_refused_in_one_way(
    tmp_path: Path, content: bytes, packed: bool
) -> None:
    file = tmp_path / ("any.jsonl.gz" if packed else "any.jsonl")
    file.write_bytes(content)
    try:
        report = analyze(Reading(file))
    except UnreadableTrace:
        return
    assert report.rows


@settings(max_examples=150)
@given(body=st.binary(max_size=200), cut=st.integers(0, 80), flipped=st.integers(0, 255))
def test_any_body_can_be_analyzed(body: bytes, cut: int, flipped: int) -> None:
    """Also a true Chat body with one byte changed."""
    true = bytearray(chat(("system", "s"), ("user", [{"type": "text", "text": "t"}])))
    true[cut % len(true)] = flipped
    report = analyze([record(0, bytes(true)), record(1, body), record(2, bytes(true[:cut]))])
    assert len(report.rows) == 3
