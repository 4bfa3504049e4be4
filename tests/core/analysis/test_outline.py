"""What is known of a body is known of the one that goes on from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.core.analysis.outline import FIELDS, Outline, outline
from llmx.core.analysis.segments import Splitter
from llmx.core.trace.bodies import Bodies, Mark

texts = st.sampled_from(["", "a", 'q"\\', "ä, {}", "x" * 300, "]}", "1208925819614629174706176"])
messages = st.fixed_dictionaries({"role": st.sampled_from(["user", "system"]), "content": texts})
values = st.one_of(st.lists(messages, max_size=6), texts, st.none(), st.integers())
bodies = st.fixed_dictionaries(
    {"messages": st.lists(messages, max_size=6)},
    optional={"tools": values, "system": values, "model": texts, "n": st.integers()},
)


def spelled(body: dict[str, Any], order: list[str], is_spaced: bool) -> bytes:
    turned = {name: body[name] for name in order if name in body}
    separators = None if is_spaced else (",", ":")
    return json.dumps(turned, separators=separators, ensure_ascii=False).encode()


def shown(found: Outline, data: bytes) -> dict[str, list[bytes]]:
    """Every part, and that it stands where it is said to."""
    for run in found.runs.values():
        for item, start, end in zip(run.items, run.starts, run.ends, strict=True):
            assert data[start:end] == item.raw
        if run.is_list and run.items:
            assert data[run.closed : run.closed + 1] == b"]"
    return {name: [item.raw for item in run.items] for name, run in found.runs.items()}


@given(
    st.lists(bodies, min_size=2, max_size=6),
    st.permutations([*FIELDS, "model", "n"]),
    st.booleans(),
)
def test_parts_are_the_same_with_and_without_what_is_known(
    made: list[dict[str, Any]], order: list[str], is_spaced: bool
) -> None:
    source, known = Bodies(), dict[Mark | None, Outline]()
    said: list[dict[str, Any]] = []
    for body in made:
        said += body["messages"]
        grown = spelled(body | {"messages": said, "pad": "p" * 300}, ["pad", *order], is_spaced)
        now = source.plain(grown)
        found = known[now.mark] = outline(now, known.get(now.like))
        alone = outline(Bodies().plain(grown), None)
        assert shown(found, grown) == shown(alone, grown)
        assert found.rest == alone.rest


edits = st.lists(
    st.tuples(
        st.sampled_from(["messages", "tools"]),
        st.integers(0, 8),
        st.integers(0, 2),
        st.lists(st.one_of(messages, texts, st.integers(0, 99), st.just([])), max_size=2),
    ),
    max_size=8,
)


@given(edits, st.permutations(["messages", "tools", "n"]), st.booleans())
def test_parts_are_the_same_after_any_edits_of_a_list(
    made: list[tuple[str, int, int, list[Any]]], order: list[str], is_spaced: bool
) -> None:
    """Each body is known by an earlier one: parts put in, taken out and changed anywhere."""
    source, known = Bodies(), dict[Mark | None, Outline]()
    body: dict[str, Any] = {name: [{"a": "x" * 80}] * 5 for name in ("messages", "tools")}
    for field, at, taken, put in made:
        body[field][at : at + taken] = put
        data = spelled(body | {"n": 1, "pad": "p" * 300}, ["pad", *order], is_spaced)
        now = source.plain(data)
        found = known[now.mark] = outline(now, known.get(now.like))
        alone = outline(Bodies().plain(data), None)
        assert shown(found, data) == shown(alone, data)
        assert (found.rest, found.nbytes) == (alone.rest, len(data))


def test_what_is_known_is_the_same_object() -> None:
    source = Bodies()
    first, second = (
        json.dumps({"messages": [{"role": "user", "content": "a" * 99}] * count}).encode()
        for count in (2, 3)
    )
    known = outline(source.plain(first), None)
    found = outline(source.plain(second), known)
    assert found.runs["messages"].items[:2] == known.runs["messages"].items
    assert len(found.new["messages"]) == 1


@pytest.mark.parametrize("field", ["messages", "tools"])
def test_a_field_that_stands_twice_counts_as_its_last(field: str) -> None:
    one = b'{"messages": [{"role": "user", "content": "a"}], "tools": []'
    source = Bodies()
    twice = [one + b', "%s": [], "n": "%s"}' % (field.encode(), b"n" * n) for n in (300, 301)]
    known = outline(source.plain(twice[0]), None)
    found = outline(source.plain(twice[1]), known)
    for each in (known, found):
        assert each.runs[field].items == []
        assert len(each.runs["messages"].items) == (field == "tools")


@given(st.lists(bodies, min_size=1, max_size=8), st.sampled_from(["chat", "messages"]))
def test_a_splitter_that_has_seen_others_splits_as_one_that_has_not(
    made: list[dict[str, Any]], api: str
) -> None:
    seen = Splitter()
    for body in made:
        data = json.dumps(body).encode()
        ours, alone = (
            each.split_chat(data) if api == "chat" else each.split_messages(data)
            for each in (seen, Splitter())
        )
        assert ours.segments == alone.segments
        assert list(ours.places) == list(alone.places)
