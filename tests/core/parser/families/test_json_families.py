"""Families whose calls are JSON: complete, declared, in their own markers, or text."""

import pytest

from llmx.core.parser.families.base import Family
from llmx.core.parser.families.hermes import Hermes
from tests.parsing import CALL, PART, Entry, Outcome, every_way, play, prepared, tool

TOOLS = [tool("look", city={"type": "string"}), tool("now")]
HERMES = Hermes()


def read(
    text: str, family: Family = HERMES, *, is_cut: bool = False, constrained: bool = False
) -> Outcome:
    """What every cut of the text gives; it must be one."""
    asked = prepared(TOOLS, constrained=constrained)
    outcomes = {
        play(family, tokens, asked, is_cut=is_cut, at_once=at_once)
        for tokens, at_once in every_way(text, family.markers)
    }
    assert len(outcomes) == 1
    return outcomes.pop()


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ('<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>', [(CALL, "now", "{}")]),
        ('<tool_call>{"name": "now"}</tool_call>', [(CALL, "now", "{}")]),
        (
            'Let me see.\n<tool_call>{"name": "look", "arguments": {"city": "Köln 😀"}}'
            '</tool_call>\n<tool_call>{"arguments": {"city":"x"}, "name": "look"}</tool_call>\n',
            [
                ("text", "Let me see.\n"),
                (CALL, "look", '{"city": "Köln 😀"}'),
                (CALL, "look", '{"city":"x"}'),
            ],
        ),
        (
            '<tool_call>{"name": "look", "parameters": {"city": "</tool_call>\\n\\" <tool_call>"}}'
            "</tool_call>done",
            [(CALL, "look", '{"city": "</tool_call>\\n\\" <tool_call>"}'), ("text", "done")],
        ),
        (
            '<tool_call>{"name": "look", "arguments": "{\\"city\\": \\"x\\"}"}</tool_call>',
            [(CALL, "look", '{"city": "x"}')],
        ),
        ('<tool_call>{"name": "now"}', [(CALL, "now", "{}")]),  # the end marker is missing
        ('<tool_call>{"name": "now"}<tool_call>{"name": "now"}', [(CALL, "now", "{}")] * 2),
    ],
)
def test_a_hermes_call_is_read(text: str, entries: list[Entry]) -> None:
    for constrained in (False, True):
        assert read(text, constrained=constrained) == Outcome(tuple(entries), (), 0)


@pytest.mark.parametrize(
    ("block", "flag"),
    [
        ('<tool_call>{"name": "no", "x": "</tool_call>"}</tool_call>', "undeclared_tool"),
        ('<tool_call>{"name": "now", "arguments": [1]}</tool_call>', "tool_call_unparsed"),
        ('<tool_call>{"name": "now", "arguments": "x"}</tool_call>', "tool_call_unparsed"),
        ('<tool_call>{"name": 1}</tool_call>', "tool_call_unparsed"),
        ('<tool_call>{"arguments": {}}</tool_call>', "tool_call_unparsed"),
        ('<tool_call>{"name": "now",}</tool_call>', "tool_call_unparsed"),
        ('<tool_call>{"name": "now"} and</tool_call>', "tool_call_unparsed"),
        ("<tool_call>now</tool_call>", "tool_call_unparsed"),
        ("<tool_call></tool_call>", "tool_call_unparsed"),
    ],
)  # fmt: skip
def test_what_is_no_call_is_text_with_a_flag_and_the_calls_beside_it_are_made(
    block: str, flag: str
) -> None:
    good = '<tool_call>{"name": "now"}</tool_call>'
    called = (CALL, "now", "{}")
    assert read(f"{good}\n{block}\n{good}") == Outcome(
        (called, ("text", f"\n{block}\n"), called), (flag,), 0
    )


def test_a_cut_call_is_text_until_its_header_is_out() -> None:
    whole = '<tool_call>{"name": "look", "arguments": {"city": "x"}}'
    for length in range(len(whole)):
        text = whole[:length]
        outcome = read(text, is_cut=True)
        assert (outcome.text, outcome.calls) == (text, [])
    assert read(whole[:-4], is_cut=True, constrained=True).entries == (
        (PART, "look", '{"city": "'),
    )
    assert read(whole, is_cut=True).entries == ((CALL, "look", '{"city": "x"}'),)
