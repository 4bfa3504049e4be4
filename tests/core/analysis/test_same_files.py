"""Conversations that read the same files are no kin; agents of one client are no broken prompts."""

from __future__ import annotations

import random

import pytest

from llmx.core.analysis.report import Report, analyze
from llmx.core.trace.record import TraceRecord
from tests.core.analysis.talks import Api, Json, Talk, made, prose
from tests.core.analysis.test_culprits import recorded

APIS: tuple[Api, ...] = ("chat", "messages", "responses")
NOTE = "<system-reminder>\nUse tabs. Ask before you push.\n</system-reminder>\n"
FILES = [prose(random.Random(50 + n), 12) for n in range(5)]
PLACE = "\n".join(f"{name}: as it is here" for name in ("Platform", "Shell", "Version", "Folder"))


def reading(seed: int, question: str, head: Talk) -> list[Talk]:
    """Every request of a conversation in which these files are read, each with words of its own."""
    rng = random.Random(seed)
    talk = Talk(head.system, head.tools, [{"role": "user", "content": question}], session="")
    found = [talk.copy()]
    for turn, content in enumerate(FILES):
        call = f"toolu_{seed}_{turn}"
        said: list[Json] = [
            {"type": "thinking", "thinking": prose(rng, 1), "signature": "c2ln"},
            {"type": "text", "text": prose(rng, 1)},
            {"type": "tool_use", "id": call, "name": "Read", "input": {"path": f"f{turn}.py"}},
        ]
        result = {"type": "tool_result", "tool_use_id": call, "content": content}
        talk.messages += [
            {"role": "assistant", "content": said},
            {"role": "user", "content": [result]},
        ]
        found.append(talk.copy())
    return found


def in_turn(conversations: list[list[Talk]], api: Api) -> list[TraceRecord]:
    return [
        recorded(step * 100 + n, talk, api, f"{n}-{step}")
        for n, talks in enumerate(conversations)
        for step, talk in enumerate(talks)
    ]


def broken(report: Report) -> list[tuple[str, str | None, str | None]]:
    return [
        (row.record.id, row.change.cause, row.where)
        for row in report.rows
        if row.change is not None and row.change.kind == "broken"
    ]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    "questions",
    [
        ("Why is the tax off by one?", "Write a guide to the basket, and show it to me."),
        (f"{NOTE}Why is the tax off by one?", f"{NOTE}Write a guide, and show it to me."),
        ("Go.", "Go."),
    ],
    ids=["questions", "behind-a-reminder", "the-same-question"],
)
def test_two_conversations_that_read_the_same_files(questions: tuple[str, str], api: Api) -> None:
    head = made(1, turns=0)
    talks = [reading(n, question, head) for n, question in enumerate(questions)]
    report = analyze(in_turn(talks, api))
    assert broken(report) == []
    assert report.causes == ()


@pytest.mark.parametrize("api", APIS)
def test_two_conversations_in_which_the_same_few_words_are_said(api: Api) -> None:
    """Their heads differ in a name, their first messages in the question behind a reminder."""
    talks: list[list[Talk]] = []
    for n in range(2):
        head = made(1, turns=0)
        head.system = f"You are agent {n}.\n{head.system}"
        talk = Talk(head.system, head.tools, [{"role": "user", "content": f"{NOTE}{n}: why?"}])
        found = [talk.copy()]
        for _ in range(3):
            talk.messages += [
                {"role": "assistant", "content": "Let me look at the file first."},
                {"role": "user", "content": "Go on."},
            ]
            found.append(talk.copy())
        talks.append(found)
    report = analyze(in_turn(talks, api))
    rows = {row.record.id: row for row in report.rows}
    for n in range(2):
        for step in range(1, 4):
            row = rows[f"{n}-{step}"]
            assert row.change is not None
            assert row.predecessor is not None
            assert (row.change.kind, row.predecessor.id) == ("extended", f"{n}-{step - 1}")


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("count", [3, 5], ids=["some-tools", "all-tools"])
def test_a_sub_agent_that_reads_the_same_files(api: Api, count: int) -> None:
    """It begins with the sentence of its parent and ends with the description of the place."""
    head = made(1, turns=0)
    own = prose(random.Random(2), 4)
    first, rules = head.system.split("\n", 1)
    sub = Talk(f"{first}\n{own}\n{PLACE}", head.tools[:count], [])
    head.system = f"{first}\n{rules}\n{PLACE}"
    talks = [
        reading(1, "Why is the tax off by one?", head),
        reading(2, "Find where the tax is computed.", sub),
        reading(3, "Find who calls it, and from where.", sub),
    ]
    report = analyze(in_turn(talks, api))
    assert broken(report) == []
    assert report.causes == ()


