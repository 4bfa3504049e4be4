"""A server over time: states, rates, transitions; unknown is not zero."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest

from llmx.core.client.health_body import parse_health
from llmx.core.errors import Unreachable
from llmx.core.supervise.watch import Rates, Seen, Snapshot, State, following, watch
from tests.core.client.raw import nobody, silence
from tests.core.server.support import house
from tests.core.supervise.fakes import Server, health_body
from tests.serving import running


def watched(url: str, count: int) -> list[Snapshot]:
    async def take() -> list[Snapshot]:
        seen: list[Snapshot] = []
        async with contextlib.aclosing(watch(url, interval_s=0.01)) as snapshots:
            async for snapshot in snapshots:
                seen.append(snapshot)
                if len(seen) == count:
                    break
        return seen

    return asyncio.run(take())


def state_of(**server: Any) -> State:
    with running(Server(**server).app()) as url:
        return watched(url, 1)[0].state


# ── states ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("server", "state"),
    [
        ({"health": [health_body()]}, "ready"),
        ({"health": [health_body(running=1)]}, "busy"),
        ({"health": [health_body(queued=1)]}, "busy"),
        ({"health": [health_body(status="loading")], "health_status": 503}, "loading"),
        ({"health": [health_body(status="failed")], "health_status": 503}, "failed"),
        ({"health": [health_body(status="closed")], "health_status": 503}, "failed"),
        ({"health": [{"status": "ok"}]}, "up"),
        ({"health": [{"status": "unavailable"}], "health_status": 503}, "loading"),
        ({"health": ["oops"], "health_status": 500}, "error"),
        ({"health": [None]}, "up"),  # /v1/models answers
        ({"health": [None], "models": None}, "error"),
    ],
)
def test_each_answer_is_a_state(server: dict[str, Any], state: str) -> None:
    assert state_of(**server) == state


def test_our_own_server_is_ready_and_tells_all() -> None:
    with house(["x"]) as server:
        server.post()
        (snapshot,) = watched(server.url, 1)
    assert snapshot.state == "ready"
    assert snapshot.engine.completion_tokens == 1
    assert snapshot.cache.enabled is not None


def test_a_server_that_says_little_is_unknown_in_every_number() -> None:
    with running(Server(health=[{"status": "ok"}]).app()) as url:
        _, snapshot = watched(url, 2)
    rates = snapshot.rates
    assert rates.over_s is not None
    assert (rates.steps_per_s, rates.completion_tokens_per_s, rates.hit_rate) == (None, None, None)
    assert (snapshot.cache_share, snapshot.hit_rate, snapshot.engine.running) == (None, None, None)
    document = json.loads(json.dumps(snapshot.to_json()))
    assert document["hit_rate"] is None
    assert document["health"]["engine"] is None


# ── over time, without a clock ────────────────────────────────────────────────────────────────


def seen(**engine: Any) -> Seen:
    said = parse_health(health_body(**engine))
    return Seen("busy" if engine.get("running") else "ready", "as told", said)


def with_cache(prompt: int, cached: int) -> Seen:
    body = health_body()
    body["cache"] |= {"prompt_tokens": prompt, "cached_tokens": cached}
    return Seen("ready", "as told", parse_health(body))


def after(*told: Seen, every_s: float = 2.0) -> Snapshot:
    """The last of the snapshots, taken at equal distances."""
    snapshot: Snapshot | None = None
    for number, one in enumerate(told):
        snapshot = following(snapshot, one, at=1000.0 + number, elapsed_s=number * every_s)
    assert snapshot is not None
    return snapshot


def test_rates_are_over_the_last_interval() -> None:
    rates = after(
        seen(steps=10, prompt_tokens=100, completion_tokens=5),
        seen(steps=20, prompt_tokens=500, completion_tokens=6),
        seen(steps=26, prompt_tokens=500, completion_tokens=16),
    ).rates
    assert rates == Rates(
        over_s=2.0,
        steps_per_s=3.0,  # (26 - 20) / 2
        prompt_tokens_per_s=0.0,
        completion_tokens_per_s=5.0,  # (16 - 6) / 2
        hit_rate=None,  # nothing was looked up
    )


def test_the_hit_rate_is_of_the_interval_and_of_all() -> None:
    snapshot = after(with_cache(100, 0), with_cache(300, 150))
    assert (snapshot.rates.hit_rate, snapshot.hit_rate) == (0.75, 0.5)  # 150 / 200, 150 / 300


def test_the_share_of_the_cache_counts_running_state_too() -> None:
    body = health_body()
    body["cache"] |= {"stored_bytes": 30, "running_bytes": 10, "budget_bytes": 80}
    assert after(Seen("ready", "", parse_health(body))).cache_share == 0.5
    body["cache"] |= {"budget_bytes": None}
    assert after(Seen("ready", "", parse_health(body))).cache_share is None


def test_the_first_look_and_the_one_after_a_gap_have_no_rates() -> None:
    gone = Seen("unreachable", "refused")
    assert after(seen(steps=1)).rates == Rates()
    assert after(seen(steps=1), gone, seen(steps=9)).rates == Rates()


def test_counters_that_begin_anew_are_no_negative_rate_but_a_restart() -> None:
    snapshot = after(seen(steps=10, uptime_s=60.0), seen(steps=2, uptime_s=1.0))
    assert snapshot.rates.steps_per_s is None
    assert snapshot.is_change
    assert snapshot.transitions[-1].evidence == "the server was started anew"


def test_only_changes_of_state_are_transitions_and_the_last_five_are_kept() -> None:
    gone = Seen("unreachable", "refused")
    quiet = after(seen(steps=1), seen(steps=2))
    assert not quiet.is_change
    assert [(one.before, one.after) for one in quiet.transitions] == [(None, "ready")]
    many = after(*[seen(steps=1), gone] * 4)
    assert [one.after for one in many.transitions] == [
        "unreachable", "ready", "unreachable", "ready", "unreachable"
    ]  # fmt: skip
    assert many.transitions[-1].evidence == "refused"


def test_no_progress_is_counted_only_while_something_runs() -> None:
    busy = seen(steps=10, running=1)
    assert after(busy).no_progress_s == 0.0
    assert after(busy, busy, busy).no_progress_s == 4.0  # 2 * 2 s
    assert after(busy, busy, seen(steps=11, running=1)).no_progress_s == 0.0
    assert after(busy, busy, seen(steps=10)).no_progress_s is None
    assert after(Seen("up", "", parse_health({"engine": {"running": 1}}))).no_progress_s is None


# ── its end ───────────────────────────────────────────────────────────────────────────────────


def watch_for(url: str, for_s: float) -> list[Snapshot]:
    async def take() -> list[Snapshot]:
        return [one async for one in watch(url, interval_s=0.05, for_s=for_s)]

    return asyncio.run(take())


def test_it_ends_when_its_time_is_over() -> None:
    with running(Server().app()) as url:
        snapshots = watch_for(url, 0.2)
    assert 1 <= len(snapshots) <= 4  # at 0, 0.05, 0.1, 0.15


@pytest.mark.parametrize("place", [nobody, silence])
def test_a_server_that_never_answered_is_unreachable(place: Any) -> None:
    with place() as url, pytest.raises(Unreachable, match=f"{url}.*nobody answered for 0.1 s"):
        watch_for(url, 0.1)


def test_a_server_that_went_away_is_watched_on() -> None:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(running(Server().app()))

        async def take() -> list[Snapshot]:
            snapshots: list[Snapshot] = []
            async for one in watch(url, interval_s=0.05, for_s=0.5):
                if not snapshots:
                    stack.close()
                snapshots.append(one)
            return snapshots

        first, *others = asyncio.run(take())
    assert first.state == "ready"
    assert others[-1].state == "unreachable"
    assert [one.after for one in others[-1].transitions] == ["ready", "unreachable"]


def test_it_only_ever_asks_for_health() -> None:
    server = Server()
    with running(server.app()) as url:
        watched(url, 3)
    assert (server.asked, server.chats) == (3, 0)
