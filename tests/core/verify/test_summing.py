"""What comes after the session changes its verdict too: a probe of a restart, a death."""

from __future__ import annotations

import asyncio

from llmx.core.verify.probe_result import ProbeResult
from llmx.core.verify.replay import replay
from llmx.core.verify.result import Result
from llmx.core.verify.summing import with_death, with_probe
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES


def honest() -> Result:
    return asyncio.run(recorded(MODES[0]))


def test_a_wrong_answer_after_a_restart_is_corrupt() -> None:
    found = ProbeResult("R1", "fail", "an answer differs", {"outcome": "corrupt"})
    after = with_probe(honest(), found.probe, found.findings)
    assert (after.verdict, after.exit_code) == ("CORRUPT", 1)
    assert after.sentence.endswith(": an answer differs.")
    assert [(one.id, one.status) for one in after.probes] == [("A1", "pass"), ("R1", "fail")]
    assert replay(after).differences == ()


def test_another_failure_after_a_restart_is_no_finding() -> None:
    found = ProbeResult("R1", "fail", "a phantom", {"outcome": "phantom"})
    after = with_probe(honest(), found.probe, found.findings)
    assert (after.verdict, after.exit_code, after.decided) == ("VERIFIED", 1, "probe R1 failed")


def test_a_server_that_died_after_the_run_is_not_verified() -> None:
    after = with_death(honest(), "exit code 5")
    assert (after.verdict, after.exit_code) == ("INCONCLUSIVE", 4)
    assert "exit code 5" in after.sentence
    assert [one.status for one in after.probes] == ["inconclusive"]
    assert replay(after).differences == ()
