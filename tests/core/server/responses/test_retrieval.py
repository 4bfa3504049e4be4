"""Responses that are asked for again: shown, told, listed, deleted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from openai import NotFoundError, OpenAI

from llmx.core.engine.scripted import Gate, Item, ScriptedEngine, Special
from llmx.core.parser.families.hermes import Hermes
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.server.responses.store import MemoryStore
from tests.core.server.responses.asking import (
    PATH,
    background,
    cancel,
    created,
    delete,
    events_of,
    get,
    over,
    post,
    refusal,
    texts,
    told,
)
from tests.core.server.support import House, house
from tests.serving import eventually

HELLO: list[Item] = ["Hel", "lo", " wor", "ld"]
THINK = ThinkMarkers("<think>", "</think>")
CALL: list[Item] = [
    Special("<tool_call>"),
    '\n{"name": "look", "argu',
    'ments": {"a": 1}}\n',
    Special("</tool_call>"),
]
LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}}
EVERYTHING: list[Item] = ["Let me ", "think.", Special("</think>"), "So", " be it.", *CALL]


def thinker(*script: Item) -> ScriptedEngine:
    return ScriptedEngine(script, family=Hermes(), thinking=THINK, is_thinking=True)


def client(server: House) -> OpenAI:
    return server.openai(_strict_response_validation=True)


# ── the object ────────────────────────────────────────────────────────────────────────────────


def test_what_was_answered_is_what_is_retrieved() -> None:
    """And what the stream's last event said: one fold makes them all."""
    with house(engine=thinker(*EVERYTHING)) as server:
        whole = created(server, tools=[LOOK], metadata={"a": "b"}, instructions="Be brief.")
        stream = events_of(post(server, tools=[LOOK], stream=True).text)
        assert get(server, whole["id"]).json() == whole
        last = stream[-1]["response"]
        assert [item["type"] for item in last["output"]] == [
            "reasoning",
            "message",
            "function_call",
        ]
        assert get(server, last["id"]).json() == last


def test_a_response_is_stored_unless_its_client_says_otherwise() -> None:
    """L1. Defect: `store` is off by default, or true becomes false without a word."""
    with house(HELLO) as server:
        plain, without = created(server), created(server, store=False)
        assert (plain["store"], without["store"]) == (True, False)
        assert get(server, plain["id"]).status_code == 200
        missing = (404, "response_id", "response_not_found")
        assert refusal(get(server, without["id"])) == missing


def test_where_the_operator_keeps_nothing_the_echo_says_so() -> None:
    with house(HELLO, keeps_responses=False) as server:
        body = created(server, store=True)
        assert body["store"] is False
        assert get(server, body["id"]).status_code == 404
        refused = post(server, previous_response_id=body["id"])
        code = "previous_response_not_found"
        assert refusal(refused) == (400, "previous_response_id", code)
        assert refusal(post(server, background=True))[:2] == (400, "background")


@pytest.mark.parametrize(
    "id",
    ["resp_nothing", "x" * 5000, "%00", "%F0%9F%99%83", "..", "a%2Fb", "resp_'; DROP TABLE x --"],
    ids=["unknown", "long", "nul", "emoji", "dots", "slash", "quotes"],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_that_nobody_has_is_not_found(id: str, method: str) -> None:
    with house(HELLO) as server:
        answer = httpx.request(method, f"{server.url}{PATH}/{id}")
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] in ("response_not_found", "unknown_url")


def test_a_wrong_previous_id_is_a_400_and_a_wrong_id_of_a_path_a_404() -> None:
    """H6."""
    with house(HELLO) as server:
        local = created(server, store=False)
        for id in ("resp_nothing", local["id"]):
            answer = post(server, previous_response_id=id)
            code = "previous_response_not_found"
            assert refusal(answer) == (400, "previous_response_id", code)
            assert get(server, id).status_code == 404


