"""`llmx analyze-traces`: levels, formats, exit codes, and what is told on which stream."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.fixtures import sample_traces
from tests.core.trace.records import chat, record

WHERE = "system, byte 40 (about token 12), against request 5"


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["analyze-traces", *map(str, args)])


def on_sample(*args: object) -> Result:
    with sample_traces() as folder:
        return run(folder, *args)


def test_level_0_is_one_screen_with_hits_times_and_every_miss() -> None:
    done = on_sample()
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) <= 24
    assert "cached 2,586, 68.4% of the 7 requests" in done.stdout
    assert "hits 5 · misses 2" in done.stdout
    assert "hits p50 0.140 s" in done.stdout
    assert "misses p50 1.850 s" in done.stdout
    assert "client: clock · 1 request · 565 tokens" in done.stdout
    assert f"6 chatcmpl-sample-5 · {WHERE}" in done.stdout
    assert "no earlier request shares its beginning" in done.stdout


def test_level_1_has_a_line_per_request() -> None:
    lines = on_sample("--detail", 1).stdout.splitlines()
    rows = [line for line in lines if re.match(r"\d+ +2026-01-05", line)]
    assert len(rows) == 8
    assert rows[5].rstrip().endswith(WHERE)
    assert "unknown" in rows[6]
    assert "refused" in rows[6]


def test_level_2_tells_each_request_whole() -> None:
    out = on_sample("--detail", 2).stdout
    assert out.count("nearest predecessor: request") == 6
    assert "889 B  system" in out
    assert "cause: clock" in out
    assert "error: messages[1].role: must be" in out
    assert "ended: cancelled" in out


def test_content_is_hidden_unless_asked_for() -> None:
    assert "Tuesday" not in on_sample("--detail", 2).stdout
    assert "Tuesday" in on_sample("--detail", 2, "--show-content").stdout


@pytest.mark.parametrize("wanted", ["6", "chatcmpl-sample-5"])
def test_one_request_is_found_by_number_and_by_id(wanted: str) -> None:
    out = on_sample("--request", wanted).stdout
    assert out.startswith("request 6 · chatcmpl-sample-5")
    assert "request 5 · chatcmpl-sample-4" in out


def test_a_request_that_is_not_there_is_named() -> None:
    done = on_sample("--request", 99)
    assert done.exit_code == 2
    assert "no request '99'; wanted an id, or a number from 1 to 8" in done.stderr
    assert done.stdout == ""


def test_json_is_one_document() -> None:
    document = json.loads(on_sample("--json", "--detail", 1).stdout)
    assert document["v"] == 1
    assert len(document["rows"]) == 8
    assert [one["number"] for one in document["missed"]] == [1, 6]
    assert json.loads(on_sample("--json", "--request", 6).stdout)["change"]["cause"] == "clock"


def test_markdown_has_a_table() -> None:
    out = on_sample("--md", "--detail", 1).stdout
    assert sum(line.startswith("|") for line in out.splitlines()) == 10  # header, rule, 8 rows


def test_a_pipe_gets_no_colours_and_no_frames() -> None:
    for level in (0, 1, 2):
        assert not re.search("[\x1b─│┃]", on_sample("--detail", level).output)


@pytest.mark.parametrize(("limit", "code"), [(0.8, 0), (0.9, 1)])
def test_fail_under_compares_cached_with_possible(limit: float, code: int) -> None:
    assert on_sample("--fail-under", limit).exit_code == code


def test_fail_under_does_not_pass_what_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(msgspec.json.encode(record(0, chat(("user", "u")))))
    done = run(tmp_path, "--fail-under", 0.1)
    assert done.exit_code == 1
    assert "unknown" in done.stderr
    assert "0.0%" not in done.stdout


def test_skipped_lines_are_told_on_stderr_and_strict_makes_them_fail(tmp_path: Path) -> None:
    line = msgspec.json.encode(record(0, chat(("user", "u"))))
    (tmp_path / "t.jsonl").write_bytes(line + b"\nnot ours\n" + line + b"\n" + line[:50])
    done = run(tmp_path)
    assert done.exit_code == 0
    assert "requests read: 1, from files: 1, duplicates: 1, lines skipped: 2" in done.stderr
    assert "the first: t.jsonl, line 2" in done.stderr
    assert run(tmp_path, "--strict").exit_code == 2


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 99, b'{"type": "assistant"}', b"\xff"])
def test_nothing_readable_is_one_line_and_exit_2(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.jsonl").write_bytes(content)
    done = run(tmp_path)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "wanted llmx trace lines" in done.stderr


def test_without_a_path_it_reads_where_serve_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMX_HOME", str(tmp_path))
    done = run()
    assert done.exit_code == 2
    assert f"no traces at {tmp_path / 'traces'}" in done.stderr
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "a.jsonl").write_bytes(msgspec.json.encode(record(0)))
    assert run().exit_code == 0


@pytest.mark.parametrize("t0", [None, -1e300, 1e300, 0.0])
def test_times_that_no_calendar_has_are_unknown(tmp_path: Path, t0: float | None) -> None:
    strange = msgspec.structs.replace(record(0), t0=t0, id="\x1b[31mred\n")
    (tmp_path / "t.jsonl").write_bytes(msgspec.json.encode(strange))
    for level in (0, 1, 2):
        done = run(tmp_path, "--detail", level)
        assert done.exit_code == 0
        assert "\x1b" not in done.output


def test_detail_is_a_level() -> None:
    assert on_sample("--detail", 3).exit_code == 2
    assert "a level and not an index" in " ".join(run("--help").stdout.split())
