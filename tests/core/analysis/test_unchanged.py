"""Traffic in which nothing is broken raises nothing, however it interleaves."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from msgspec import structs

from llmx.core.analysis.report import Report, analyze
from llmx.core.trace.record import TraceRecord, TraceResponse, TraceUsage
from tests.core.analysis.talks import Api, Talk, grow, made, prose
from tests.core.analysis.test_culprits import recorded

APIS: tuple[Api, ...] = ("chat", "messages", "responses")


def raised(report: Report) -> list[tuple[str, str | None, str | None]]:
    return [
        (row.record.id, row.change.cause, row.where)
        for row in report.rows
        if row.change is not None
        and (row.change.kind == "broken" or (row.change.cause and not row.change.is_usual))
    ]


def steps(seed: int, turns: int = 5) -> list[Talk]:
    """Every request of a conversation."""
    talk = made(seed, turns=0)
    found = [talk.copy()]
    for turn in range(turns):
        grow(talk, random.Random(seed * 100 + turn), turn)
        found.append(talk.copy())
    return found


def log(conversations: list[list[Talk]], api: Api) -> list[TraceRecord]:
    """In turn."""
    return [
        recorded(step * 100 + n, talk, api, f"{n}-{step}")
        for n, talks in enumerate(conversations)
        for step, talk in enumerate(talks)
    ]


@pytest.mark.parametrize("api", APIS)
def test_conversations_in_turn(api: Api) -> None:
    report = analyze(log([steps(n) for n in range(20)], api))
    assert raised(report) == []
    assert report.causes == ()


@pytest.mark.parametrize("api", APIS)
def test_many_conversations_of_one_agent_share_its_head(api: Api) -> None:
    head = made(1, turns=0)
    conversations: list[list[Talk]] = []
    for n in range(12):
        talks = steps(n)
        for talk in talks:
            talk.system, talk.tools = head.system, copy.deepcopy(head.tools)
        conversations.append(talks)
    assert raised(analyze(log(conversations, api))) == []


@pytest.mark.parametrize("api", APIS)
def test_agents_of_one_family_are_lineages_of_their_own(api: Api) -> None:
    """They begin with the same sentence and share some tools, and go different ways."""
    conversations: list[list[Talk]] = []
    tools = made(1).tools
    for n in range(8):
        talks = steps(n)
        for talk in talks:
            rest = talk.system.split("\n", 1)[1]
            talk.system = f"You are an agent of the house.\n{rest}"
            talk.tools = tools[: 1 + n % 5]
        conversations.append(talks)
    assert raised(analyze(log(conversations, api))) == []


def test_markers_that_follow_the_newest_messages() -> None:
    talks = steps(4, 6)
    for talk in talks:
        for message in [m for m in talk.messages if m["role"] == "user"][-2:]:
            content: Any = message["content"]
            if isinstance(content, str):
                content = [{"type": "text", "text": content}]
            content[-1]["cache_control"] = {"type": "ephemeral"}
            message["content"] = content
    for talk in talks:  # a client that writes blocks writes them everywhere
        for message in talk.messages:
            if isinstance(message["content"], str):
                message["content"] = [{"type": "text", "text": message["content"]}]
    report = analyze(log([talks], "messages"))
    assert raised(report) == []
    assert report.causes == ()


@pytest.mark.parametrize("api", APIS)
def test_retries_rewinds_and_other_samples(api: Api) -> None:
    talks = steps(7, 4)
    again = talks[2].copy()
    rewound = talks[2].copy()
    rewound.messages[-1]["content"] = prose(random.Random(9), 2)
    other = talks[3].copy()  # another sample of the same answer, and what followed it
    rng = random.Random(11)
    other.messages = other.messages[:9]
    grow(other, rng, 3)
    records = log([[*talks, again, rewound, other]], api)
    assert raised(analyze(records)) == []


@pytest.mark.parametrize("api", APIS)
def test_answers_that_come_back_as_they_were(api: Api) -> None:
    talks = steps(8, 4)
    records = log([talks], api)
    answered = [
        structs.replace(record, res=TraceResponse(text=_next_answer(talks, at)))
        for at, record in enumerate(records)
    ]
    assert raised(analyze(answered)) == []


def _next_answer(talks: list[Talk], at: int) -> str | None:
    if at + 1 >= len(talks):
        return None
    block: Any = talks[at + 1].messages[len(talks[at].messages)]["content"]
    return next(each["text"] for each in block if each["type"] == "text")


def test_titles_and_quota_probes_beside_a_conversation() -> None:
    talks = steps(9, 3)
    title = Talk(
        f"{talks[0].system[:30]}\nName this talk in three words.", [], [talks[0].messages[0]]
    )
    probe = Talk("", [], [{"role": "user", "content": "quota"}])
    mixed = [talks[0], title, probe, talks[1], title, talks[2], probe, talks[3]]
    report = analyze(log([mixed], "messages"))
    assert [
        row.change.kind for row in report.rows if row.change and row.change.kind == "broken"
    ] == []
    assert report.causes == ()


def test_other_sampling_breaks_nothing() -> None:
    talks = steps(10, 4)
    for n, talk in enumerate(talks):
        talk.more = {"temperature": n / 10, "top_p": 0.5 + n / 20, "seed": n, "max_tokens": 100 + n}
    report = analyze(log([talks], "chat"))
    assert raised(report) == []


def test_unknown_counts_stay_unknown() -> None:
    records = log([steps(n) for n in range(3)], "chat")
    blind = [structs.replace(record, usage=TraceUsage()) for record in records]
    report = analyze(blind)
    assert report.causes == ()
    assert report.unsplit == 0  # nothing is known to be possible, either