@pytest.mark.parametrize("api", APIS)
def test_what_breaks_one_of_them_is_told_of_that_one(api: Api) -> None:
    head = made(1, turns=0)
    talks = [reading(n, f"Question {n}, and no other.", head) for n in range(2)]
    for talk in talks[0][4:]:
        del talk.messages[1]["content"][0]  # its first thought
    report = analyze(in_turn(talks, api))
    assert [(name, cause) for name, cause, _ in broken(report)] == [("0-4", "thinking_stripped")]
    row = next(row for row in report.rows if row.record.id == "0-4")
    assert row.predecessor is not None
    assert row.predecessor.id == "0-3"


@pytest.mark.parametrize("api", APIS)
def test_a_broken_prompt_is_held_against_its_own_conversation(api: Api) -> None:
    """The other one has read one file more: it shares more bytes, and no words."""
    head = made(1, turns=0)
    talks = [reading(n, f"Question {n}, and no other.", head) for n in range(2)]
    for step, talk in enumerate(talks[1]):
        talk.system = f"Today is 2026-01-0{1 + step // 3}.\n{head.system}"
    for talk in talks[0]:
        talk.system = f"Today is 2026-01-01.\n{head.system}"
    report = analyze(in_turn(talks, api))
    assert [(name, cause) for name, cause, _ in broken(report)] == [("1-3", "clock")]
    row = next(row for row in report.rows if row.record.id == "1-3")
    assert row.predecessor is not None
    assert row.predecessor.id == "1-2"


@pytest.mark.parametrize("api", APIS)
def test_two_conversations_without_a_word_of_the_model_are_told_apart(api: Api) -> None:
    """Their questions begin with the time, and they read other files: from the first result on it
    is known which of them goes on."""
    head = made(1, turns=0)
    asked = ("Why is the tax off by one?", "Write a guide to the basket, and show it to me.")
    talks = [reading(n, question, head) for n, question in enumerate(asked)]
    for n, some in enumerate(talks):
        for step, talk in enumerate(some):
            talk.messages[0]["content"] = f"[10:{step}{n}] {asked[n]}"
            for at, message in enumerate(talk.messages[1:]):
                message["content"] = message["content"][-1:]
                if n and at % 2:
                    message["content"][0]["content"] = prose(random.Random(90 + at), 12)
    report = analyze(in_turn(talks, api))
    told = {name: cause for name, cause, _ in broken(report)}
    assert told == {f"{n}-{step}": "clock" for n in range(2) for step in range(2, 6)}
    pairs = [(row.record.id, row.predecessor.id) for row in report.rows if row.predecessor]
    wrong = [
        (one, other)
        for one, other in pairs
        if int(one[-1]) > 1 and (one[0] != other[0] or int(one[-1]) != int(other[-1]) + 1)
    ]
    assert wrong == []


@pytest.mark.parametrize("api", APIS)
def test_sessions_that_are_told_the_same_by_a_script(api: Api) -> None:
    """Each goes on from its own, though another was asked and answered more of the same."""
    talks = scripted(made(1, turns=0))
    report = analyze(in_turn(talks, api))
    assert broken(report) == []
    assert report.causes == ()
    pairs = [(row.record.id, row.predecessor.id) for row in report.rows if row.predecessor]
    assert [pair for pair in pairs if pair[0][-1] != "0"] == own_turns()


@pytest.mark.parametrize("api", APIS)
def test_sessions_of_a_script_whose_clock_ticks_and_whose_tools_move(api: Api) -> None:
    """In both at the same turn: the second of them begins like the first, and is not against it."""
    talks = scripted(made(1, turns=0))
    for talk in (talk for some in talks for talk in some):
        talk.system = f"Now it is 10:00:00.\n{talk.system}"
    for some in talks:
        for talk in some[2:]:
            talk.system = talk.system.replace("10:00:00", "10:01:17")
        some[3].tools.reverse()
    report = analyze(in_turn(talks, api))
    told = {(name, cause) for name, cause, _ in broken(report)}
    assert told == {(f"{n}-{step}", cause) for n in range(2) for step, cause in CHANGES}
    pairs = [(row.record.id, row.predecessor.id) for row in report.rows if row.predecessor]
    assert [pair for pair in pairs if pair[0][-1] != "0"] == own_turns()


CHANGES = ((2, "clock"), (3, "tool_order"))


def own_turns() -> list[tuple[str, str]]:
    return [(f"{n}-{step}", f"{n}-{step - 1}") for step in range(1, 4) for n in range(2)]


def scripted(head: Talk) -> list[list[Talk]]:
    """Two sessions of four requests each, alike but for the name in the first question."""
    talks: list[list[Talk]] = []
    for who in ("Ann", "Bob"):
        asked: list[Json] = [{"role": "user", "content": f"{who} asks what is in main.py"}]
        one = Talk(head.system, head.tools, asked, session=who)
        talks.append([one.copy()])
        for turn in range(3):
            one.messages += [
                {"role": "assistant", "content": [{"type": "text", "text": f"It is file {turn}."}]},
                {"role": "user", "content": f"And what is in the file behind it, number {turn}?"},
            ]
            talks[-1].append(one.copy())
    return talks
