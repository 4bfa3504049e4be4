"""Hits that saved no time are found in ordinary traffic, and honest ones are left alone."""

from __future__ import annotations

import random

import pytest

from llmx.core.analysis.fitting import fit
from llmx.core.analysis.phantoms import Sample, judge
from llmx.core.analysis.report import analyze
from tests.core.analysis.test_losses import adds_up
from tests.core.analysis.traffic import Machine, one_turn, talks


def samples(
    phantoms: float, *, count: int = 60, noise: float = 0.05, cold: int = 12, seed: int = 3
) -> list[Sample]:
    """Cold prompts of many lengths, and hits of which a share of `phantoms` saves nothing."""
    rng = random.Random(seed)
    found: list[Sample] = []
    for number in range(cold + count):
        prompt = rng.randint(2_000, 30_000)
        cached = 0 if number < cold else int(prompt * rng.uniform(0.8, 0.99))
        is_phantom = rng.random() < phantoms
        computed = prompt if is_phantom else prompt - cached
        seconds = (0.08 + 0.0005 * computed) * rng.uniform(1 - noise, 1 + noise)
        found.append(Sample(number, prompt, cached, seconds))
    return found


def test_honest_hits_are_honest() -> None:
    finding = judge(samples(0.0))
    assert finding.verdict == "honest"
    assert finding.phantoms == frozenset()


def test_hits_that_all_take_as_long_as_cold_prompts_are_phantoms() -> None:
    finding = judge(samples(1.0))
    assert (finding.verdict, finding.hits) == ("phantom", 60)
    assert len(finding.phantoms) >= 55  # the shortest prompts are told by nobody


def test_some_phantoms_among_honest_hits_are_told_apart() -> None:
    found = samples(0.3)
    finding = judge(found)
    slow = {s.number for s in found if s.is_hit and s.ttft_s > 0.0003 * s.prompt}
    assert finding.verdict == "some"
    assert finding.phantoms == slow


def test_a_busy_server_is_no_phantom() -> None:
    """Hits that waited for others are slow by every amount, not by just their prompt's."""
    rng = random.Random(1)
    found = [
        Sample(s.number, s.prompt, s.cached, s.ttft_s + rng.choice([0, 0, 0, rng.uniform(0, 20)]))
        for s in samples(0.0)
    ]
    assert judge(found).phantoms == frozenset()


@pytest.mark.parametrize("count", [0, 3, 7])
def test_few_hits_prove_nothing(count: int) -> None:
    assert judge(samples(1.0, count=count)).verdict == "unknown"


def test_short_prompts_prove_nothing() -> None:
    rng = random.Random(4)
    found = [Sample(n, 60 + n, 50 if n > 8 else 0, rng.uniform(0.5, 0.8)) for n in range(40)]
    assert judge(found).verdict == "unknown"


@pytest.mark.parametrize(("phantoms", "verdict"), [(0.0, "honest"), (1.0, "phantom")])
def test_without_cold_prompts_hits_of_many_lengths_tell(phantoms: float, verdict: str) -> None:
    rng = random.Random(2)
    found: list[Sample] = []
    for number in range(60):
        cached, computed = rng.randrange(4_000, 40_000, 4_000), rng.randrange(400, 4_000, 400)
        work = computed + phantoms * cached
        found.append(Sample(number, cached + computed, cached, 0.1 + 0.001 * work))
    assert judge(found).verdict == verdict


def test_phantoms_are_the_servers_loss_in_a_trace() -> None:
    machine = Machine(is_honest=False)
    for n, talk in enumerate(talks(8)):
        for turn in range(4):
            one_turn(machine, talk, turn + n)
    report = analyze(machine.records)
    (cause,) = report.causes
    assert (cause.side, cause.cause) == ("server", "phantom")
    assert cause.requests >= 20
    assert report.achieved is not None
    assert report.achieved < 0.2
    adds_up(report)
    assert cause.seconds == pytest.approx((cause.tokens or 0) * 0.001, rel=0.1)


def test_a_fit_is_not_bent_by_a_few_odd_times() -> None:
    points = [(float(x), 2.0 + 0.5 * x) for x in range(20)]
    points[3] = (3.0, 400.0)
    points[11] = (11.0, -50.0)
    line = fit(points)
    assert line is not None
    assert (line.slope, line.start) == pytest.approx((0.5, 2.0))


@pytest.mark.parametrize(
    "points",
    [[], [(1.0, 1.0)] * 20, [(float(x), 1.0) for x in range(7)]],
    ids=["none", "same", "few"],
)
def test_no_line_through_too_little(points: list[tuple[float, float]]) -> None:
    assert fit(points) is None
