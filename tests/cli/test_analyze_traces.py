"""`llmx analyze-traces`: levels, formats, exit codes, and what is told on which stream."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.core.analysis.follow import Follower
from llmx.core.analysis.kv_bytes import KVBytes, read_kv_bytes
from llmx.core.trace.reader import Reading
from llmx.fixtures import demo_model, sample_traces
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
    assert "1. client: clock · 1 request · 565 tokens" in done.stdout
    assert "-> move the date behind the conversation" in done.stdout
    assert "worst conversation: sample-session · 7 requests · 565 tokens lost" in done.stdout
    assert f"6 chatcmpl-sample-5 · {WHERE}" in done.stdout
    assert "no earlier request shares its beginning" in done.stdout


BLOCKS = (
    '{"timestamp": 0, "input_length": 1024, "output_length": 1, "hash_ids": [1, 2]}\n'
    '{"timestamp": 9, "input_length": 1500, "output_length": 1, "hash_ids": [1, 2, 3]}\n'
    '{"timestamp": 9, "input_length": 500, "output_length": 1, "hash_ids": [4]}\n'
    '{"timestamp": 20, "input_length": 1500, "output_length": 1, "hash_ids": [1, 2, 3]}\n'
)


def test_block_ids_tell_what_was_possible_where_nobody_told_what_was(tmp_path: Path) -> None:
    (tmp_path / "blocks.jsonl").write_text(BLOCKS)
    found = json.loads(run(tmp_path, "--json").stdout)
    assert found["ideal"]["tokens"] == 1024 + 1500
    assert found["ideal"]["share"] == pytest.approx(2524 / 4524)
    assert found["hit_share"] is None
    assert "possible 55.8%" in run(tmp_path).stdout


def test_sizes_of_caches_and_the_second_half_alone_can_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "blocks.jsonl").write_text(BLOCKS)
    with demo_model() as demo:
        options = ("--json", "--detail", 1, "--sizes", "2,3,4,1MB", "--kv-from", demo)
        (whole,) = json.loads(run(tmp_path, *options).stdout)["tables"]["room"]
        (half,) = json.loads(run(tmp_path, *options, "--warmup", "requests").stdout)["tables"][
            "room"
        ]
    hits = [(one["blocks"], one["lru"]["blocks"], one["best"]["blocks"]) for one in whole["curve"]]
    assert hits == [
        (1, 1, 2),
        (2, 3, 4),
        (3, 4, 5),
        (4, 5, 5),
    ]  # 1 MB: 1 block of 512 x 1,024 bytes
    assert (half["warmup"], half["first_scored"], half["blocks"]) == ("requests", 2, 4)
    assert half["infinite"]["blocks"] == 3


def test_sizes_that_mean_nothing_are_wrong_options(tmp_path: Path) -> None:
    (tmp_path / "blocks.jsonl").write_text(BLOCKS)
    for sizes in ("many", "1,,2", "8GB"):
        done = run(tmp_path, "--detail", 1, "--sizes", sizes)
        assert done.exit_code == 2
        assert "--sizes" in done.stderr


def test_level_1_has_a_line_per_request() -> None:
    lines = on_sample("--detail", 1).stdout.splitlines()
    rows = [line for line in lines if re.match(r"\d+ +2026-01-05", line)]
    assert len(rows) == 8
    assert rows[5].rstrip().endswith(WHERE)
    assert "unknown" in rows[6]
    assert "refused" in rows[6]


def test_level_1_has_tables_by_model_conversation_hour_cause_and_share() -> None:
    out = on_sample("--detail", 1).stdout
    for title in ("What was lost, by cause", "By model", "By conversation", "By hour", "Tools",
                  "Times by how much was cached", "Room: sample", "To get so much"):  # fmt: skip
        assert f"\n{title}" in out
    assert "▁" in out


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
    table = out[out.index("### Requests") :]
    assert sum(line.startswith("|") for line in table.splitlines()) == 10  # header, rule, 8 rows


def test_csv_has_a_line_per_request_and_empty_cells_for_what_is_unknown() -> None:
    lines = list(csv.DictReader(io.StringIO(on_sample("--csv").stdout)))
    assert [line["number"] for line in lines] == list("12345678")
    assert (lines[5]["cause"], lines[5]["lost_client"]) == ("clock", "565")
    assert lines[6]["prompt_tokens"] == lines[6]["cached_tokens"] == lines[6]["lost_server"] == ""


def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path: Path) -> None:
    strange = msgspec.structs.replace(record(0), id='=HYPERLINK("x")', session="@SUM(A1)")
    (tmp_path / "t.jsonl").write_bytes(msgspec.json.encode(strange))
    line = next(csv.DictReader(io.StringIO(run(tmp_path, "--csv").stdout)))
    assert line["id"].startswith("'=")
    assert line["session"].startswith("'@")


def test_every_figure_says_where_it_comes_from_and_unknown_is_never_zero(tmp_path: Path) -> None:
    tags = json.loads(on_sample("--json").stdout)["tags"]
    assert tags["hit_share"] == tags["prompt_tokens"] == "server-reported"
    assert tags["ideal"] == tags["lost"] == "estimated"
    assert tags["ttft_s"] == "measured"
    (tmp_path / "t.jsonl").write_bytes(msgspec.json.encode(record(0, chat(("user", "u")))))
    document = json.loads(run(tmp_path, "--json", "--detail", 1).stdout)
    known = {"requests", "conversations", "ideal"}  # the share that was possible, by its bytes
    assert {name for name, tag in document["tags"].items() if tag != "unknown"} == known
    assert (
        document["hit_share"] is document["saved"]["tokens"] is document["lost"]["tokens"] is None
    )
    assert document["tables"]["models"][0]["cached_tokens"] is None


def test_one_form_at_a_time() -> None:
    done = on_sample("--csv", "--json")
    assert done.exit_code == 2
    assert "only one of them" in done.stderr


@pytest.mark.parametrize(
    ("args", "numbers"),
    [
        (("--since", "2026-01-05T09:01:40"), [6, 7, 8]),
        (("--until", "2026-01-05T09:00:20"), [1]),
        (("--since", "1767603640", "--until", "2026-01-05T10:01:00+01:00"), [3]),
    ],
)
def test_a_window_of_time_keeps_the_predecessors_before_it(
    args: tuple[str, ...], numbers: list[int]
) -> None:
    document = json.loads(on_sample("--json", "--detail", 1, *args).stdout)
    assert [row["number"] for row in document["rows"]] == numbers
    if numbers[0] == 6:
        assert document["rows"][0]["change"]["predecessor"] == "chatcmpl-sample-4"


@pytest.mark.parametrize(("option", "said"), [("--since", "soon"), ("--until", "99x")])
def test_what_is_no_time_is_named(option: str, said: str) -> None:
    done = on_sample(option, said)
    assert done.exit_code == 2
    assert "is no time: wanted" in done.stderr


def test_an_empty_window_is_no_report() -> None:
    done = on_sample("--since", "2031-01-01")
    assert done.exit_code == 2
    assert "none of the 8 requests lies in that time" in done.stderr


def test_what_if_tells_of_other_servers() -> None:
    out = on_sample("--what-if").stdout
    assert "mlx_lm.server" in out
    assert "--prompt-cache-size 10" in out
    told = json.loads(on_sample("--what-if", "--json").stdout)["tables"]["room"][0]["what_if"]
    assert {"llmx serve", "vLLM"} <= {one["server"] for one in told}


def test_a_trace_of_block_ids_has_bounds_at_the_sizes_that_were_asked(tmp_path: Path) -> None:
    """Two requests of four blocks share two; between them another one goes by."""
    ids = ([0, 1, 2, 3], [9, 8], [0, 1, 5, 6])
    lines = [
        {"timestamp": at, "input_length": 512 * len(some), "output_length": 1, "hash_ids": some}
        for at, some in enumerate(ids)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = run(tmp_path, "--sizes", "2,6,4", "--json")
    document = json.loads(done.stdout)
    room = document["tables"]["room"][0]
    assert [point["blocks"] for point in room["curve"]] == [2, 4, 6]
    assert [point["lru"]["blocks"] for point in room["curve"]] == [0, 2, 2]  # 2 and 2 others
    assert [point["best"]["blocks"] for point in room["curve"]] == [2, 2, 2]
    assert room["infinite"]["block_share"] == 0.2  # 2 of 10
    assert document["ideal"] == {"tokens": 1024, "share": 0.2, "achieved": None, "tag": "measured"}
    last = run(tmp_path, "--sizes", "2").stdout.splitlines()[-1].split()
    assert last == ["2", "1,024", "unknown", "0.00%", "0.00%", "20.00%", "20.00%"]
    assert run(tmp_path, "--sizes", "many").exit_code == 2


def test_sizes_are_bytes_where_the_model_is_known(demo: Path) -> None:
    kv = read_kv_bytes(demo)
    assert isinstance(kv, KVBytes)
    document = json.loads(on_sample("--detail", 1, "--json", "--kv-from", demo).stdout)
    point = document["tables"]["room"][0]["curve"][0]
    assert point["bytes"] == point["tokens"] * kv.token_bytes


def test_an_export_has_no_text_and_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMX_HOME", str(tmp_path / "home"))
    file = tmp_path / "blocks.jsonl"
    done = on_sample("--export", file)
    assert done.exit_code == 0
    assert "wrote 7 of 8 requests" in done.stderr
    lines = [json.loads(line) for line in file.read_text("ascii").splitlines()]
    assert [set(line) for line in lines] == [
        {"timestamp", "input_length", "output_length", "hash_ids"}
    ] * 7
    assert lines[0]["input_length"] == 485
    assert file.stat().st_mode & 0o077 == 0
    assert on_sample("--export", file).exit_code == 2


@pytest.mark.parametrize(
    ("causes", "code"),
    [
        ("clock", 1),
        ("tool_order,clock", 1),
        ("client", 1),
        ("system_changed", 1),
        ("input_changed", 1),
        ("tools_changed", 0),
        ("tool-order", 0),
        ("server", 0),
    ],
)
def test_fail_on_names_causes(causes: str, code: int) -> None:
    done = on_sample("--fail-on", causes)
    assert done.exit_code == code
    assert ("--fail-on: " in done.stderr) is bool(code)


def test_fail_on_a_cause_that_there_is_not_is_exit_2() -> None:
    done = on_sample("--fail-on", "moon_phase")
    assert done.exit_code == 2
    assert "no cause is named 'moon_phase'; there are" in done.stderr


def test_follow_tells_each_request_as_it_is_written(tmp_path: Path) -> None:
    with sample_traces() as folder:
        lines = (folder / "sample.jsonl").read_bytes().splitlines(keepends=True)
    file = tmp_path / "t.jsonl"
    file.write_bytes(b"".join(lines[:2]) + lines[2][:50])
    follower = Follower(tmp_path, Reading)
    first = follower.look()
    assert first is not None
    assert [row.number for row in first.new] == [1, 2]
    assert follower.look() is None
    file.write_bytes(b"".join(lines))
    second = follower.look()
    assert second is not None
    assert [row.number for row in second.new] == [3, 4, 5, 6, 7, 8]


def test_follow_ends_after_a_time_and_by_its_rules(tmp_path: Path) -> None:
    assert run(tmp_path / "nothing", "--follow", "--for", 0).exit_code == 0
    done = on_sample("--follow", "--for", 0, "--fail-on", "clock")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 8
    assert "MISS" in done.stdout.splitlines()[5]
    lines = on_sample("--follow", "--for", 0, "--json").stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, 9))


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
    assert "hit unknown" in done.stdout
    assert "reached unknown" in done.stdout


def test_skipped_lines_are_told_on_stderr_and_strict_makes_them_fail(tmp_path: Path) -> None:
    line = msgspec.json.encode(record(0, chat(("user", "u"))))
    (tmp_path / "t.jsonl").write_bytes(line + b"\nnot ours\n" + line + b"\n" + line[:50])
    done = run(tmp_path)
    assert done.exit_code == 0
    assert "requests read: 1, from files: 1, duplicates: 1, lines skipped: 2" in done.stderr
    assert "the first: t.jsonl, line 2" in done.stderr
    assert run(tmp_path, "--strict").exit_code == 2


def test_what_was_read_of_which_format_and_what_was_passed_over_is_told(tmp_path: Path) -> None:
    line = msgspec.json.encode(record(0, chat(("user", "u"))))
    session = {"type": "user", "sessionId": "s", "uuid": "u", "message": {"content": "hi"}}
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "own\x1b[31m.jsonl").write_bytes(line + b"\n{cut\n")
    (tmp_path / "other.jsonl").write_text(f"{BLOCKS}{json.dumps(session)}\n")
    done = run(tmp_path)
    assert "lines skipped: 1 (1 cut JSON; the first: own·[31m.jsonl, line 2)" in done.stderr
    assert "formats: 4 mooncake, 1 llmx; no requests: 1 claude-code: user line" in done.stderr
    read = json.loads(run(tmp_path, "--json").stdout)["read"]
    assert read["by_file"] == [
        {"file": "other.jsonl", "format": "mooncake", "requests": 4},
        {"file": "deeper/own·[31m.jsonl", "format": "llmx", "requests": 1},
    ]
    assert read["skipped"] == {"cut JSON": 1}
    assert read["skipped_first"][0]["line"] == 2
    assert read["passed"] == {"claude-code: user line": 1}
    out = run(tmp_path, "--detail", 1).stdout
    table = out[out.index("What was read") :].splitlines()
    assert table[2].split() == ["other.jsonl", "mooncake", "4"]
    table = out[out.index("What was left out") :].splitlines()
    assert table[2].split() == "cut JSON 1 deeper/own·[31m.jsonl, line 2".split()  # noqa: SIM905


def test_two_traces_say_what_was_skipped_of_each(tmp_path: Path) -> None:
    line = msgspec.json.encode(record(0, chat(("user", "u"))))
    for name, more in (("before", b""), ("after", b"\nnot ours\n")):
        (tmp_path / f"{name}.jsonl").write_bytes(line + more)
    both = ("--compare", tmp_path / "before.jsonl", tmp_path / "after.jsonl")
    done = run(*both)
    assert done.exit_code == 3
    assert "before: requests read: 1, from files: 1, duplicates: 0, lines skipped: 0" in done.stderr
    assert "after: requests read: 1, from files: 1, duplicates: 0, lines skipped: 1" in done.stderr
    read = json.loads(run(*both, "--json").stdout)["read"]
    assert (read["before"]["skipped"], read["after"]["skipped"]) == ({}, {"not JSON": 1})
    assert run(*both, "--strict").exit_code == 2


def test_follow_says_what_was_skipped(tmp_path: Path) -> None:
    line = msgspec.json.encode(record(0, chat(("user", "u"))))
    (tmp_path / "t.jsonl").write_bytes(line + b"\nnot ours\n")
    done = run(tmp_path, "--follow", "--for", 0)
    assert done.exit_code == 0
    assert "lines skipped: 1 (1 not JSON" in done.stderr
    assert run(tmp_path, "--follow", "--for", 0, "--strict").exit_code == 2


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