def test_what_is_under_way_is_shown_as_it_is_now_and_keeps_that() -> None:
    """L7. Defect: the live object is given away while it changes."""
    gate, rest = Gate(), Gate()
    with house(["Hel", gate, "lo", rest, "!"]) as server:
        id = background(server, gate)
        first = get(server, id).json()
        gate.open()
        assert rest.reached.wait(20)
        second = get(server, id).json()
        rest.open()
        last = over(server, id)
    assert [one["status"] for one in (first, second, last)] == [
        "in_progress", "in_progress", "completed"
    ]  # fmt: skip
    assert [texts(one["output"]) for one in (first, second, last)] == [
        ["Hel"], ["Hello"], ["Hello!"]
    ]  # fmt: skip
    assert (first["usage"], first["completed_at"]) == (None, None)
    assert last["usage"]["output_tokens"] == 3


def test_include_adds_what_can_be_added_later() -> None:
    with house(engine=thinker(*EVERYTHING)) as server:
        body = created(server, tools=[LOOK])
        assert "encrypted_content" not in body["output"][0]
        asked = get(server, body["id"], include=["reasoning.encrypted_content"]).json()
        sealed = asked["output"][0]["encrypted_content"]
        assert "think" not in sealed
        assert asked["output"][1:] == body["output"][1:]
        events = told(server, body["id"], **{"include[]": "reasoning.encrypted_content"})
        done = [event for event in events if event["type"] == "response.output_item.done"]
        assert done[0]["item"]["encrypted_content"] == sealed
        assert events[-1]["response"] == asked
        assert get(server, body["id"]).json() == body  # what is kept has not changed


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"include": "everything"}, "include"),
        ({"stream": "perhaps"}, "stream"),
        ({"stream": "true", "starting_after": "-1"}, "starting_after"),
        ({"stream": "true", "starting_after": "1.5"}, "starting_after"),
        ({"stream": "true", "starting_after": "9" * 30}, "starting_after"),
        ({"stream": "true", "starting_after": "٣"}, "starting_after"),
        ({"starting_after": ""}, "starting_after"),
    ],
)
def test_a_wrong_query_is_refused_before_anything_is_answered(query: Any, param: str) -> None:
    with house(HELLO) as server:
        answer = get(server, created(server)["id"], **query)
        assert refusal(answer) == (400, param, "invalid_value")


# ── its events again ──────────────────────────────────────────────────────────────────────────


def test_a_stream_is_told_again_from_every_number() -> None:
    """L8. Defects: the number is taken for a list index, foreground responses have no events."""
    with house(engine=thinker(*EVERYTHING)) as server:
        events = events_of(post(server, tools=[LOOK], stream=True).text)
        id = events[0]["response"]["id"]
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        assert told(server, id) == events
        for number in range(len(events)):
            assert told(server, id, starting_after=number) == events[number + 1 :]


def test_what_was_answered_whole_can_be_told_too() -> None:
    with house(HELLO) as server:
        body = created(server)
        events = told(server, body["id"])
    assert events[-1]["response"] == body
    said = [event["delta"] for event in events if event["type"].endswith("text.delta")]
    assert "".join(said) == "Hello world"


def test_the_official_client_resumes() -> None:
    with house(HELLO) as server, client(server) as official:
        with official.responses.create(model="scripted", input="Hi", stream=True) as stream:
            seen = list(stream)
        id = seen[0].response.id  # pyright: ignore[reportAttributeAccessIssue]
        with official.responses.retrieve(id, stream=True, starting_after=3) as again:
            assert list(again) == seen[4:]
        whole = official.responses.retrieve(id)
        assert whole.output_text == "Hello world"


def test_a_number_that_nobody_was_told_is_refused() -> None:
    """Before the 200. Defect: an index error inside the stream, or a reader that hangs."""
    gate = Gate()
    with house(HELLO, ["Hel", gate, "lo"]) as server:
        id = created(server)["id"]
        last = told(server, id)[-1]["sequence_number"]
        assert told(server, id, starting_after=last) == []
        answer = get(server, id, stream="true", starting_after=last + 1)
        assert refusal(answer) == (400, "starting_after", "invalid_value")
        running = background(server, gate)
        answer = get(server, running, stream="true", starting_after=1000)
        assert refusal(answer) == (400, "starting_after", "invalid_value")
        gate.open()


