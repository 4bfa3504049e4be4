"""What the core protocol asks, in which order, and when it stops."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from llmx.core.errors import Unreachable
from llmx.core.verify.evidence import Evidence, Role, Sample
from llmx.core.verify.looks import PLAN
from llmx.core.verify.protocol import PAUSE_S, Course, cold_asks, core_protocol, fresh_nonce
from tests.archetypes.virtual import nonces
from tests.core.verify.samples_made import COLD_S, LENGTH, OVERHEAD_S, SHARED

FAST_S = 0.15


@dataclass
class Script:
    """An asker that takes what `seconds` says for the role and the number of the request."""

    seconds: Callable[[Role, int], float | None]
    claims: int | None = None  # of 1,000, by hits
    asked: list[Sample] = field(default_factory=list)
    pauses: list[tuple[int, float]] = field(default_factory=list)  # after so many requests

    async def ask(self, role: Role, prefix: str, suffix: str, length: int) -> Sample:
        took = self.seconds(role, len(self.asked))
        error = "HTTP 500" if took is None else None
        cached = self.claims if role == "hit" or self.claims is None else 0
        self.asked.append(
            Sample(role, prefix, suffix, length, took, cached_tokens=cached, error=error)
        )
        return self.asked[-1]

    async def pause(self, seconds: float) -> None:
        self.pauses.append((len(self.asked), seconds))

    def roles(self) -> Counter[Role]:
        return Counter(sample.role for sample in self.asked)


def run(script: Script, **course: object) -> list[Sample]:
    async def collect() -> list[Sample]:
        options = Course(
            LENGTH,
            SHARED,
            OVERHEAD_S,
            nonce=nonces(),
            rng=Random(7),
            pause=script.pause,
            **course,  # pyright: ignore[reportArgumentType]
        )
        return [sample async for sample in core_protocol(script, options)]

    return asyncio.run(collect())


def caching(role: Role, number: int) -> float:
    return FAST_S if role == "hit" else COLD_S


def nothing(role: Role, number: int) -> float:
    return COLD_S


def test_a_working_cache_takes_eighteen_requests() -> None:
    script = Script(caching)
    assert run(script) == script.asked
    assert script.roles() == {"prime": 6, "hit": 6, "control": 6}
    assert {sample.length for sample in script.asked} == {LENGTH}


def test_a_hit_has_the_prefix_of_its_prime_and_nothing_else_is_ever_sent_twice() -> None:
    script = Script(caching)
    run(script)
    blocks = [script.asked[at : at + 3] for at in range(0, 18, 3)]
    for prime, *others in blocks:
        by_role = {sample.role: sample for sample in others}
        assert prime.role == "prime"
        assert by_role["hit"].prefix == prime.prefix
    prefixes = Counter(sample.prefix for sample in script.asked)
    assert sorted(prefixes.values()) == [1] * 6 + [2] * 6
    assert len({sample.suffix for sample in script.asked}) == 18


def test_half_of_the_hits_come_after_a_control_at_every_look() -> None:
    script = Script(lambda role, number: FAST_S if role == "hit" and number % 2 else COLD_S)
    run(script, escalate=False)
    firsts = [script.asked[at + 1].role for at in range(0, len(script.asked) - 2, 3)]
    for one, other in zip(firsts[::2], firsts[1::2], strict=True):
        assert {one, other} == {"hit", "control"}
    assert firsts[::2] != [firsts[0]] * (len(firsts) // 2)  # by chance, not in turns


def test_uneven_times_are_looked_at_again_up_to_the_last_look() -> None:
    def uneven(role: Role, number: int) -> float:
        return FAST_S if role == "hit" and number % 5 < 2 else COLD_S

    script = Script(uneven)
    run(script)
    assert script.roles() == dict.fromkeys(("prime", "hit", "control"), PLAN.looks[-1])


def claiming(role: Role, number: int) -> float:
    return FAST_S if role in ("hit", "short") else COLD_S


def test_hits_that_are_claimed_are_confirmed_by_thirty_more() -> None:
    script = Script(claiming, claims=950)
    run(script)
    assert script.roles() == {"prime": 12, "hit": 36, "control": 6, "short": 6}
    blocks = [script.asked[at : at + 7] for at in range(18, 60, 7)]
    for prime, *others in blocks:
        assert [one.role for one in others] == ["hit", "hit", "short", "hit", "hit", "hit"]
        assert {one.prefix for one in others if one.role == "hit"} == {prime.prefix}
        assert others[2].prefix != prime.prefix
        assert others[2].length == 50  # of 1,000: what a hit has to compute
    assert len({one.suffix for one in script.asked}) == 60
    places = [hit.place for hit in Evidence(tuple(script.asked), SHARED, OVERHEAD_S).hits()]
    assert Counter(places) == {"at once": 9, "after another": 9, "again": 18}


def test_claimed_hits_that_are_slow_are_compared_with_short_prompts() -> None:
    """Every seventh request stalls: those that take as long as a hit show it as well."""

    def stalling(role: Role, number: int) -> float:
        return COLD_S if number in (1, 2) or number % 7 == 6 else claiming(role, number)

    script = Script(stalling, claims=950)
    run(script)
    roles = script.roles()
    assert roles["prime"] == 24
    assert roles["short"] == 18 * 5
    assert roles["hit"] == 6 + 18 * 5


def test_where_nothing_is_saved_it_tries_repeats_third_sightings_and_a_pause() -> None:
    script = Script(nothing)
    run(script)
    assert script.roles() == {
        "prime": 6,
        "hit": 6,
        "control": 6,
        "fresh": 7,
        "repeat": 6,
        "third": 6,
        "late": 1,
    }
    escalated = script.asked[18:36]
    for fresh, repeat, third in zip(escalated[::3], escalated[1::3], escalated[2::3], strict=True):
        assert (fresh.role, repeat.role, third.role) == ("fresh", "repeat", "third")
        assert fresh.prefix == repeat.prefix == third.prefix
        assert fresh.suffix == repeat.suffix != third.suffix
    assert script.pauses == [(37, PAUSE_S)]  # between the last fresh one and the late one
    assert script.asked[36].prefix == script.asked[37].prefix


def test_a_pause_that_helps_is_confirmed() -> None:
    script = Script(lambda role, number: FAST_S if role == "late" else COLD_S)
    run(script)
    assert script.roles()["late"] == 3
    assert len(script.pauses) == 3


def test_escalation_can_be_left_out() -> None:
    script = Script(nothing)
    run(script, escalate=False)
    assert len(script.asked) == 18
    assert not script.pauses


@pytest.mark.parametrize("failing", [("hit",), ("prime", "hit", "control")])
def test_a_server_that_fails_three_times_in_a_row_is_left_alone(failing: tuple[Role, ...]) -> None:
    script = Script(lambda role, number: None if role in failing else COLD_S)
    run(script)
    assert len(script.asked) <= 9


def test_what_came_before_the_server_went_away_has_been_handed_over() -> None:
    def dying(role: Role, number: int) -> float:
        if number == 4:
            raise Unreachable("gone")
        return COLD_S

    seen: list[Sample] = []

    async def collect() -> None:
        async for sample in core_protocol(Script(dying), Course(LENGTH, SHARED, OVERHEAD_S)):
            seen.append(sample)

    with pytest.raises(Unreachable):
        asyncio.run(collect())
    assert len(seen) == 4


def test_a_calibration_asks_only_prompts_never_seen_and_keeps_them() -> None:
    script = Script(lambda role, number: 0.5 + 0.1 * (number == 0))
    seen: list[Sample] = []
    ask = cold_asks(script, seen, nonces())

    async def thrice() -> list[float | None]:
        return [await ask(tokens) for tokens in (16, 1024, 1024)]

    assert asyncio.run(thrice()) == [0.6, 0.5, 0.5]
    assert seen == script.asked
    assert [sample.length for sample in seen] == [16, 1024, 1024]
    assert len({sample.prefix for sample in seen}) == 3
    assert {sample.role for sample in seen} == {"warmup"}


def test_nonces_are_of_128_bits_and_of_one_length() -> None:
    made = {fresh_nonce() for _ in range(50)}
    assert len(made) == 50
    assert {len(bytes.fromhex(nonce)) for nonce in made} == {16}
