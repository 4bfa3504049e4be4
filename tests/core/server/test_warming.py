"""`POST /v1/cache/warm`: prompts are computed and stored, and nothing is generated."""

from typing import Any

import httpx
import pytest

from llmx.core.engine.scripted import Gate, Prefilled, ScriptedEngine
from llmx.core.errors import Busy
from tests.core.server.support import House, asked, house
from tests.serving import eventually

PATH = "/v1/cache/warm"


def warm(server: House, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.post(server.url + PATH, json=body, headers=headers, timeout=60)


def remembering() -> ScriptedEngine:
    return ScriptedEngine([Prefilled(1, 1), "never"], remembers=True)


def test_a_warmed_prompt_is_there_for_the_next_request() -> None:
    engine = remembering()
    with house(engine=engine) as server:
        first = warm(server, asked("12345")).json()
        again = server.post(content="12345").json()["usage"]
    assert first == {
        "prompt_tokens": 6,
        "cached_tokens": 0,
        "written_tokens": 6,
        "llmx": {
            "ram_tokens": 0,
            "disk_tokens": 0,
            "computed_tokens": 6,
            "written_tokens": 6,
            "matched": 0,
            "shared": 0,
            "part": "message 0 (user)",
            "reason": "cold",
        },
    }
    assert again["prompt_tokens_details"]["cached_tokens"] == 5
    assert [request.generate for request in engine.requests] == [False, True]


def test_tools_and_salt_of_the_body_count_as_in_a_chat() -> None:
    engine = remembering()
    tool = {"type": "function", "function": {"name": "look"}}
    with house(engine=engine, cache_per_key=True) as server:
        salted = asked("12345", cache_salt="a", tools=[tool])
        warm(server, salted, {"x-api-key": "one"})
        server.post({"x-api-key": "one"}, **salted | {"content": "12345"})
        server.post({"x-api-key": "two"}, **salted | {"content": "12345"})
    one, same, other = engine.requests
    assert one.namespace == same.namespace != other.namespace
    assert one.tools == same.tools
    assert len(one.tools) == 1


def test_a_list_is_answered_in_order_and_an_error_stands_in_its_place() -> None:
    with house(engine=remembering()) as server:
        bodies = [asked("12345"), {"messages": []}, asked("12399"), 5, asked("1" * 5000)]
        answer = warm(server, {"requests": bodies})
        results = answer.json()["results"]
        records = server.records.wait(5)
    assert answer.status_code == 200
    assert [r.get("cached_tokens") for r in results] == [0, None, 3, None, None]
    assert results[1]["error"]["param"] == "messages"
    assert "must be an object" in results[3]["error"]["message"]
    assert results[4]["error"]["code"] == "context_length_exceeded"
    assert set(results[1]["error"]) == {"message", "type", "param", "code"}
    assert [record.status for record in records] == [200, 400, 200, 400, 400]
    assert [record.id.rsplit("-", 1)[1] for record in records] == ["0", "1", "2", "3", "4"]
    assert records[0].id.startswith(answer.headers["x-request-id"])
    assert (records[0].req.path, records[0].usage.prompt, records[0].usage.out) == (PATH, 6, 0)


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"messages": []}, 400, "messages"),
        ({**asked(), "cache": False}, 400, "cache"),
        ({"requests": []}, 400, "requests"),
        ({"requests": {}}, 400, "requests"),
        ({"requests": [{}] * 1001}, 400, "requests"),
        ({"requests": [asked()], **asked()}, 400, "requests"),
        ([asked()], 400, None),
        (asked("1" * 5000), 400, "messages"),
    ],
)
def test_a_body_that_cannot_be_is_refused(body: Any, status: int, param: str | None) -> None:
    with house(["x"]) as server:
        answer = warm(server, body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


def test_what_is_no_json_is_refused() -> None:
    with house(["x"]) as server:
        answer = httpx.post(server.url + PATH, content=b'{"requests": [')
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_json")


def test_a_full_queue_and_a_failing_engine_are_errors_of_the_api() -> None:
    with house([Busy("full")], [RuntimeError("gone")]) as server:
        busy, failed = warm(server, asked()), warm(server, asked())
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "1")
    assert (failed.status_code, failed.json()["error"]["message"]) == (500, "gone")


def test_who_leaves_ends_it_and_what_follows() -> None:
    gate = Gate()
    engine = ScriptedEngine([gate])
    with house(engine=engine) as server:
        with server.send(PATH, {"requests": [asked()] * 3}):
            assert gate.reached.wait(20)
        eventually(lambda: engine.cancelled)
        record = server.records.one()
        gate.open()
    assert (record.finish, record.status) == ("cancelled", None)
    assert len(engine.requests) == 1


def test_the_key_is_asked_for() -> None:
    with house(["x"], api_key="right") as server:
        assert warm(server, asked()).status_code == 401
        assert warm(server, asked(), {"x-api-key": "right"}).status_code == 200