def test_readers_come_and_go_while_it_runs() -> None:
    """One from the start, before the engine has begun; one in the middle; one that leaves."""
    gate, rest = Gate(), Gate()
    with house([gate, "Hel", rest, "lo"]) as server:
        id = created(server, background=True)["id"]
        url = f"{server.url}{PATH}/{id}?stream=true"
        with httpx.stream("GET", url, timeout=60) as early:
            lines = early.iter_lines()
            assert next(lines) == "event: response.created"
            gate.open()
            assert rest.reached.wait(20)
            with httpx.stream("GET", url, timeout=60) as leaver:
                next(leaver.iter_lines())
            with httpx.stream("GET", f"{url}&starting_after=1", timeout=60) as late:
                rest.open()
                after = events_of(late.read().decode())
            text = "\n".join(["event: response.created", *lines, ""])
            events = events_of(text)
        assert events[-1]["response"]["status"] == "completed"
        assert after == events[2:]
        assert told(server, id) == events
        assert server.engine.cancelled == []


def test_a_reader_that_leaves_a_quiet_stream_is_seen() -> None:
    gate = Gate()
    with house([gate, "x"]) as server:
        id = background(server, gate)
        with httpx.stream("GET", f"{server.url}{PATH}/{id}?stream=true", timeout=60) as reader:
            next(reader.iter_lines())
        gate.open()
        assert over(server, id)["status"] == "completed"
        assert server.engine.cancelled == []


# ── what it was made of ───────────────────────────────────────────────────────────────────────


def said(*words: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": word} for word in words]


def test_input_items_are_listed_in_pages() -> None:
    words = [f"word {number}" for number in range(25)]
    with house(HELLO) as server, client(server) as official:
        answer = official.responses.create(model="scripted", input=said(*words))  # pyright: ignore
        listing = official.responses.input_items.list
        first = listing(answer.id)
        assert len(first.data) == 20  # unless asked otherwise, the latest first
        shown = [item.to_dict() for item in first.data]
        assert texts(shown) == list(reversed(words))[:20]
        assert first.has_more
        pages = listing(answer.id, order="asc", limit=7)
        ids = [item.id for item in pages]
        assert len(set(ids)) == 25
        assert [item.id for item in listing(answer.id, limit=100)] == list(reversed(ids))
        after = listing(answer.id, order="asc", after=ids[22])
        assert [item.id for item in after.data] == ids[23:]
        assert not after.has_more


def test_input_items_hold_the_whole_conversation() -> None:
    with house(HELLO) as server:
        first = created(server, input="One", instructions="Not an item.")
        second = created(server, input="Two", previous_response_id=first["id"])
        page = httpx.get(f"{server.url}{PATH}/{second['id']}/input_items?order=asc").json()
        assert texts(page["data"]) == ["One", "Hello world", "Two"]
        assert page["data"][1] == first["output"][0]
        assert (page["object"], page["has_more"]) == ("list", False)
        assert page["first_id"] == page["data"][0]["id"]
        assert page["last_id"] == page["data"][2]["id"]
        back = f"{server.url}{PATH}/{second['id']}/input_items?order=asc&before={page['last_id']}"
        before = httpx.get(f"{back}&limit=1").json()
        assert texts(before["data"]) == ["Hello world"]
        assert before["has_more"]


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("limit=0", "limit", "invalid_value"),
        ("limit=101", "limit", "invalid_value"),
        ("limit=many", "limit", "invalid_value"),
        ("order=up", "order", "invalid_value"),
        ("after=msg_no", "after", "item_not_found"),
        ("before=msg_no", "before", "item_not_found"),
        ("include=no", "include", "invalid_value"),
    ],
)
def test_a_wrong_page_is_refused(query: str, param: str, code: str) -> None:
    with house(HELLO) as server:
        id = created(server)["id"]
        answer = httpx.get(f"{server.url}{PATH}/{id}/input_items?{query}")
        assert refusal(answer) == (400, param, code)
        missing = httpx.get(f"{server.url}{PATH}/resp_no/input_items")
        assert refusal(missing) == (404, "response_id", "response_not_found")


# ── deleting ──────────────────────────────────────────────────────────────────────────────────


