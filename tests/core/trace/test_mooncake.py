"""Block traces: what a line must hold, and what a file may lack."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from llmx.core.errors import UnreadableTrace
from llmx.core.trace.mooncake import BlockRequest, MooncakeTrace

ONE = b'{"timestamp": 0, "input_length": 900, "output_length": 5, "hash_ids": [7, 9]}\n'
TWO = b'{"timestamp": 2500, "input_length": 1100, "output_length": 6, "hash_ids": [7, 8, 9]}\n'


def read(folder: Path, content: bytes, name: str = "t.jsonl") -> tuple[list[BlockRequest], bool]:
    file = folder / name
    file.write_bytes(content)
    trace = MooncakeTrace(file)
    return list(trace), trace.is_cut


def test_a_line_is_a_request_with_its_blocks_numbered_anew(tmp_path: Path) -> None:
    found, is_cut = read(tmp_path, ONE + TWO)
    assert found == [
        BlockRequest((0, 1), 0.0, 900, 5),
        BlockRequest((0, 2, 1), 2.5, 1100, 6),
    ]
    assert not is_cut


@pytest.mark.parametrize(
    "content",
    [
        ONE + b"\n  \r\n" + TWO,
        b"\xef\xbb\xbf" + ONE + TWO.rstrip(),
        ONE.replace(b"}", b', "more": [1]}') + TWO.replace(b"2500", b"2500.0"),
        ONE.replace(b"7", b"-7000000000000") + TWO.replace(b"[7", b"[-7000000000000"),
    ],
    ids=["blank lines", "BOM and no last line end", "more fields", "large ids"],
)
def test_what_does_not_matter_is_read_over(tmp_path: Path, content: bytes) -> None:
    found, is_cut = read(tmp_path, content)
    assert [request.blocks for request in found] == [(0, 1), (0, 2, 1)]
    assert not is_cut


def test_a_last_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    found, is_cut = read(tmp_path, ONE + TWO[:-20])
    assert (len(found), is_cut) == (1, True)


def test_compressed_files_are_read_cut_ones_as_far_as_they_go(tmp_path: Path) -> None:
    whole = gzip.compress(ONE + TWO)
    assert len(read(tmp_path, whole, "t.jsonl.gz")[0]) == 2
    found, is_cut = read(tmp_path, whole[:-9], "t.jsonl.gz")
    assert is_cut
    assert found[:1] == [BlockRequest((0, 1), 0.0, 900, 5)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (TWO.replace(b"[7, 8, 9]", b'"7"'), "Expected `array`, got `str`"),
        (TWO.replace(b"8", b'"x"'), "Expected `int`, got `str`"),
        (TWO.replace(b"1100", b"-1"), "`int` >= 0"),
        (b'{"prompt": "hello"}\n', "missing required field"),
        (b"[1, 2]\n", "Expected `object`"),
        (b"not json\n", "malformed"),
        (b"[" * 5000 + b"\n", "line 2"),
    ],
)
def test_another_line_stops_the_reading_with_its_number_what_was_seen_and_wanted(
    tmp_path: Path, line: bytes, why: str
) -> None:
    with pytest.raises(UnreadableTrace) as caught:
        read(tmp_path, ONE + line + TWO)
    said = str(caught.value)
    assert "t.jsonl, line 2" in said
    assert why in said
    assert line[:20].decode().strip() in said
    assert '"hash_ids"' in said


@pytest.mark.parametrize("content", [b"", b"\n\n", ONE[:30]])
def test_a_file_without_a_request_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableTrace, match="holds no request"):
        read(tmp_path, content)


def test_a_path_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTrace, match="cannot read"):
        list(MooncakeTrace(tmp_path / "none.jsonl"))
    (tmp_path / "t.gz").write_bytes(b"not gzip")
    with pytest.raises(UnreadableTrace, match="gzip"):
        list(MooncakeTrace(tmp_path / "t.gz"))
