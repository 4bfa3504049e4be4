"""What a server does, over time: one snapshot per interval. Observes and never ends anything."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.failures import TimedOut
from llmx.core.client.health_body import CacheSaid, EngineSaid, HealthBody, parse_health
from llmx.core.errors import Unreachable
from llmx.core.types import Json

VERSION = 1
GIVE_UP_S = 10.0  # without any answer since the start: nobody is there
ANSWER_S = 2.0  # `/health` of a busy server answers in milliseconds
KEPT = 5  # transitions that a snapshot carries

State = Literal[
    "unreachable",  # nobody accepts a connection, or it broke off
    "silent",  # accepts connections and does not answer
    "loading",
    "ready",
    "busy",  # at least one request is running or queued
    "failed",  # the engine has ended
    "up",  # answers, but says nothing of its engine
    "error",  # answers with an error
]


@dataclass(frozen=True, slots=True)
class Rates:
    """Between two snapshots; None: there is only one, a counter is unknown, or it began anew."""

    over_s: float | None = None
    steps_per_s: float | None = None
    prompt_tokens_per_s: float | None = None  # computed or restored
    completion_tokens_per_s: float | None = None
    hit_rate: float | None = None  # of the prompt tokens looked up; None also where none were


@dataclass(frozen=True, slots=True)
class Transition:
    at: float  # wall clock, seconds
    before: State | None  # None: the first state
    after: State
    evidence: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    at: float  # wall clock, seconds
    elapsed_s: float  # since the watch began
    state: State
    evidence: str
    health: HealthBody | None
    rates: Rates
    no_progress_s: float | None  # while requests run: since a counter of the engine last moved
    transitions: tuple[Transition, ...]  # the latest, oldest first
    is_change: bool  # the last of them is new

    @property
    def engine(self) -> EngineSaid:
        said = self.health.engine if self.health is not None else None
        return said if said is not None else EngineSaid()

    @property
    def cache(self) -> CacheSaid:
        said = self.health.cache if self.health is not None else None
        return said if said is not None else CacheSaid()

    @property
    def cache_share(self) -> float | None:
        """Of the cache's budget, what stored and running KV state take."""
        cache = self.cache
        if cache.stored_bytes is None or not cache.budget_bytes:
            return None
        return (cache.stored_bytes + (cache.running_bytes or 0)) / cache.budget_bytes

    @property
    def hit_rate(self) -> float | None:
        """Since the server's start."""
        return _share(self.cache.cached_tokens, self.cache.prompt_tokens)

    def to_json(self) -> Json:
        rates = self.rates
        return {
            "v": VERSION,
            "at": self.at,
            "elapsed_s": self.elapsed_s,
            "state": self.state,
            "evidence": self.evidence,
            "is_change": self.is_change,
            "rates": {
                "over_s": rates.over_s,
                "steps_per_s": rates.steps_per_s,
                "prompt_tokens_per_s": rates.prompt_tokens_per_s,
                "completion_tokens_per_s": rates.completion_tokens_per_s,
                "hit_rate": rates.hit_rate,
            },
            "hit_rate": self.hit_rate,
            "cache_share": self.cache_share,
            "no_progress_s": self.no_progress_s,
            "health": None if self.health is None else self.health.model_dump(),
        }


async def watch(
    url: str,
    *,
    interval_s: float = 1.0,
    for_s: float | None = None,
    api_key: str | None = None,
) -> AsyncGenerator[Snapshot, None]:
    """A snapshot at once and then one per interval, for `for_s` seconds or for ever.

    Raises `Unreachable` where nobody has answered by the end, or by `GIVE_UP_S`; a server that
    answered once is watched on, whatever becomes of it.
    """
    async with ChatClient(url, api_key, connect_s=ANSWER_S) as client:
        begun = time.monotonic()
        snapshot: Snapshot | None = None
        has_answered = False
        for number in itertools.count(1):
            seen = await _ask(client)
            snapshot = following(snapshot, seen, time.time(), time.monotonic() - begun)
            has_answered = has_answered or snapshot.state not in ("unreachable", "silent")
            yield snapshot
            due_s = max(number * interval_s, time.monotonic() - begun)
            end_s = math.inf if for_s is None else for_s
            if not has_answered:
                end_s = min(end_s, GIVE_UP_S)
            await asyncio.sleep(max(0.0, begun + min(due_s, end_s) - time.monotonic()))
            if due_s < end_s:
                continue
            if not has_answered:
                raise Unreachable(f"{seen.evidence}; nobody answered for {end_s:g} s")
            return


