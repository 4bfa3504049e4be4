"""The traces of real runs: what broke the cache is named, and what it cost as the engine counts."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmx.core.analysis.report import Row, analyze
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from tests.agents import agent_body
from tests.core.server.support import Records
from tests.serving import running

SHARE = 0.1  # of the size of a real agent's prompt
PATH = "/v1/messages"
Json = dict[str, Any]


class House:
    def __init__(self, url: str, engine: MLXEngine, records: Records) -> None:
        self.url, self.engine, self.records = url, engine, records

    def ask(self, body: Json) -> Json:
        answer = httpx.post(self.url + PATH, json=body, timeout=120)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, count: int) -> tuple[Row, ...]:
        return analyze(self.records.wait(count)).rows


@contextmanager
def house(model: Path, **options: Any) -> Iterator[House]:
    engine, records = MLXEngine.load(model, EngineOptions(**options)), Records()
    try:
        with running(create_app(engine, recorder=records)) as url:
            yield House(url, engine, records)
    finally:
        asyncio.run(engine.close())


def dated(body: Json, day: str) -> Json:
    body = copy.deepcopy(body)
    body["system"].insert(1, {"type": "text", "text": f"\nToday's date: {day}\n"})
    return body


def gone_on(body: Json, answer: Json, question: str) -> Json:
    body = copy.deepcopy(body)
    body["messages"] += [
        {"role": "assistant", "content": answer["content"]},
        {"role": "user", "content": question},
    ]
    return body


def named(body: Json, answer: Json) -> Json:
    return body | {"diagnostics": {"previous_message_id": answer["id"]}}


def swapped(body: Json) -> Json:
    body = copy.deepcopy(body)
    tools = body["tools"]
    tools[2], tools[9] = tools[9], tools[2]
    return body


@pytest.mark.parametrize(
    ("change", "cause", "place"),
    [
        (lambda body: dated_again(body), "clock", "system"),
        (swapped, "tool_order", "tool Tool09"),
    ],
    ids=["date", "tools"],
)
def test_a_broken_prompt_costs_what_the_engine_counts(
    noise: Path, change: Any, cause: str, place: str
) -> None:
    with house(noise) as one:
        first = dated(agent_body("Why does the import fail?", None, share=SHARE), "2026-01-05")
        answer = one.ask(first)
        second = gone_on(first, answer, "And the other one?")
        another = one.ask(named(second, answer))
        third = change(gone_on(second, another, "What now?"))
        one.ask(named(third, another))
        rows = one.rows(3)
    assert rows[1].lost == ()
    assert rows[1].change is not None
    assert rows[1].change.kind == "extended"
    row = rows[2]
    (lost,) = row.lost
    assert (lost.side, lost.cause, row.place) == ("client", cause, place)
    diagnosis = row.record.server.diagnosis
    assert diagnosis is not None
    assert diagnosis.missed is not None
    assert diagnosis.missed > 1_000
    assert lost.tokens == pytest.approx(diagnosis.missed, rel=0.01)
    assert row.ideal is not None
    assert row.ideal - (row.actual or 0) == lost.tokens
    if cause == "clock":
        assert row.change is not None
        assert row.change.ours.decode().count("2026-01-06") == 1


def dated_again(body: Json) -> Json:
    body = copy.deepcopy(body)
    body["system"][1]["text"] = "\nToday's date: 2026-01-06\n"
    return body


def test_a_cache_too_small_loses_what_a_large_one_has(noise: Path) -> None:
    """The same requests to two servers: what the small one lost is the difference."""
    questions = [agent_body(f"{n}: why?", None, share=SHARE) for n in range(3)]
    for n, body in enumerate(questions):
        body["system"][0]["text"] = f"You are agent {n}, and work in a house of your own."
    with house(noise, cache_ram=1 << 28) as one:
        per_token = one.engine._layout.nbytes(4096) // 4096
        large = ask_all(one, questions)
    with house(noise, cache_ram=per_token * 2 * (large[3].prompt or 0)) as one:
        small = ask_all(one, questions)
    had, has = large[3].cached or 0, small[3].cached or 0
    assert has < 0.1 * had
    (lost,) = small[3].lost
    assert (lost.side, lost.cause) == ("server", "eviction")
    assert lost.tokens == pytest.approx(had - has, rel=0.01)


def test_all_of_it_in_one_run_of_conversations_in_turn(noise: Path) -> None:
    """A date in one, other tools in another, and then more agents than the cache has room for."""
    day = "2026-01-05"
    agents = [dated(agent_body(f"{n}: why?", None, share=0.03), day) for n in range(8)]
    for n, body in enumerate(agents):
        body["system"][0]["text"] = f"You are agent {n}, and work in a house of your own."
        body["max_tokens"] = 8
    with house(noise, cache_ram=1 << 28) as one:
        per_token = one.engine._layout.nbytes(4096) // 4096
        one.ask(agents[0])
        prompt = one.rows(1)[0].prompt or 0
    with house(noise, cache_ram=int(per_token * 4.5 * prompt)) as one:
        begun = [one.ask(body) for body in agents[:2]]
        bodies = [gone_on(*pair, "Go on.") for pair in zip(agents, begun, strict=False)]
        answers = [one.ask(named(*pair)) for pair in zip(bodies, begun, strict=True)]
        changed = [gone_on(*pair, "Go on.") for pair in zip(bodies, answers, strict=True)]
        one.ask(named(dated_again(changed[0]), answers[0]))
        last = one.ask(named(swapped(changed[1]), answers[1]))
        for body in agents[2:]:
            one.ask(body)
        one.ask(gone_on(swapped(changed[1]), last, "Go on."))
        rows = one.rows(13)
    told = [[(lost.side, lost.cause) for lost in row.lost] for row in rows]
    assert told[2:6] == [[], [], [("client", "clock")], [("client", "tool_order")]]
    assert told[12] == [("server", "eviction")]
    for row in rows[4:6]:
        diagnosis = row.record.server.diagnosis
        assert diagnosis is not None
        assert diagnosis.missed is not None
        assert row.lost[0].tokens == pytest.approx(diagnosis.missed, rel=0.01)
    stored = (rows[5].prompt or 0) + (rows[5].record.usage.out or 0)
    assert rows[12].lost[0].tokens == pytest.approx(stored - (rows[12].cached or 0), rel=0.01)


def ask_all(one: House, questions: list[Json]) -> tuple[Row, ...]:
    """Each of them, then the first goes on."""
    answers = [one.ask(body) for body in questions]
    one.ask(gone_on(questions[0], answers[0], "Go on."))
    return one.rows(4)
