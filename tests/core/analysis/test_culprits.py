"""Every class of break is named, at its byte, with the reasons of both vendors."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from llmx.core.analysis.culprits import CULPRITS
from llmx.core.analysis.report import Row, analyze
from llmx.core.trace.record import TraceRecord, TraceRequest, TraceUsage
from tests.core.analysis.mutations import MUTATIONS, Mutated, Mutation
from tests.core.analysis.talks import Api, Talk, made, next_of

APIS: tuple[Api, ...] = ("chat", "messages", "responses")


def recorded(number: float, talk: Talk, api: Api, identity: str) -> TraceRecord:
    body = talk.body(api)
    paths = {"messages": "/v1/messages", "chat": "/v1/chat/completions"}
    path = paths.get(api, "/v1/responses")
    return TraceRecord(
        id=identity,
        api=api,
        model=talk.model,
        session=talk.session,
        t0=1000.0 + number,
        status=200,
        req=TraceRequest.of("POST", path, {}, body),
        usage=TraceUsage(prompt=len(body) // 4),
    )


@dataclass
class Wanted:
    mutated: Mutated
    api: Api


def wrong_of(row: Row, wanted: Mutated) -> str | None:
    """What of the row is not as it should be."""
    change = row.change
    assert change is not None
    if change.cause != wanted.cause:
        return f"{change.kind} {change.cause} at {row.place} byte {change.offset}"
    if (change.codes.anthropic, change.codes.openai) != (wanted.anthropic, wanted.openai):
        return f"codes {change.codes}"
    if wanted.is_harmless == (change.kind == "broken"):
        return f"kind {change.kind}"
    if wanted.kind and change.label is None and row.segments is not None:
        segment = row.segments.segments[change.at]
        if wanted.kind == "tool" and segment.kind == "message":
            return None  # the last tool went: what follows it stands in its place
        if segment.kind != wanted.kind:
            return f"in {segment.kind}"
    if wanted.byte is not None and change.offset != wanted.byte:
        return f"byte {change.offset} for {wanted.byte}"
    return None


def ids(mutation: Mutation) -> str:
    return mutation.__name__


@pytest.mark.parametrize("mutation", MUTATIONS, ids=ids)
def test_each_class_is_named_in_every_wording_on_each_api(mutation: Mutation) -> None:
    wrong: list[str] = []
    for n in range(14):
        rng = random.Random(n)
        mutated = mutation(made(100 + n), rng, n)
        assert mutated.cause == mutation.__name__
        for api in ("chat", "messages", "responses"):
            if api not in mutated.apis:
                continue
            records = [
                recorded(0, mutated.first, api, "a"),
                recorded(1, mutated.then, api, "b"),
            ]
            problem = wrong_of(analyze(records).rows[1], mutated)
            if problem is not None:
                wrong.append(f"{n} {api}: {problem}")
    assert wrong == []


def test_every_class_has_its_mutation() -> None:
    assert [mutation.__name__ for mutation in MUTATIONS] == list(CULPRITS)


def test_a_mixed_log_of_200_breaks_is_told_right() -> None:
    """All conversations run at the same time; each goes on twice, breaks, and goes on again."""
    records: list[TraceRecord] = []
    wanted: dict[str, Mutated] = {}
    for n in range(210):
        rng = random.Random(1000 + n)
        mutated = MUTATIONS[n % len(MUTATIONS)](made(n, turns=3), rng, n // len(MUTATIONS) + 3)
        apis: tuple[Api, ...] = tuple(a for a in APIS if a in mutated.apis)
        api = apis[n % len(apis)]
        shorter = mutated.first.copy()
        del shorter.messages[-4:]
        talks = [shorter, mutated.first, mutated.then]
        if mutated.cause != "side_query":
            talks.append(next_of(mutated.then, rng, 11))
        for step, talk in enumerate(talks):
            identity = f"{n}-{step}"
            records.append(recorded(step * 1000 + n * 0.7, talk, api, identity))
            if step == 2:
                wanted[identity] = mutated
    rows = {row.record.id: row for row in analyze(records).rows}
    wrong = {
        f"{identity} {mutated.cause}": problem
        for identity, mutated in wanted.items()
        if (problem := wrong_of(rows[identity], mutated)) is not None
    }
    assert len(wanted) == 210
    assert len(wrong) <= 0.01 * len(wanted), wrong
    raised = {
        identity: (row.change.kind, row.change.cause, row.where)
        for identity, row in rows.items()
        if identity not in wanted and row.change is not None
        and (row.change.kind == "broken" or row.change.cause is not None)
    }  # fmt: skip
    assert raised == {}
