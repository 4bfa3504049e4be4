"""The whole protocol against servers that are honest, and against each fault it must find."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.errors import ConfigError, Unreachable
from llmx.core.verify.report import Report, report_of
from llmx.core.verify.rules import Rules
from llmx.core.verify.three_questions import LONG_REQUESTS, Step, budget, run
from llmx.core.verify.workload import QUESTIONS
from tests.core.verify.fakes import RULES, WORKLOAD, Fake, rendered
from tests.serving import running

TOO_FAST = replace(RULES, tell_s=10)  # for two looks, whatever the machine


def verify(fake: Fake, **options: Any) -> Report:
    with running(fake.app()) as url:
        return asyncio.run(_verify(url, fake, **options))


async def _verify(
    url: str,
    fake: Fake,
    api_key: str | None = None,
    model: str | None = None,
    rules: Rules = RULES,
) -> Report:
    async with ChatClient(url, api_key, timeout_s=20, clock=fake.clock) as client:
        return report_of(await run(client, WORKLOAD, model=model, rules=rules), rules)


def answers(report: Report) -> list[str]:
    return [found.state for found in report.facts.comparisons]


def test_an_honest_cache_is_verified() -> None:
    fake = Fake()
    report = verify(fake)
    assert report.verdict.name == "VERIFIED", report.verdict
    roles = [row.role for row in report.rows()]
    assert roles == ["tiny", "tiny", "control", "cold", "hit", "hit", "repeat", "control"]
    shares = [row.share for row in report.rows()]
    assert shares[:4] == [None] * 4
    assert all(share is not None and share >= 0.99 for share in shares[4:7])
    assert answers(report) == ["equal", "not available", "not available"]


def test_where_the_cache_can_be_bypassed_all_three_answers_are_compared() -> None:
    fake = Fake(bypass=True)
    report = verify(fake)
    assert report.verdict.name == "VERIFIED", report.verdict
    assert answers(report) == ["equal"] * 3
    references = list(report.run.of("reference"))
    assert [one.question for one in references] == list(QUESTIONS[1:])
    assert [one.reply.cached_tokens for one in references] == [0, 0]
    assert [body.get("cache") for body in fake.bodies][-2:] == [False, False]
    assert len(fake.bodies) == LONG_REQUESTS + 2  # the tiny ones


@pytest.mark.parametrize(
    ("fake", "verdict"),
    [
        (Fake(reuse=0), "NO_CACHE"),
        (Fake(reuse=0, claim="nothing"), "NO_CACHE"),
        (Fake(reuse=0, claim="seen"), "PHANTOM"),
        (Fake(claim="nothing"), "SILENT"),
        (Fake(claim="zero"), "UNDERREPORT"),
        (Fake(reuse=0, claim="most of any"), "FALSE_HITS"),
        (Fake(claim="most of any"), "FALSE_HITS"),
        (Fake(reuse=0.5), "PARTIAL"),
        (Fake(corrupts=True), "CORRUPT"),
        (Fake(corrupts=True, bypass=True), "CORRUPT"),
        (Fake(claim="too much"), "FALSE_HITS"),
        (Fake(repeatable=False, bypass=True), "INCONCLUSIVE"),
        (Fake(silent=True), "INCONCLUSIVE"),
        (Fake(counts_prompt=False), "INCONCLUSIVE"),
        (Fake(fails_at=5), "ERROR"),
        (Fake(fails_at=1), "ERROR"),
        (Fake(fails_at=1, failure=503), "INCONCLUSIVE"),
        (Fake(fails_at=3, failure=400), "INCONCLUSIVE"),
        (Fake(breaks_at=5), "DIED"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_gets_its_own_verdict(fake: Fake, verdict: str) -> None:
    assert verify(fake).verdict.name == verdict


def test_a_server_that_ends_between_two_requests_has_died() -> None:
    """The listener is gone; what was measured before stays in the report."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(running(Fake().app()))

        def end_before_the_hit(step: Step) -> None:
            if step.role == "hit":
                stack.close()

        async def ask() -> Report:
            async with ChatClient(url, timeout_s=20) as client:
                seen = await run(client, WORKLOAD, rules=RULES, on_step=end_before_the_hit)
                return report_of(seen, RULES)

        report = asyncio.run(ask())
    assert (report.verdict.name, report.verdict.exit_code) == ("DIED", 4)
    assert [row.role for row in report.rows()] == ["tiny", "tiny", "control", "cold"]


