"""A result as JUnit XML, the form that CI servers read: one case per probe.

pass: an empty case. fail: `failure`, unless what was required accepts it. That, skip and
inconclusive: `skipped`, told apart by the message: none has shown anything that counts. A run that
broke off: `error`. A document never looks better than the exit code: where no probe says what the
exit code says, a case of its own does. The form is `docs/test-cache.junit.xsd`.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from llmx.core.pages.text import clean, one_line
from llmx.core.verify.deciding import CORE, fails_a_run
from llmx.core.verify.reports.phrases import (
    headline,
    outcome,
    surroundings,
    timing,
)
from llmx.core.verify.result import Probe, Result

SUITE = "llmx.test-cache"
FAILED, DIED, UNSUPPORTED = 1, 4, 5


def junit(result: Result) -> str:
    root = Element("testsuites")
    suite = SubElement(root, "testsuite", name=SUITE)
    properties = SubElement(suite, "properties")
    for name, value in _properties(result):
        SubElement(properties, "property", name=name, value=one_line(value))
    for probe in result.probes:
        _add(suite, probe, is_accepted=_is_accepted(probe, result))
    _agree(suite, result)
    cases = suite.findall("testcase")
    counts = {
        "tests": str(len(cases)),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": str(len(suite.findall("testcase/error"))),
        "skipped": str(len(suite.findall("testcase/skipped"))),
        "time": f"{result.seconds:.3f}",
    }
    suite.attrib.update(counts)
    root.attrib.update({name: counts[name] for name in ("tests", "failures", "errors", "time")})
    SubElement(suite, "system-out").text = clean(
        f"{headline(result)}\n{result.verdict}: {result.sentence}\n"
        f"{outcome(result)}\n{timing(result)}\n"
    )
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _properties(result: Result) -> list[tuple[str, str]]:
    return [
        ("verdict", result.verdict),
        ("exit_code", str(result.exit_code)),
        ("decided", result.decided),
        ("require", result.basis.required),
        ("profile", result.profile),
        ("seed", str(result.seed)),
        *((f"environment.{name}", said) for name, said in surroundings(result)),
    ]


def _is_accepted(probe: Probe, result: Result) -> bool:
    """It failed, and with what was required that fails no run."""
    if probe.id == CORE:
        return False
    return probe.status == "fail" and not fails_a_run(probe, result.verdict, result.basis)


def _add(suite: Element, probe: Probe, *, is_accepted: bool) -> None:
    case = _case(suite, f"{probe.id} {probe.title}")
    match probe.status:
        case "pass":
            pass
        case "fail" if is_accepted:
            _say(case, "skipped", f"failed, and not required: {probe.why}")
        case "fail":
            _say(case, "failure", probe.why, kind=probe.id)
        case "skip":
            _say(case, "skipped", f"unsupported: {probe.why}")
        case "inconclusive":
            _say(case, "skipped", f"inconclusive: {probe.why}")


def _agree(suite: Element, result: Result) -> None:
    """A case for what the exit code says and no probe."""
    verdict = f"{result.verdict}: {result.sentence}"
    if result.exit_code == DIED:
        died = result.basis.died or "the server did not answer to the end"
        _say(_case(suite, "the server lives"), "error", died, kind="died")
    elif result.exit_code == FAILED and suite.find("testcase/failure") is None:
        _say(_case(suite, "verdict"), "failure", verdict, kind=result.verdict)
    elif result.exit_code == UNSUPPORTED:
        why = f"one of {', '.join(result.basis.required_probes)} is unsupported by the server"
        _say(_case(suite, "required probes"), "failure", why, kind="required")
    elif result.exit_code and not suite.findall("testcase/*"):
        _say(_case(suite, "verdict"), "skipped", f"inconclusive: {verdict}")


def _case(suite: Element, name: str) -> Element:
    return SubElement(suite, "testcase", classname=SUITE, name=one_line(name))


def _say(case: Element, what: str, why: str, *, kind: str | None = None) -> None:
    said = SubElement(case, what, message=one_line(why))
    if kind is not None:
        said.set("type", one_line(kind))
    said.text = clean(why)