def test_what_was_deleted_is_gone_for_everything() -> None:
    """L10."""
    with house(HELLO) as server, client(server) as official:
        id = created(server)["id"]
        answer = delete(server, id)
        assert answer.json() == {"id": id, "object": "response", "deleted": True}
        for again in (get(server, id), delete(server, id), cancel(server, id)):
            assert refusal(again) == (404, "response_id", "response_not_found")
        assert get(server, id, stream="true").status_code == 404
        assert post(server, previous_response_id=id).status_code == 400
        other = official.responses.create(model="scripted", input="Hi")
        assert official.responses.delete(other.id) is None
        with pytest.raises(NotFoundError):
            official.responses.retrieve(other.id)


def test_a_chain_goes_on_without_what_was_deleted_from_it() -> None:
    with house(HELLO) as server:
        first = created(server)
        second = created(server, previous_response_id=first["id"])
        delete(server, first["id"])
        third = created(server, previous_response_id=second["id"])
        assert third["status"] == "completed"
        assert len(server.engine.requests[-1].messages) == 5


def test_deleting_one_in_the_background_ends_it_for_good() -> None:
    gate = Gate()
    with house(["Hel", gate, "lo"]) as server:
        id = background(server, gate)
        assert delete(server, id).status_code == 200
        eventually(lambda: server.engine.cancelled == [id])
        assert get(server, id).status_code == 404  # its end did not put it back


def test_one_that_is_being_told_to_its_client_cannot_be_deleted() -> None:
    gate = Gate()
    with house(["Hel", gate, "lo"]) as server:
        body = {"input": "Hi", "stream": True}
        with httpx.stream("POST", server.url + PATH, json=body, timeout=60) as stream:
            assert gate.reached.wait(20)
            id = server.engine.requests[0].id
            code = "response_in_progress"
            assert refusal(delete(server, id)) == (400, "response_id", code)
            assert get(server, id).json()["status"] == "in_progress"
            gate.open()
            stream.read()
        assert delete(server, id).status_code == 200


# ── who may ───────────────────────────────────────────────────────────────────────────────────


def test_with_a_cache_per_key_nobody_finds_what_another_key_stored() -> None:
    gate = Gate()
    with house(HELLO, ["Hel", gate, "lo"], cache_per_key=True) as server:
        mine = {"authorization": "Bearer mine"}
        url = server.url + PATH
        ended = httpx.post(url, json={"input": "Hi"}, headers=mine).json()["id"]
        asked = {"input": "Hi", "background": True}
        running = httpx.post(url, json=asked, headers=mine).json()["id"]
        assert gate.reached.wait(20)
        for id in (ended, running):
            for key in ({}, {"authorization": "Bearer theirs"}):
                for method, path in (
                    ("GET", ""), ("GET", "?stream=true"), ("GET", "/input_items"),
                    ("POST", "/cancel"), ("DELETE", ""),
                ):  # fmt: skip
                    answer = httpx.request(method, f"{url}/{id}{path}", headers=key)
                    assert answer.status_code == 404, (method, path)
            assert httpx.get(f"{url}/{id}", headers=mine).status_code == 200
        gate.open()


def test_a_memory_store_is_bounded_too() -> None:
    """L2. Defect: dictionaries that nothing is ever removed from."""
    store = MemoryStore(60_000)
    with house(["x" * 5000], store=store) as server:
        ids = [created(server)["id"] for _ in range(20)]
        assert get(server, ids[0]).status_code == 404
        assert get(server, ids[-1]).status_code == 200
        assert store.stats().nbytes <= 60_000
        scraped = httpx.get(f"{server.url}/metrics").text
    stats = store.stats()
    assert stats.responses + stats.evicted == 20
    assert (
        f'llmx_stored_responses_removed_total{{reason="bytes"}} {float(stats.evicted)}' in scraped
    )
    assert f"llmx_stored_responses {float(stats.responses)}" in scraped


def test_what_is_refused_leaves_nothing_behind() -> None:
    """L2. Defect: messages are stored before the generation, and stay where it fails."""
    store = MemoryStore()
    with house(store=store, engine=ScriptedEngine(HELLO, context=9)) as server:
        assert post(server, input="far too long for this").status_code == 400
        assert post(server, input=[{"type": "message", "role": "user"}]).status_code == 400
    assert store.stats().responses == 0