def test_a_server_too_fast_for_two_looks_is_asked_more_often() -> None:
    """Six hits and six controls instead of two and three, each hit with a question of its own."""
    report = verify(Fake(prefill_s=5e-5), rules=TOO_FAST)  # 55 ms
    assert report.verdict.name == "VERIFIED", report.verdict
    assert len(report.facts.timing.hits) == len(report.facts.timing.controls) == 6
    assert report.facts.timing.p is not None
    hits = [row.question for row in report.rows() if row.role == "hit"]
    assert len(set(hits)) == 6  # no answer can come from a store of responses


def test_a_phantom_too_fast_to_tell_is_not_verified() -> None:
    report = verify(Fake(reuse=0, claim="seen", prefill_s=5e-5), rules=TOO_FAST)
    assert report.verdict.name == "INCONCLUSIVE", report.verdict
    assert "too short or too uneven" in report.verdict.sentence


def test_every_run_begins_unseen_however_the_template_orders_the_prompt() -> None:
    fake = Fake()
    assert verify(fake).verdict.name == "VERIFIED"
    asked = len(fake.bodies)
    with running(fake.app()) as url:
        again = asyncio.run(_verify(url, fake))
    assert again.verdict.name == "VERIFIED"
    (cold,) = again.run.replies("cold")
    assert cold.cached_tokens is not None
    assert cold.cached_tokens <= 64
    long_ones = [body for body in fake.bodies if body["messages"][0]["role"] == "system"]
    heads = {body["messages"][0]["content"][:32] for body in long_ones}
    assert len(heads) == 6  # two runs of one nonce and two controls
    for body in long_ones:
        nonce = body["messages"][0]["content"][:32]
        assert body["tools"][0]["function"]["description"].startswith(nonce)
    questions = {len(rendered(body)) - len(body["messages"][1]["content"]) for body in long_ones}
    assert len(questions) == 1  # controls are as long as what they control
    assert asked == LONG_REQUESTS


def test_requests_are_greedy_streamed_and_name_the_only_model() -> None:
    fake = Fake(models=("only",))
    verify(fake)
    for body in fake.bodies:
        assert (body["temperature"], body["stream"], body["model"]) == (0, True, "only")
        assert body["stream_options"] == {"include_usage": True}


def test_of_several_models_one_must_be_chosen() -> None:
    fake = Fake(models=("a", "b"))
    with pytest.raises(ConfigError, match="2 models; choose with --model: a, b"):
        verify(fake)
    assert fake.bodies == []
    assert verify(fake, model="b").run.model == "b"


def test_a_wanted_key_is_no_verdict_but_a_wrong_use() -> None:
    with pytest.raises(HttpError, match="HTTP 401: no key"):
        verify(Fake(api_key="right"))
    assert verify(Fake(api_key="right"), api_key="right").verdict.name == "VERIFIED"


def test_a_request_that_is_refused_at_once_is_no_verdict_either() -> None:
    with pytest.raises(HttpError, match="HTTP 400: out of memory"):
        verify(Fake(fails_at=1, failure=400))


def test_nobody_at_the_url_is_unreachable() -> None:
    fake = Fake()
    with running(fake.app()) as url:
        pass
    with pytest.raises(Unreachable, match=f"{url}.*connection refused"):
        asyncio.run(_verify(url, fake))


def test_the_budget_counts_the_long_requests() -> None:
    cost = budget(WORKLOAD)
    assert cost.requests == 8  # 2 controls, 1 cold, 2 hits, 1 repeat, 2 references
    assert cost.prompt_tokens == 8 * (WORKLOAD.nbytes // 4)
