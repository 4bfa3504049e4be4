"""Probe R1 against servers whose cache outlives a restart, goes with it, or leaves its counters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.errors import ConfigError, Unreachable
from llmx.core.verify.probe_result import ProbeResult
from llmx.core.verify.restart import long_requests, restart_probe
from tests.core.verify.fakes import RULES, WORKLOAD, Fake
from tests.serving import running


def probed(fake: Fake, restart: Callable[[Fake], object]) -> ProbeResult:
    """`restart` does to the server what a new process would do to its memory."""

    async def probe(url: str) -> ProbeResult:
        async def start_again() -> str:
            restart(fake)
            return url

        return await restart_probe(
            url,
            start_again,
            connect=lambda url: ChatClient(url, clock=fake.clock),
            workload=WORKLOAD,
            model="fake",
            bypass={"cache": False} if fake.bypass else None,
            rules=RULES,
        )

    with running(fake.app()) as url:
        return asyncio.run(probe(url))


def forgets(fake: Fake) -> None:
    fake.forget()


def keeps(fake: Fake) -> None:
    pass


def keeps_counters_only(fake: Fake) -> None:
    fake.reuse = 0


def outcome(result: ProbeResult) -> tuple[str, object]:
    return result.status, result.evidence["outcome"]


def test_a_cache_on_disk_is_warm_after_a_restart() -> None:
    result = probed(Fake(bypass=True), keeps)
    assert outcome(result) == ("pass", "warm")
    assert result.why.startswith("warm after a restart: 6 of 6 prompts from before it hit, 0.")


def test_a_cache_in_memory_is_cold_after_it_and_says_so() -> None:
    result = probed(Fake(bypass=True), forgets)
    assert outcome(result) == ("pass", "cold")
    assert result.why.startswith("cold after a restart, and it reports no hit, 0.")


def test_hits_that_outlive_what_they_count_are_a_phantom() -> None:
    """The table of seen prompts came back, the states did not."""
    result = probed(Fake(claim="seen"), keeps_counters_only)
    assert outcome(result) == ("fail", "phantom")
    assert "phantom: after a restart 6 of 6 prompts" in result.why


def test_a_server_that_reports_nothing_is_judged_by_its_times() -> None:
    assert outcome(probed(Fake(claim="nothing"), keeps)) == ("pass", "warm")
    assert outcome(probed(Fake(claim="nothing"), forgets)) == ("pass", "cold")


def test_a_claim_about_prompts_never_seen_is_found_after_it_too() -> None:
    assert outcome(probed(Fake(claim="most of any"), forgets)) == ("fail", "false hits")


def test_a_state_that_comes_back_damaged_is_found_where_the_cache_can_be_passed() -> None:
    def damage(fake: Fake) -> None:
        fake.corrupts = True

    assert outcome(probed(Fake(bypass=True), damage)) == ("fail", "corrupt")


def test_answers_that_are_never_the_same_do_not_make_it_corrupt() -> None:
    assert outcome(probed(Fake(bypass=True, repeatable=False), keeps)) == ("pass", "warm")


def test_a_server_too_fast_to_tell_is_inconclusive() -> None:
    """No time at all, so no rank test tells, whatever it claims."""
    result = probed(Fake(prefill_s=0), keeps)
    assert outcome(result) == ("inconclusive", "unknown")


def test_slow_prompts_are_few() -> None:
    fake = Fake(prefill_s=2e-3)  # a prompt takes longer than a second
    assert outcome(probed(fake, keeps)) == ("pass", "warm")
    # prime 2; tiny 2, control 1, asked 2, control 2
    assert len(fake.bodies) == 9
    assert long_requests(2) == 9 - 2 + 2  # without the tiny ones, with two references


@pytest.mark.parametrize(
    ("error", "status", "why"),
    [
        (Unreachable("it ended with exit code 3"), "fail", "at the restart the server was gone"),
        (ConfigError("the port is held by pid 1"), "inconclusive", "at the restart: the port"),
    ],
)
def test_one_that_does_not_come_back_is_a_result(error: Exception, status: str, why: str) -> None:
    def fail(fake: Fake) -> None:
        raise error

    result = probed(Fake(), fail)
    assert (result.status, result.why.startswith(why)) == (status, True)
    assert str(result).startswith(f"R1  {status}  {why}")
    evidence = {"outcome": "gone"} if status == "fail" else {}
    assert (result.probe.id, result.probe.evidence) == ("R1", evidence)


@pytest.mark.parametrize(
    ("fake", "status", "why"),
    [
        (Fake(fails_at=2), "fail", "before the restart a request was answered with an error"),
        (Fake(fails_at=9, failure=429), "inconclusive", "after the restart a request"),
        (Fake(breaks_at=8), "fail", "after the restart the server was gone"),
    ],
)
def test_one_that_fails_in_between_is_a_result(fake: Fake, status: str, why: str) -> None:
    result = probed(fake, forgets)
    assert (result.status, result.why.startswith(why)) == (status, True), result.why


@pytest.mark.parametrize("failure", [400, 500])
@pytest.mark.parametrize(
    ("refuses", "form"), [(("tools",), "system"), (("tools", "system"), "one turn")]
)
def test_a_template_without_tools_or_system_is_asked_without(
    refuses: tuple[str, ...], form: str, failure: int
) -> None:
    result = probed(Fake(refuses=refuses, failure=failure), forgets)
    assert outcome(result) == ("pass", "cold"), result.why
    assert result.evidence["form"] == form


@pytest.mark.parametrize("failure", [404, 500])
def test_what_the_server_refuses_in_each_form_is_a_skip(failure: int) -> None:
    result = probed(Fake(refuses=("user",), failure=failure), forgets)
    assert result.status == "skip"
    assert result.why.startswith("the server refuses such prompts, with tools, without, and as")
    assert "the template raised" in result.why
