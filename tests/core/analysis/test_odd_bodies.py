"""Bodies with anything anywhere: the analysis raises nothing, and losses add up."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from msgspec import structs

from llmx.core.analysis.report import analyze
from llmx.core.trace.record import TraceRecord, TraceRequest, TraceUsage
from tests.core.analysis.mutations import MUTATIONS
from tests.core.analysis.talks import Api, made
from tests.core.analysis.test_culprits import recorded
from tests.core.analysis.test_losses import adds_up

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1e300, "", "\x00", "\ud800", [], {}, [[]], [None], {"type": "text"},
    {"type": None}, {"type": "tool_use"}, "x" * 3_000, {"a": {"b": [1, {"c": None}]}},
)  # fmt: skip


def spoiled(value: Any, rng: random.Random) -> Any:
    """With one value somewhere inside replaced, or a key gone."""
    if rng.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return rng.choice(JUNK)
    if isinstance(value, dict):
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {name: each for name, each in value.items() if name != key}
        return value | {key: spoiled(value[key], rng)}
    at = rng.randrange(len(value))
    return [*value[:at], spoiled(value[at], rng), *value[at + 1 :]]


@pytest.mark.parametrize("seed", range(2))
def test_anything_anywhere(seed: int) -> None:
    rng = random.Random(seed)
    records: list[TraceRecord] = []
    for n in range(63):
        mutated = MUTATIONS[n % len(MUTATIONS)](made(n % 7, turns=3), rng, n)
        api: Api = rng.choice(["chat", "messages", "responses"])
        for step, talk in enumerate((mutated.first, mutated.then)):
            record = recorded(n * 10 + step, talk, api, f"{n}-{step}")
            body = json.loads(talk.body(api))
            for _ in range(rng.randint(0, 3)):
                body = spoiled(body, rng)
            raw = json.dumps(body).encode()
            if rng.random() < 0.05:
                raw = raw[: rng.randrange(len(raw))]
            prompt = rng.choice([None, -3, 0, 1, 700, 10**12])
            cached = rng.choice([None, -3, 0, 1, 300, 699, 10**12])
            records.append(
                structs.replace(
                    record,
                    req=TraceRequest.of("POST", "/", {}, raw),
                    usage=TraceUsage(prompt=prompt, cached=cached, out=rng.choice([None, -1, 5])),
                    t0=rng.choice([None, 0.0, -5.0, record.t0]),
                    t_first=rng.choice([None, 1e300, record.t0]),
                )
            )
    adds_up(analyze(records))
