"""Bodies told by what they do not share with an earlier one, and lines decoded with them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.trace.bodies import Bodies, Body, Mark
from llmx.core.trace.lines import HeldRequest, LineDecoder
from llmx.core.trace.record import TraceRecord
from llmx.core.trace.similar import Recent
from tests.core.trace.records import chat, record

PIECES = ['a, "b"', "\\", "\n", "\t", "ä", "\N{GRINNING FACE}", "{}", ": ", "x" * 40, "\x01", "/"]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def quoted(text: str, is_ascii: bool = False) -> bytes:
    return json.dumps(text, ensure_ascii=is_ascii).encode()


def joined(body: Body, known: dict[Mark, bytes]) -> bytes:
    """What the body says, by the one that it is like."""
    base = b"" if body.like is None else known[body.like]
    known[body.mark] = base[: body.head] + body.inside + base[body.tail :]
    return known[body.mark]


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8), st.booleans())
def test_a_body_says_what_its_json_says(parts: list[tuple[str, str, str]], is_ascii: bool) -> None:
    """Those that share a long beginning and end are the ones that are compared."""
    bodies, known = Bodies(), dict[Mark, bytes]()
    for head, inside, tail in parts:
        text = "begin, " * 9 + head + inside + tail + ", end" * 9
        body = bodies.escaped(quoted(text, is_ascii))
        assert body.data == text.encode()
        assert joined(body, known) == text.encode()
        plain = bodies.plain(text.encode())
        assert joined(plain, known) == plain.data == text.encode()


def test_of_a_conversation_only_what_is_new_is_unescaped() -> None:
    bodies = Bodies()
    static = "s" * 5_000
    first = bodies.escaped(quoted(json.dumps({"m": [static, "one"], "tools": static})))
    second = bodies.escaped(quoted(json.dumps({"m": [static, "one", "two"], "tools": static})))
    assert second.like is first.mark
    assert second.inside == b'"one", "two"'


@pytest.mark.parametrize(
    "wrong", [b"", b'"', b'"a', b'"a"b"', b'"\\x"', b'"\xff"', b'"\x01"', b"5"]
)
def test_what_is_no_json_string_is_refused(wrong: bytes) -> None:
    bodies = Bodies()
    bodies.escaped(b'"' + b"a, " * 20 + b'"')
    for text in (wrong, wrong[:1] + b"a, " * 20 + wrong[1:]):
        with pytest.raises(ValueError):  # noqa: PT011 - msgspec's errors
            bodies.escaped(text)


def test_the_longest_common_beginning_is_found_and_old_strings_are_let_go() -> None:
    recent: Recent[int] = Recent(budget=100_000)
    static = b"s" * 20_000
    for number in range(3):
        data = static + b"%d" % number * 20_000
        recent.keep(data, number, recent.keys(data))
    data = static + b"1" * 20_000 + b"more"
    found = recent.find(data, recent.keys(data))
    assert found is not None
    assert (found.kept.value, found.prefix, found.suffix) == (1, 40_000, 0)
    first = static + b"0" * 20_000
    found = recent.find(first, recent.keys(first))
    assert found is not None
    assert found.kept.value != 0  # three of 40,000 bytes are more than the budget


# ── lines ─────────────────────────────────────────────────────────────────────────────────────


def lines(bodies: Sequence[bytes]) -> list[bytes]:
    made = [record(n, body, prompt=n, answer="ä") for n, body in enumerate(bodies)]
    return [msgspec.json.encode(each) for each in made]


CONVERSATION = [
    chat(("system", "s, " * 99), *[("user", 'say "ä" \\ ' + str(n)) for n in range(count)])
    for count in range(1, 5)
]


def spaced(line: bytes) -> bytes:
    return json.dumps(json.loads(line)).encode()


def turned(line: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(line).items()))).encode()


@pytest.mark.parametrize("spelled", [bytes, spaced, turned])
def test_a_line_is_the_record_that_msgspec_reads(spelled: type[bytes]) -> None:
    decoder = LineDecoder()
    for line in map(spelled, lines(CONVERSATION)):
        ours, theirs = decoder.decode(line), msgspec.json.decode(line, type=TraceRecord)
        assert isinstance(ours.req, HeldRequest)
        assert ours.req.body == theirs.req.body
        for name in TraceRecord.__struct_fields__:
            if name != "req":
                assert getattr(ours, name) == getattr(theirs, name)


@given(st.data())
def test_a_damaged_line_is_refused_where_msgspec_refuses_it(data: st.DataObject) -> None:
    decoder = LineDecoder()
    good = lines(CONVERSATION)
    for line in good:
        decoder.decode(line)
    line = bytearray(data.draw(st.sampled_from(good)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(line) - 1))
        line[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b'"', b"\\", b"\x00", b"\xff", b"}", b",", b'"},"res":'])
        )
    try:
        wanted = msgspec.json.decode(bytes(line), type=TraceRecord).req.body
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011
            decoder.decode(bytes(line))
    else:
        assert decoder.decode(bytes(line)).req.body == wanted


def test_headers_that_look_like_a_body_are_not_taken_for_it() -> None:
    line = lines(CONVERSATION)[0].replace(b'"headers":{}', b'"headers":{"raw":"x"},"raw":"y"')
    assert LineDecoder().decode(line).req.body == CONVERSATION[0]