def following(before: Snapshot | None, seen: Seen, at: float, elapsed_s: float) -> Snapshot:
    """The snapshot of what was seen now, given the one before it."""
    transition = _transition(before, seen, at)
    transitions = before.transitions if before is not None else ()
    if transition is not None:
        transitions = (*transitions, transition)[-KEPT:]
    return Snapshot(
        at=at,
        elapsed_s=elapsed_s,
        state=seen.state,
        evidence=seen.evidence,
        health=seen.health,
        rates=_rates(before, seen.health, elapsed_s),
        no_progress_s=_no_progress(before, seen, elapsed_s),
        transitions=transitions,
        is_change=transition is not None,
    )


def _transition(before: Snapshot | None, seen: Seen, at: float) -> Transition | None:
    if before is None:
        return Transition(at, None, seen.state, seen.evidence)
    engine = seen.health.engine if seen.health is not None else None
    uptime = _difference(before.engine.uptime_s, engine.uptime_s if engine else None)
    if uptime is not None and uptime < 0:
        return Transition(at, before.state, seen.state, "the server was started anew")
    if before.state == seen.state:
        return None
    return Transition(at, before.state, seen.state, seen.evidence)


def _rates(before: Snapshot | None, health: HealthBody | None, elapsed_s: float) -> Rates:
    if before is None or before.health is None or health is None:
        return Rates()
    over_s = elapsed_s - before.elapsed_s
    old, new = before.engine, health.engine or EngineSaid()
    old_cache, new_cache = before.cache, health.cache or CacheSaid()
    return Rates(
        over_s=over_s,
        steps_per_s=_rate(old.steps, new.steps, over_s),
        prompt_tokens_per_s=_rate(old.prompt_tokens, new.prompt_tokens, over_s),
        completion_tokens_per_s=_rate(old.completion_tokens, new.completion_tokens, over_s),
        hit_rate=_share(
            _difference(old_cache.cached_tokens, new_cache.cached_tokens),
            _difference(old_cache.prompt_tokens, new_cache.prompt_tokens),
        ),
    )


def _no_progress(before: Snapshot | None, seen: Seen, elapsed_s: float) -> float | None:
    engine = seen.health.engine if seen.health is not None else None
    if engine is None or engine.steps is None or not engine.running:
        return None
    if before is None or not before.engine.running or before.engine.steps != engine.steps:
        return 0.0
    return (before.no_progress_s or 0.0) + elapsed_s - before.elapsed_s


def _rate(before: int | None, after: int | None, over_s: float) -> float | None:
    moved = _difference(before, after)
    return None if moved is None or moved < 0 or over_s <= 0 else moved / over_s


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _share(part: float | None, whole: float | None) -> float | None:
    """None: unknown, nothing to have a part of, or counters that began anew."""
    if part is None or whole is None or whole <= 0 or part < 0:
        return None
    return part / whole


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer, or its absence, and the state it means."""

    state: State
    evidence: str
    health: HealthBody | None = None


async def _ask(client: ChatClient) -> Seen:
    try:
        answer = await client.health_json(deadline_s=ANSWER_S)
        if answer.status in (404, 405):
            answer = await client.get("/v1/models", deadline_s=ANSWER_S)
            return Seen(*_plain_state(answer, "/v1/models"))
    except TimedOut as error:
        return Seen("silent", str(error))
    except Unreachable as error:
        return Seen("unreachable", str(error))
    health = parse_health(answer.body)
    if health is None or (health.engine is None and health.server is None):
        return Seen(*_plain_state(answer, "/health"), health)
    return Seen(*_engine_state(answer, health), health)


def _plain_state(answer: Answer, path: str) -> tuple[State, str]:
    evidence = f"GET {path}: HTTP {answer.status}"
    if answer.status == 503:
        return "loading", evidence
    return ("up" if answer.is_ok else "error"), evidence


def _engine_state(answer: Answer, health: HealthBody) -> tuple[State, str]:
    engine = health.engine or EngineSaid()
    said = health.status or engine.state
    if said in ("failed", "closed"):
        return "failed", engine.fault or f"the engine is {said}"
    if said == "loading" or answer.status == 503:
        return "loading", f"GET /health: HTTP {answer.status}"
    if not answer.is_ok:
        return "error", f"GET /health: HTTP {answer.status}"
    if engine.running is None:
        return "up", "it does not say what runs"
    if engine.running or engine.queued:
        return "busy", f"{engine.running} running"
    return "ready", "nothing runs"
