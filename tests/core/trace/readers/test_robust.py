"""Files as they are found: mixed, damaged, packed, growing, unreadable. All of it is counted."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import stat
import sys
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.core.analysis.report import analyze
from llmx.core.errors import UnreadableTrace
from llmx.core.trace.reader import Reading
from llmx.core.trace.readers.choose import Desk
from llmx.core.trace.readers.documents import Document, Documents, Fault
from llmx.core.trace.record import TraceRecord
from tests.core.trace.readers.read import read
from tests.core.trace.readers.samples import (
    T0,
    anyclaude,
    claude_trace,
    every,
    lines,
    litellm,
    messages_body,
    messages_sse,
    pretty,
)
from tests.core.trace.records import chat, record

OWN = msgspec.json.encode(record(1, chat(("user", "hello"))))
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def sources(found: list[TraceRecord]) -> list[str]:
    return sorted(str(one.source) for one in found)


ALL = sorted([*every(), "mooncake", "bailian", "weka", "llmx"])  # three have two requests


def test_a_folder_of_every_format_is_read(tmp_path: Path) -> None:
    for name, content in every().items():
        folder = tmp_path / name / "deeper"
        folder.mkdir(parents=True)
        (folder / "trace.json").write_bytes(content)
    (tmp_path / "own.jsonl").write_bytes(OWN)
    reading = Reading(tmp_path)
    assert sources(list(reading)) == ALL
    assert not reading.skipped
    assert dict(reading.formats)["weka"] == 2
    assert dict(reading.sources)[tmp_path / "weka" / "deeper" / "trace.json", "weka"] == 2
    assert sum(reading.sources.values()) == reading.records
    again = Reading(tmp_path)
    assert [one.id for one in again] == [one.id for one in Reading(tmp_path)]


def test_times_from_the_begin_of_a_trace_are_not_mixed_with_the_clock(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_bytes(every()["mooncake"])
    relative = analyze(Reading(tmp_path))
    assert (relative.first_t0, relative.last_t0) == (0.0, 3.0)
    (tmp_path / "own.jsonl").write_bytes(OWN)
    mixed = analyze(Reading(tmp_path))
    assert (mixed.first_t0, mixed.last_t0) == (1001.0, 1001.0)


@pytest.mark.parametrize("between", [b"\n", b"", b"\r\n\r\n", b"\n\0\0\0\n"])
def test_one_stream_of_every_format_is_read(tmp_path: Path, between: bytes) -> None:
    content = between.join([OWN, *every().values(), OWN.replace(b"r1", b"r2")])
    found, reading = read(tmp_path, t_log=b"\xef\xbb\xbf" + content)
    assert sources(found) == sorted([*ALL, "llmx"])
    assert set(reading.skipped) <= {"only NUL bytes"}


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"".join(every().values())
    for sent in (content, gzip.compress(content), zstandard.compress(content)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
        found = list(Reading(Path("-")))
        assert len(found) == len(ALL) - 1
        assert {one.place for one in found} == {None}


def test_a_packed_file_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(gzip.compress(lines(litellm(T0))))
    (found,) = Reading(tmp_path)
    assert found.place is None


def test_zstandard_of_several_frames_is_read(tmp_path: Path) -> None:
    frames = [zstandard.compress(lines(litellm(T0 + n, id=f"chatcmpl-{n}"))) for n in range(2)]
    (tmp_path / "a.jsonl.zst").write_bytes(b"".join(frames))
    found = list(Reading(tmp_path))
    assert len(found) == 2
    assert {one.place for one in found} == {None}


@pytest.mark.parametrize(
    ("behind", "why"),
    [
        (b"no frame", "cannot be read further: damaged: "),
        (zstandard.compress(OWN * 9)[:-9], "cannot be read further: damaged: "),
        (b"\0" * 512, None),
    ],
    ids=["text", "cut-frame", "padding"],
)
def test_what_stands_behind_a_frame_does_not_take_it_away(
    tmp_path: Path, behind: bytes, why: str | None
) -> None:
    content = zstandard.compress(OWN + b"\n" + OWN.replace(b"r1", b"r2") + b"\n") + behind
    (tmp_path / "a.jsonl.zst").write_bytes(content)
    reading = Reading(tmp_path)
    assert [one.id for one in reading] == ["r1", "r2"]
    assert [said.startswith(why or "-") for said in reading.skipped] == [True] * bool(why)


def test_a_byte_order_mark_of_a_file_that_was_joined_to_another(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    (tmp_path / "a.jsonl").write_bytes(mark + OWN + b"\n" + mark + OWN.replace(b"r1", b"r2"))
    reading = Reading(tmp_path)
    found = list(reading)
    assert [one.id for one in found] == ["r1", "r2"]
    assert not reading.skipped
    place = found[1].place
    assert place is not None
    assert place.offset == len(mark + OWN + b"\n" + mark)


def test_damaged_zstandard_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(range(20)))
    (tmp_path / "b.jsonl").write_bytes(OWN)
    reading = Reading(tmp_path)
    assert len(list(reading)) == 1
    assert reading.skipped.total() == 1


def test_lines_of_arrays_are_documents(tmp_path: Path) -> None:
    """A list in one line, a list with an element per line, a list that is printed prettily."""
    documents = [litellm(T0 + n, id=f"chatcmpl-{n}") for n in range(2)]
    rows = b"[\n" + b",\n".join(json.dumps(one).encode() for one in documents) + b"\n]\n"
    for number, content in enumerate((json.dumps(documents).encode(), rows, pretty(documents))):
        folder = tmp_path / str(number)
        folder.mkdir()
        found, reading = read(folder, a_json=content)
        assert len(found) == 2
        assert not reading.skipped
        for one in found:
            place = one.place
            assert place is not None
            stored = (folder / "a.json").read_bytes()[place.offset : place.offset + place.nbytes]
            assert json.loads(stored) in documents


def test_a_cut_document_does_not_hide_the_next(tmp_path: Path) -> None:
    whole = pretty(anyclaude(T0, messages_body()))
    found, reading = read(tmp_path, a_json=whole[:-90] + b"\n" + whole + b"\n" + OWN + whole[:200])
    assert sources(found) == ["anyclaude", "llmx"]
    assert dict(reading.skipped) == {"cut JSON": 2}


def test_a_document_that_is_too_long_is_left_out_alone(tmp_path: Path) -> None:
    long = pretty(anyclaude(T0, messages_body(400)))
    (tmp_path / "a.json").write_bytes(long + b"\n" + OWN + b"\n")
    reading = Reading(tmp_path, line_bytes=len(OWN) + 1000)
    assert sources(list(reading)) == ["llmx"]
    assert reading.skipped.total() == 1


def test_a_line_of_fifty_megabytes_is_read(tmp_path: Path) -> None:
    body = messages_body()
    body["messages"][0]["content"] = "@"
    line = lines(claude_trace(T0, body, messages_sse())).replace(b"@", b"x" * 50_000_000)
    (found,), reading = read(tmp_path, a_jsonl=line + b"\n")
    assert len(found.req.body or b"") > 50_000_000
    assert not reading.skipped


def test_pictures_are_counted_once_each(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(PICTURE)
    (tmp_path / "notes.txt").write_text("one\ntwo\nthree\n")
    with pytest.raises(UnreadableTrace, match=r"0\.png: no text; wanted"):
        list(Reading(tmp_path))
    (tmp_path / "z.jsonl").write_bytes(OWN)
    reading = Reading(tmp_path)
    assert len(list(reading)) == 1
    assert dict(reading.skipped) == {"no text": 3, "text without JSON": 1}


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no pipes with a name")
    os.mkfifo(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(OWN)
    (tmp_path / "c.jsonl").symlink_to(tmp_path / "gone")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    reading = Reading(tmp_path)
    assert len(list(reading)) == 1
    assert reading.skipped.total() == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may read all")
def test_files_and_folders_without_permission_are_counted(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "a.jsonl").write_bytes(OWN)
    (tmp_path / "b.jsonl").write_bytes(OWN)
    (tmp_path / "b.jsonl").chmod(0)
    closed.chmod(0)
    try:
        reading = Reading(tmp_path)
        assert len(list(reading)) == 1
        assert reading.skipped.total() == 2
    finally:
        closed.chmod(stat.S_IRWXU)


def test_a_file_that_grows_while_it_is_read_ends_where_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(OWN + b"\n" + OWN.replace(b"r1", b"r2") + b"\n")
    seen: list[str] = []
    for found in Reading(file):
        seen.append(found.id)
        with file.open("ab") as end:
            end.write(OWN.replace(b"r1", b"new%d" % len(seen)) + b"\n")
        assert len(seen) < 9
    assert seen == ["r1", "r2"]


def test_a_file_that_goes_while_it_is_read_is_told(tmp_path: Path) -> None:
    """Answers of anyclaude are read again at the end, when both files of a call are known."""
    (tmp_path / "a.json").write_bytes(pretty(anyclaude(T0, messages_body())))
    (tmp_path / "b.jsonl").write_bytes(OWN)
    reading = Reading(tmp_path)
    found = []
    for one in reading:
        found.append(one)
        (tmp_path / "a.json").unlink(missing_ok=True)
    assert sources(found) == ["llmx"]
    assert dict(reading.skipped) == {"changed while it was read": 1}


@pytest.mark.parametrize("order", ["reversed", "shuffled", "copied"])
def test_order_and_copies_do_not_change_the_report(tmp_path: Path, order: str) -> None:
    documents = [OWN]
    for n in range(5):
        body, at = messages_body(n + 1), T0 + 60 * n
        answer = messages_sse(read=n)
        documents += [pretty(anyclaude(at, body)), pretty(anyclaude(at + 2, body, answer=answer))]
        documents += lines(litellm(at + 30, id=f"c{n}")).splitlines()
        documents += lines(claude_trace(at + 40, messages_body(n), messages_sse())).splitlines()
    other = {
        "reversed": documents[::-1],
        "shuffled": random.Random(7).sample(documents, len(documents)),
        "copied": documents + documents,
    }[order]
    (tmp_path / "a.json").write_bytes(b"\n".join(documents))
    (tmp_path / "b.json").write_bytes(b"\n".join(other))
    plain, mixed = (analyze(Reading(tmp_path / name)) for name in ("a.json", "b.json"))
    assert len(plain.rows) == 16  # 1 + 5 * 3
    told = [(r.record.id, r.prompt, r.cached, r.ideal, r.lost, r.where) for r in plain.rows]
    assert [(r.record.id, r.prompt, r.cached, r.ideal, r.lost, r.where) for r in mixed.rows] == told


# ── any bytes ─────────────────────────────────────────────────────────────────────────────────


SAMPLES = [*every().values(), OWN]


def damaged() -> st.SearchStrategy[bytes]:
    """A true file with a piece of it replaced."""
    piece = st.sampled_from([b"", b"\0\0", b"\n", b"{", b"}", b"null", b"-1", b'"', b"[", b"1e999"])
    places = st.tuples(st.sampled_from(SAMPLES), st.integers(0, 4000), st.integers(0, 30), piece)
    return places.map(lambda p: p[0][: p[1] % len(p[0])] + p[3] + p[0][p[1] % len(p[0]) + p[2] :])


def swapped() -> st.SearchStrategy[bytes]:
    """A true document in which a value has another type."""
    return st.tuples(st.sampled_from(SAMPLES), st.integers(0, 200), wrong()).map(
        lambda p: json.dumps(_swap(_first(p[0]), p[1], p[2])).encode()
    )


def wrong() -> st.SearchStrategy[object]:
    fixed = st.sampled_from([None, True, -1, 1.5, 1e300, 10**30, "", "x", "\ud800", [], {}, [[]]])
    return st.one_of(fixed, st.text(max_size=5), st.integers())


def _first(content: bytes) -> object:
    return json.JSONDecoder().raw_decode(content.decode())[0]


def _swap(document: object, at: int, value: object) -> object:
    """The document with its value number `at` replaced, counted from the outside."""
    left = [at]

    def walk(found: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            return value
        if isinstance(found, dict):
            return {key: walk(inner) for key, inner in found.items()}
        return [walk(inner) for inner in found] if isinstance(found, list) else found

    return walk(document)


def told(content: bytes) -> int:
    """What a pass over these bytes hands out, all of it."""
    desk, count = Desk(), 0
    for found in Documents(Path("f"), io.BytesIO(content), most=1 << 20, is_placed=False):
        if isinstance(found, Document) and desk.own(found) is None:
            count += sum(1 for _ in desk.read(found))
        elif isinstance(found, Fault):
            count += 1
    return count + sum(1 for _ in desk.end())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), damaged(), swapped()))
def test_no_bytes_make_a_reader_raise(content: bytes) -> None:
    told(content)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b",", b"\n", b'"', b"1", b" ", b"\0"])))
def test_documents_lose_no_byte_that_is_not_an_edge(pieces: list[bytes]) -> None:
    """What is handed out stands in the file at its offset."""
    content = b"".join(pieces)
    at = 0
    for found in Documents(Path("f"), io.BytesIO(content), most=1 << 20, is_placed=True):
        if isinstance(found, Document):
            assert found.offset is not None
            assert found.offset >= at
            assert content[found.offset :].startswith(found.data)
            at = found.offset
