"""What holds for every family: any cut of an answer gives one result, and only calls are calls."""

import json

import pytest

from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import ToolChoice
from tests.call_syntax import CALLS, FORMS, STRANGE, SYNTAX, TOOLS, Writer, said
from tests.parsing import Outcome, every_way, in_bytes, play, prepared

NAMES = sorted(FAMILIES)
THINK = ThinkMarkers("<think>", "</think>")
DECLARED = {tool["function"]["name"] for tool in TOOLS}
PROSE = "I look it up: é 😀.\n"


def outcome(family: str, text: str, *, is_cut: bool = False, constrained: bool = False) -> Outcome:
    asked = prepared(TOOLS, constrained=constrained)
    chosen = FAMILIES[family]
    return play(chosen, in_bytes(text, chosen.markers), asked, is_cut=is_cut)


def read(outcome: Outcome) -> list[tuple[str, object]]:
    return [(name, json.loads(arguments)) for name, arguments in outcome.calls]


def test_every_family_is_written_here() -> None:
    assert sorted(SYNTAX) == NAMES


@pytest.mark.parametrize(
    ("family", "form", "write"),
    FORMS,
    ids=[f"{family} {form}".strip() for family, form, _ in FORMS],
)
def test_every_cut_of_an_answer_gives_its_text_and_its_calls(
    family: str, form: str, write: Writer
) -> None:
    answer = said(family, PROSE) + write(CALLS)
    asked = prepared(TOOLS)
    chosen = FAMILIES[family]
    outcomes = {
        (found.entries, found.flags)
        for tokens, at_once in every_way(answer, chosen.markers)
        for found in [play(chosen, tokens, asked, at_once=at_once)]
    }
    assert len(outcomes) == 1
    found = outcome(family, answer)
    assert (found.text, read(found), found.flags) == (PROSE, list(CALLS), ())
    assert outcome(family, answer, constrained=True).calls == found.calls


@pytest.mark.parametrize("family", NAMES)
def test_markers_in_reasoning_are_text_of_it(family: str) -> None:
    if FAMILIES[family].tells_reasoning:
        pytest.skip("its reasoning stands in its own frame")
    calls = SYNTAX[family](CALLS)
    answer = f"<think>\nPerhaps {calls} so.\n</think>\n\n{calls}"
    for markers in ((), FAMILIES[family].markers):
        found = play(FAMILIES[family], in_bytes(answer, markers), prepared(TOOLS), thinking=THINK)
        assert found.reasoning == f"Perhaps {calls} so."
        assert read(found) == list(CALLS)


@pytest.mark.parametrize("family", NAMES)
def test_a_cut_anywhere_leaves_whole_calls_and_the_beginning_of_one(family: str) -> None:
    """And no call that the whole answer does not have; nothing that was said gets lost."""
    answer = said(family, "Hm. ") + SYNTAX[family](CALLS)
    whole = outcome(family, answer).calls
    for length in range(len(answer)):
        for constrained in (True, False) if length % 4 == 0 else (True,):
            text = answer[:length]
            asked = prepared(TOOLS, constrained=constrained)
            found = play(FAMILIES[family], [text.encode()], asked, is_cut=True, at_once=True)
            count = len(found.calls)
            assert found.calls == whole[:count]
            assert len(found.parts) <= 1
            for name, arguments in found.parts:
                assert (name, True) == (whole[count][0], whole[count][1].startswith(arguments))
            if not found.calls and not found.parts and family != "harmony":
                assert found.text == text


@pytest.mark.parametrize("family", NAMES)
def test_an_undeclared_tool_is_text_with_a_flag(family: str) -> None:
    block = SYNTAX[family]([("remove", {"path": STRANGE})])
    found = outcome(family, block + "Then?" if family != "harmony" else block)
    assert found.calls == found.parts == []
    assert "undeclared_tool" in found.flags
    assert found.text == (block + "Then?" if family != "harmony" else block)


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Such as:\n```\n", "\n```\nbut do not run it."),
        ("~~~~text\n```\n", "\n~~~~\n"),
        ("A call is `", "` here."),
        ('He wrote "', '" and left.'),
        ("> ", "\n"),
    ],
)
def test_an_example_in_a_quotation_is_text(family: str, before: str, after: str) -> None:
    if family == "harmony":
        pytest.skip("its calls stand in messages of their own")
    text = before + SYNTAX[family]([("look", {"city": "Paris"})]) + after
    found = outcome(family, text)
    assert (found.text, found.calls, found.parts) == (text, [], [])


@pytest.mark.parametrize("family", NAMES)
@pytest.mark.parametrize("other", NAMES)
def test_the_syntax_of_another_family_is_text(family: str, other: str) -> None:
    """Where two share markers a call may be one in both; then it is the same call."""
    if family == other == "harmony":
        pytest.skip("behind text without a header there is none; the end token is no text")
    text = "So:\n" + SYNTAX[other]([("look", {"city": "Paris"})]) + "\n"
    found = outcome(family, text)
    if found.calls or found.parts:
        assert FAMILIES[family].begins & FAMILIES[other].begins
        assert read(found) == [("look", {"city": "Paris"})]
    else:
        assert found.text == text


@pytest.mark.parametrize("family", NAMES)
def test_every_other_syntax_may_stand_in_an_argument(family: str) -> None:
    for other in NAMES:
        quoted = f"see {SYNTAX[other]([('now', {})])} there"
        if other == family and family not in ("hermes", "mistral", "kimi_k2", "granite"):
            continue  # what it says of itself is told below
        call = ("put", {"path": quoted, "content": quoted})
        assert read(outcome(family, SYNTAX[family]([call]))) == [call], other


@pytest.mark.parametrize("family", NAMES)
def test_nothing_is_called_where_nothing_may_be(family: str) -> None:
    answer = SYNTAX[family](CALLS)
    for asked in (prepared(()), prepared(TOOLS, choice=ToolChoice("none"))):
        found = play(FAMILIES[family], in_bytes(answer), asked)
        assert found.calls == found.parts == []
        assert found.text == answer


@pytest.mark.parametrize("family", NAMES)
def test_a_second_call_is_text_where_one_is_allowed(family: str) -> None:
    answer = SYNTAX[family](CALLS)
    asked = prepared(TOOLS, choice=ToolChoice(parallel=False))
    found = play(FAMILIES[family], in_bytes(answer), asked)
    assert read(found) == [CALLS[0]]
    assert "parallel_call" in found.flags
    assert "now" in found.text


@pytest.mark.parametrize("family", NAMES)
def test_a_missing_end_does_not_lose_a_complete_call(family: str) -> None:
    """Some models end their answer with, or in place of, the last marker."""
    writer = SYNTAX[family]
    answer = writer([("look", {"city": "Paris"})])
    found = outcome(family, answer[: answer.rindex("Paris") + 20])
    assert found.calls in ([], outcome(family, answer).calls)
    end = max((answer.rfind(mark) for mark in FAMILIES[family].markers), default=-1)
    if answer[end:] in FAMILIES[family].markers:
        assert outcome(family, answer[:end].rstrip()).calls == outcome(family, answer).calls
