"""No text raises, calls what is not declared, depends on its cuts, gets lost or takes long."""

import json
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.core.parser.choose import FAMILIES
from llmx.core.parser.families.quotes import Quotes
from tests.call_syntax import CALLS, SYNTAX, TOOLS, Call, said
from tests.parsing import Token, cut_at, in_bytes, play, prepared

NAMES = sorted(FAMILIES)
DECLARED = {tool["function"]["name"] for tool in TOOLS}
BITS = (
    "look", "put", "rm", "now", '"', "{", "}", "[", "]", ":", ",", "(", ")", "=", "\n", " ", "`",
    '{"name": "now"', '"arguments": {', '"city"', "city", "é😀", "\\", ">", "<", "call:",
    "```json\n", "functions.now:0", ' name="put">', "put>", "path>", ' name="path">', "function",
    "to=functions.now", "commentary", "analysis", "final", "1", "null", "'", ";",
)  # fmt: skip


def texts(family: str) -> st.SearchStrategy[str]:
    """Markers of the family and bits of calls, in any order; whole calls among them."""
    whole = [SYNTAX[family]([call]) for call in CALLS[1:]]
    return st.lists(
        st.sampled_from([*sorted(FAMILIES[family].markers), *BITS, *whole]), max_size=14
    ).map("".join)


@pytest.mark.parametrize("family", NAMES)
@settings(max_examples=30)
@given(data=st.data())
def test_any_text_is_read_the_same_in_any_cut(family: str, data: st.DataObject) -> None:
    text = data.draw(texts(family))
    is_cut = data.draw(st.booleans())
    is_constrained = data.draw(st.booleans())
    places = data.draw(st.lists(st.integers(0, len(text.encode())), max_size=5).map(sorted))
    asked = prepared(TOOLS, constrained=is_constrained)
    ways: list[list[Token]] = [in_bytes(text), cut_at(text, []), cut_at(text, places)]
    found = {
        (one.entries, one.flags)
        for tokens in ways
        for one in [play(FAMILIES[family], tokens, asked, is_cut=is_cut)]
    }
    assert len(found) == 1
    one = play(FAMILIES[family], in_bytes(text), asked, is_cut=is_cut)
    for name, arguments in one.calls:
        assert name in DECLARED
        assert isinstance(json.loads(arguments), dict)
        arguments.encode()
    assert {name for name, _ in one.parts} <= DECLARED
    if not one.calls and not one.parts and not FAMILIES[family].frames_answers:
        assert one.text == text


@pytest.mark.parametrize("family", ["hermes", "mistral", "llama3"])
@settings(max_examples=80)
@given(data=st.data())
def test_text_and_calls_account_for_all_that_was_said(family: str, data: st.DataObject) -> None:
    """What is no text is a call: without its markers, blanks and keys it is what was written."""
    parts = data.draw(st.lists(st.sampled_from(["Hi. ", "né", "CALL", "BAD"]), max_size=6))
    good = SYNTAX[family]([CALLS[2]])
    bad = SYNTAX[family]([("rm", {})])
    text = "".join({"CALL": good, "BAD": bad}.get(part, part) for part in parts)
    found = play(FAMILIES[family], in_bytes(text), prepared(TOOLS))
    entries: list[tuple[str, ...]] = []
    for part in parts:
        if part == "CALL":
            entries.append(("call", CALLS[2][0], json.dumps(CALLS[2][1])))
        elif entries and entries[-1][0] == "text":
            entries[-1] = ("text", entries[-1][1] + {"BAD": bad}.get(part, part))
        else:
            entries.append(("text", {"BAD": bad}.get(part, part)))
    assert list(found.entries) == entries


def steps(family: str, size: int) -> int:
    """How many functions are entered to read a call of so many characters, in tokens of four."""
    value = 'ab "c"\n</x> {"d": [é]} `' * (size // 24)
    call: Call = ("put", {"path": "p", "content": value})
    raw = (said(family, "Hi.\n") + SYNTAX[family]([call])).encode()
    tokens: list[Token] = [raw[at : at + 4] for at in range(0, len(raw), 4)]
    count = 0

    def profile(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        found = play(FAMILIES[family], tokens, prepared(TOOLS))
    finally:
        sys.setprofile(None)
    assert json.loads(found.calls[0][1])["content"] == value
    return count


@pytest.mark.parametrize("family", NAMES)
def test_twice_the_text_takes_twice_the_steps(family: str) -> None:
    assert steps(family, 4_000) < 2.4 * steps(family, 2_000)


@pytest.mark.parametrize("family", NAMES)
def test_a_megabyte_is_read(family: str) -> None:
    value = ("x" * 60 + '"\n\\') * (1_000_000 // 63)
    call: Call = ("put", {"path": "p", "content": value})
    raw = SYNTAX[family]([call]).encode()
    tokens: list[Token] = [raw[at : at + 2_000] for at in range(0, len(raw), 2_000)]
    found = play(FAMILIES[family], tokens, prepared(TOOLS))
    assert [json.loads(arguments) for _, arguments in found.calls] == [call[1]]


def places(text: str) -> Iterator[bool]:
    """Whether each `@` of the text stands in a quotation."""
    quotes = Quotes()
    *parts, _ = text.split("@")
    for part in parts:
        quotes.add(part)
        yield quotes.is_quoted()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("@ a @\n@", [False, False, False]),
        ("a `@` b @", [True, False]),
        ("``a ` @`` @", [True, False]),
        ("it's ` @\n@", [True, False]),
        ("```py\n@\n```\n@", [True, False]),
        ("````\n```\n@\n````\n@", [True, False]),
        ("~~~\n@\n```\n@\n ~~~~ \n@", [True, True, False]),
        ("- a:\n  ```\n  @\n  ```\n@", [True, False]),
        ("``` a ``` @", [False]),
        ('"@" and ("@" it\'s@ say "hi"@', [True, True, False, False]),
        ("> a @\nb @", [True, False]),
        ("\u201c@\u201d", [True]),
    ],
)
def test_a_quotation_is_seen(text: str, quoted: list[bool]) -> None:
    assert list(places(text)) == quoted
