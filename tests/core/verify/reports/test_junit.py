"""JUnit: a case per probe, and never a better picture than the exit code."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import HealthCheck, given, settings

from llmx.core.verify.reports.junit import junit
from llmx.core.verify.result import Basis, Probe, Result
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES
from tests.core.verify.reports.junit_form import Form
from tests.core.verify.results import RESULTS

FORM = Form()


def document(result: Result) -> Element:
    return fromstring(junit(result))


def run(*more: Probe, basis: Basis | None = None) -> Result:
    return asyncio.run(recorded(MODES[0], more=more, basis=basis))


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(RESULTS)
def test_every_document_keeps_the_published_form(result: Result) -> None:
    seen = document(result)
    FORM.check(seen)
    suite = seen[0]
    cases = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(cases) >= len(result.probes)
    is_red = any(case.find("failure") is not None or case.find("error") is not None
                 for case in cases)  # fmt: skip
    if result.exit_code in (1, 4, 5):
        assert is_red


def test_the_form_refuses_what_is_not_in_it() -> None:
    broken = document(run())
    broken[0].set("hostname", "here")
    with pytest.raises(AssertionError):
        FORM.check(broken)


def test_a_probe_is_a_case() -> None:
    seen = document(
        run(
            Probe("A2", "accounting", "pass", "all counts agree", {}),
            Probe("C2", "parity", "fail", "the answers <differ> & more", {}),
            Probe("I1", "salt", "skip", "the server takes no salt", {}),
            Probe("E1", "capacity", "inconclusive", "too noisy", {}),
        )
    )
    cases = {case.attrib["name"]: case for case in seen.iter("testcase")}
    assert list(cases) == [
        "A1 prefix reuse",
        "A2 accounting",
        "C2 parity",
        "I1 salt",
        "E1 capacity",
    ]
    failure = cases["C2 parity"].find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "the answers <differ> & more", "type": "C2"}
    said = [(one.tag, one.attrib["message"]) for one in seen.iter("skipped")]
    assert said == [
        ("skipped", "unsupported: the server takes no salt"),
        ("skipped", "inconclusive: too noisy"),
    ]
    counts = {name: seen[0].attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "1", "errors": "0", "skipped": "2"}
    assert not list(cases["A2 accounting"])


def test_a_failure_that_what_was_required_accepts_is_not_red() -> None:
    turns = Probe("B1", "turns", "fail", "nothing is reused", {})
    red = document(run(turns))
    assert [one.attrib["type"] for one in red.iter("failure")] == ["B1"]
    assert "exit 1: probe B1 failed (--require verified)" in (red.findtext(".//system-out") or "")
    green = document(run(turns, basis=Basis(required="working")))
    assert not list(green.iter("failure"))
    (said,) = green.iter("skipped")
    assert said.attrib["message"] == "failed, and not required: nothing is reused"


def test_a_run_that_broke_off_has_an_error() -> None:
    seen = document(run(basis=Basis(died="exit status 139 after request 7")))
    (error,) = seen.iter("error")
    assert error.attrib["message"] == "exit status 139 after request 7"


def test_what_no_probe_says_is_said_by_the_verdict() -> None:
    """A red exit code with green cases only would be read as a success."""
    failed = replace(run(), exit_code=1, verdict="PHANTOM", sentence="It saves nothing.", probes=())
    (failure,) = document(failed).iter("failure")
    assert failure.attrib == {"message": "PHANTOM: It saves nothing.", "type": "PHANTOM"}
    open_ = replace(failed, exit_code=3, verdict="SILENT")
    (skipped,) = document(open_).iter("skipped")
    assert skipped.attrib["message"] == "inconclusive: SILENT: It saves nothing."
