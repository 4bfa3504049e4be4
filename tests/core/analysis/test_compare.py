"""Before and after a change: differences, their intervals, and what decides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from llmx.cli.main import app
from llmx.core.analysis.compare import Comparison, Difference, compare
from llmx.core.analysis.report import analyze
from llmx.core.trace.record import TraceRecord
from tests.core.trace.records import chat, record

Shares = Sequence[float | None]


def trace(*cached: Shares, ttft: float | None = 1.0, name: str = "") -> list[TraceRecord]:
    """A conversation for each list of shares; of 100 tokens so much was cached."""
    found: list[TraceRecord] = []
    for number, shares in enumerate(cached):
        said: list[tuple[str, str]] = [("system", "s" * 400), ("user", f"{name}topic {number}")]
        for share in shares:
            found.append(
                record(
                    len(found),
                    chat(*said),
                    prompt=100,
                    cached=None if share is None else round(100 * share),
                    ttft=None if ttft is None else ttft * (1.1 - (share or 0)),
                )
            )
            said += [("assistant", "a"), ("user", "more")]
    return found


def compared(before: list[TraceRecord], after: list[TraceRecord]) -> Comparison:
    return compare(analyze(before), analyze(after))


def of(found: Comparison, name: str) -> Difference:
    return next(one for one in (*found.figures, *found.causes) if one.name == name)


GOOD = [[0.0, 0.9, 0.9], [0.8, 0.9, 0.95], [0.8, 0.9, 0.9], [0.7, 0.9, 0.9]]
BAD = [[0.0, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.2, 0.1], [0.1, 0.1, 0.2]]


def test_a_trace_beside_itself_shows_no_difference() -> None:
    found = compared(trace(*GOOD), trace(*GOOD))
    assert found.is_paired
    assert found.verdict == "no difference shown"
    assert [(one.difference, one.low, one.high) for one in found.figures] == [(0, 0, 0)] * 5


def test_more_hits_are_better_and_fewer_are_worse() -> None:
    better, worse = compared(trace(*BAD), trace(*GOOD)), compared(trace(*GOOD), trace(*BAD))
    assert (better.verdict, worse.verdict) == ("better", "worse")
    share = of(better, "hit share")
    assert share.before == pytest.approx(130 / 1_200)  # 12 prompts of 100 tokens
    assert share.after == pytest.approx(955 / 1_200)
    assert share.low is not None
    assert share.high is not None
    assert 0 < share.low <= (share.difference or 0) <= share.high
    assert of(better, "ttft p50").verdict == "better"
    assert of(worse, "tokens computed").verdict == "worse"


def test_pairs_are_only_drawn_from_the_same_conversations() -> None:
    found = compared(trace(*GOOD), trace(*GOOD, name="other "))
    assert not found.is_paired
    assert found.verdict == "no difference shown"
    share = of(found, "hit share")
    assert (share.low or 0) < 0 < (share.high or 0)


def test_one_conversation_that_varies_is_no_proof() -> None:
    """Requests of a conversation hit together: three good ones out of one are one."""
    mixed = [[0.1] * 3, [0.1] * 3, [0.1] * 3, [0.9] * 3]
    other = [[0.1] * 3, [0.1] * 3, [0.1] * 3, [0.1] * 3]
    assert compared(trace(*other), trace(*mixed)).verdict == "no difference shown"


def test_too_few_conversations_have_no_interval() -> None:
    found = compared(trace(*GOOD[:2]), trace(*BAD[:2]))
    assert found.verdict == "unknown"
    assert of(found, "hit share").difference is not None
    assert of(found, "hit share").low is None


def test_what_nobody_reported_is_unknown_and_not_zero() -> None:
    nothing: list[Shares] = [[None, None]] * 4
    found = compared(trace(*GOOD), trace(*nothing, ttft=None))
    assert found.verdict == "unknown"
    assert of(found, "hit share").after is None
    assert of(found, "ttft p50").after is None
    assert found.to_json()["figures"][0]["tag"] == "unknown"


def test_lost_tokens_are_told_by_cause() -> None:
    found = compared(trace(*GOOD), trace(*BAD))
    lost = [one for one in found.causes if one.name.startswith("server:")]
    assert lost
    assert all(one.verdict == "worse" for one in lost[:1])


def test_the_same_seed_gives_the_same_intervals() -> None:
    first, second = (compared(trace(*GOOD), trace(*BAD, name="x")) for _ in range(2))
    assert first.to_json() == second.to_json()


# ── the command ───────────────────────────────────────────────────────────────────────────────


def written(file: Path, records: list[TraceRecord]) -> Path:
    file.write_bytes(b"\n".join(map(msgspec.json.encode, records)))
    return file


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["analyze-traces", *map(str, args)])


def test_the_exit_code_says_whether_it_is_worse(tmp_path: Path) -> None:
    good = written(tmp_path / "good.jsonl", trace(*GOOD))
    bad = written(tmp_path / "bad.jsonl", trace(*BAD))
    few = written(tmp_path / "few.jsonl", trace(*BAD[:1]))
    assert run("--compare", good, good).exit_code == 0
    assert run("--compare", bad, good).exit_code == 0
    done = run("--compare", good, bad)
    assert done.exit_code == 1
    assert "the cache after the change: worse" in done.stdout
    assert "4 conversations" in done.stdout
    assert run("--compare", good, few).exit_code == 3
    document = json.loads(run("--compare", good, bad, "--json").stdout)
    assert document["verdict"] == "worse"
    assert document["paired"] is True


def test_compare_takes_two_traces_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, "--compare", tmp_path, tmp_path, "--csv")
    assert done.exit_code == 2
    assert "leave out PATH, --csv" in done.stderr
