"""Facts to verdicts: every rule, at its edge."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from llmx.core.verify.report import Report, report_of
from llmx.core.verify.samples import Fault, Sample
from llmx.core.verify.verdict import EXIT_CODES, VerdictName
from tests.core.verify.made import FIRST, SECOND, THIRD, changed, good, run_of, sample


def report(samples: list[Sample], **run: Any) -> Report:
    return report_of(run_of(samples, **run))


def verdict(samples: list[Sample], **run: Any) -> str:
    return report(samples, **run).verdict.name


def test_an_honest_run_is_verified_and_the_sentence_has_its_figures() -> None:
    found = report(good()).verdict
    assert (found.name, found.exit_code) == ("VERIFIED", 0)
    for figure in ("100.0 %", "0.100 s against 1.000 s", "at most 5 cached tokens"):
        assert figure in found.sentence


def test_the_shared_prefix_has_at_least_the_tokens_that_a_question_cannot_have() -> None:
    facts = report(good()).facts
    assert facts.shared_tokens == 9_986  # 10000 - len("Tell me a joke")
    assert report(good(prompt=9_990)).facts.shared_tokens == 9_976  # the shortest counts
    assert report(good(prompt=None)).facts.shared_tokens is None


@pytest.mark.parametrize(
    ("cached", "name"),
    [
        (9_887, "VERIFIED"),  # 9986 * 0.99 = 9886.1
        (9_886, "PARTIAL"),
        (101, "PARTIAL"),
        (100, "UNDERREPORT"),  # as much as the template explains, 1 % of 10000
        (0, "UNDERREPORT"),
        (None, "SILENT"),
    ],
)
def test_the_reported_share_decides_where_hits_are_faster(cached: int | None, name: str) -> None:
    assert verdict(good(cached=cached)) == name


@pytest.mark.parametrize(
    ("cached", "name"),
    [
        (9_990, "PHANTOM"),
        (5_000, "PHANTOM"),
        (0, "NO_CACHE"),
        (100, "NO_CACHE"),
        (None, "NO_CACHE"),
    ],
)
def test_hits_that_take_as_long_save_nothing(cached: int | None, name: str) -> None:
    assert verdict(good(cached=cached, ttft=0.7)) == name  # not below 0.7 * 1.0


@pytest.mark.parametrize(
    ("cached", "name"),
    [(9_990, "INCONCLUSIVE"), (5_000, "PARTIAL"), (0, "NO_CACHE"), (None, "INCONCLUSIVE")],
)
def test_times_too_short_to_tell_prove_neither(cached: int | None, name: str) -> None:
    samples = good(cached=cached, ttft=0.15)
    for role in ("control", "cold"):
        samples = changed(samples, role, ttft=0.19, cached=5)  # under 0.2
    assert verdict(samples) == name


def test_a_prompt_that_is_no_longer_than_a_tiny_one_cannot_show_that_nothing_is_saved() -> None:
    samples = good(ttft=0.7)
    assert verdict(samples) == "PHANTOM"  # 1.0 is 10 * 0.1 and more
    assert verdict(changed(samples, "tiny", prompt=20, ttft=0.11)) == "INCONCLUSIVE"
    assert verdict(changed(samples, "tiny", prompt=20, ttft=None)) == "INCONCLUSIVE"


def test_one_hit_faster_and_one_not_is_undecided() -> None:
    samples = good()
    samples[4] = sample("hit", SECOND, cached=9_990, ttft=0.9)
    assert verdict(samples) == "INCONCLUSIVE"


def test_a_slow_control_makes_no_saving() -> None:
    """The first long prompt may hold a compilation: the fastest one counts."""
    samples = good(ttft=0.8)
    samples[2] = sample("control", FIRST, cached=5, ttft=15.0)
    assert verdict(samples) == "PHANTOM"


# ── correctness, truth ────────────────────────────────────────────────────────────────────────


def test_another_text_on_the_repeat_is_corrupt_whatever_the_speed() -> None:
    for ttft in (0.1, 1.0):
        samples = changed(good(ttft=ttft), "repeat", text="the anchor", cached=9_999)
        found = report(samples).verdict
        assert (found.name, found.exit_code) == ("CORRUPT", 1)
        assert "from character 6: cold 'swer', warm 'chor'" in found.sentence


def test_another_text_than_the_reference_is_corrupt_too() -> None:
    references = [sample("reference", SECOND), sample("reference", THIRD, text="other")]
    assert verdict([*good(), *references], has_bypass=True) == "CORRUPT"


def test_where_two_cold_answers_differ_a_warm_one_proves_nothing() -> None:
    references = [
        sample("reference", SECOND),
        sample("reference", THIRD, text="other"),
        sample("reference", THIRD, text="another"),
    ]
    found = report([*good(), *references], has_bypass=True)
    assert found.verdict.name == "INCONCLUSIVE"
    assert "two cold answers differ already" in found.verdict.sentence


def test_a_comparison_that_is_not_available_is_unknown_and_not_passed() -> None:
    rows = {row.question: row.text for row in report(good()).rows() if row.is_warm}
    assert rows == {FIRST: "equal", SECOND: "not available", THIRD: "not available"}
    assert verdict(good(), has_bypass=True) == "INCONCLUSIVE"  # it was available, and not taken


def test_empty_answers_are_no_equal_answers() -> None:
    samples = changed(changed(good(), "cold", text="", cached=5), "repeat", text="", cached=9_999)
    found = report(samples).verdict
    assert found.name == "INCONCLUSIVE"
    assert "the answers are empty" in found.sentence


@pytest.mark.parametrize("role", ["control", "cold"])
def test_a_hit_on_a_prompt_never_seen_is_false(role: Any) -> None:
    assert verdict(changed(good(), role, cached=100)) == "VERIFIED"  # the template's head
    found = report(changed(good(), role, cached=101)).verdict
    assert (found.name, found.exit_code) == ("FALSE_HITS", 1)
    assert "at most 100" in found.sentence


def test_the_head_of_a_template_may_have_64_tokens_in_a_short_prompt() -> None:
    short = changed(good(), "control", prompt=1_000, cached=64)
    assert verdict(short) == "VERIFIED"
    assert verdict(changed(short, "control", prompt=1_000, cached=65)) == "FALSE_HITS"


@pytest.mark.parametrize(
    ("role", "fields", "seen"),
    [
        ("tiny", {"prompt": 20, "cached": 21}, "21 of 20 prompt tokens"),
        ("tiny", {"prompt": 20, "cached": -1}, "-1 of 20 prompt tokens"),
        ("repeat", {"prompt": 9_999, "cached": 9_998}, "10000 prompt tokens cold and 9999 warm"),
    ],
)
def test_counts_that_cannot_be_true_are_a_miscount(
    role: Any, fields: dict[str, Any], seen: str
) -> None:
    found = report(changed(good(), role, **fields)).verdict
    assert (found.name, found.exit_code) == ("MISCOUNT", 1)
    assert seen in found.sentence


def test_a_reference_past_the_cache_must_report_no_hit() -> None:
    references = [sample("reference", SECOND, cached=9_990), sample("reference", THIRD)]
    found = report([*good(), *references], has_bypass=True).verdict
    assert (found.name, "asked for no cache" in found.sentence) == ("MISCOUNT", True)


# ── what ended early, the table of exits ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [("gone", "DIED", 4), ("failed", "ERROR", 1), ("busy", "INCONCLUSIVE", 3)],
)
def test_a_fault_is_told_with_the_request_it_hit(kind: Any, name: str, code: int) -> None:
    fault = Fault("hit", SECOND, kind, "what the server said")
    found = report(good()[:4], fault=fault).verdict
    assert (found.name, found.exit_code) == (name, code)
    assert "hit request ('Tell me a joke')" in found.sentence
    assert "what the server said" in found.sentence


def test_every_verdict_has_an_exit_code_and_only_one_says_yes() -> None:
    assert set(EXIT_CODES) == set(get_args(VerdictName))
    assert [name for name, code in EXIT_CODES.items() if code == 0] == ["VERIFIED"]


def test_the_document_names_the_source_of_every_figure_and_null_for_what_is_unknown() -> None:
    document = report(good(cached=None)).to_json()
    assert (document["v"], document["verdict"], document["exit_code"]) == (1, "SILENT", 3)
    sources = {figure["source"] for figure in document["figures"].values()}
    assert sources == {"server", "client clock", "computed", "rule"}
    assert document["figures"]["least_share"]["value"] is None
    assert [request["role"] for request in document["requests"]][3:5] == ["cold", "hit"]
    assert document["requests"][4]["cached_tokens"] is None
