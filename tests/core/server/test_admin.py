"""Health, models and cache: what a server says about itself."""

import dataclasses

import httpx
import pytest

from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.types import CacheEntry, CacheStats, EngineStats, ModelInfo
from tests.core.server.support import House, house
from tests.serving import eventually

ENTRIES = [
    CacheEntry(1, None, "", 0, 100, 4000, 0, 1.5, 3, 2),
    CacheEntry(2, 1, "5a17" * 8, 100, 20, 800, 0, 0.5, 1, 0),
]


def names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def test_health_tells_version_model_and_every_counter_by_name() -> None:
    with house(["a", "b"]) as server:
        server.post()
        answer = httpx.get(f"{server.url}/health")
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "ok")
    assert set(body) == {"status", "server", "version", "model", "engine", "cache"}
    assert body["server"] == "llmx"
    assert set(body["model"]) == names(ModelInfo)
    assert set(body["engine"]) == names(EngineStats) - {"cache", "rules"}
    assert set(body["cache"]) == names(CacheStats) | {"per_key"}
    assert (body["engine"]["completion_tokens"], body["engine"]["finished"]) == (2, {"stop": 1})


def test_health_answers_while_the_engine_is_busy_and_the_queue_is_full() -> None:
    gate = Gate()
    engine = ScriptedEngine([gate, "x"], slots=1, queue=1)
    with house(engine=engine) as server, server.open(), server.open():
        eventually(lambda: engine.stats().queued == 1)
        body = httpx.get(f"{server.url}/health").json()
        gate.open()
    assert (body["engine"]["running"], body["engine"]["queued"]) == (1, 1)


@pytest.mark.parametrize("state", ["loading", "failed", "closed"])
def test_health_is_a_503_unless_requests_are_taken(state: str) -> None:
    with house(["x"]) as server:
        server.engine.state = state  # pyright: ignore[reportAttributeAccessIssue]
        server.engine.fault = "no memory"
        answer = httpx.get(f"{server.url}/health")
    assert (answer.status_code, answer.json()["status"]) == (503, state)
    assert answer.json()["engine"]["fault"] == "no memory"


def test_the_official_client_lists_and_gets_the_model() -> None:
    with house(["x"]) as server, server.openai() as client:
        assert [model.id for model in client.models.list()] == ["scripted"]
        assert client.models.retrieve("scripted").owned_by == "llmx"
        assert httpx.get(f"{server.url}/v1/models").json()["data"][0]["max_model_len"] == 4096


def test_the_cache_shows_counters_and_entries_and_can_be_cleared() -> None:
    with house(engine=ScriptedEngine(["x"], entries=ENTRIES)) as server:
        cache = f"{server.url}/v1/cache"
        full = httpx.get(cache).json()
        assert set(full["stats"]) == names(CacheStats)
        assert full["stats"]["stored_bytes"] == 4800
        root, leaf = (dataclasses.asdict(entry) for entry in ENTRIES)
        assert full["entries"] == [
            {**root, "namespace": "default"},
            {**leaf, "namespace": "5a175a175a17"},
        ]
        assert len(httpx.get(cache, params={"limit": 1}).json()["entries"]) == 1
        assert httpx.get(cache, params={"limit": 0}).json()["entries"] == []
        assert httpx.post(f"{cache}/clear").json() == {"freed_bytes": 4800}
        assert httpx.get(cache).json()["entries"] == []


# ── the key, the request id ───────────────────────────────────────────────────────────────────

PATHS = ["/v1/models", "/v1/cache", "/nowhere"]


def status(server: House, path: str, headers: dict[str, str]) -> int:
    return httpx.get(server.url + path, headers=headers).status_code


def test_the_key_is_taken_in_both_headers_and_asked_for_everywhere_but_at_health() -> None:
    with house(["x"], api_key="schlüssel") as server:
        key = b"schl\xc3\xbcssel"
        for path in PATHS:
            assert status(server, path, {}) == 401
            assert status(server, path, {"x-api-key": "wrong"}) == 401
            assert status(server, path, {"authorization": "Basic abc"}) == 401
            for given in ({b"x-api-key": key}, {b"authorization": b"bearer " + key}):
                assert httpx.get(server.url + path, headers=given).status_code in (200, 404)  # pyright: ignore
        assert status(server, "/health", {}) == 200
        refused = httpx.post(f"{server.url}/v1/chat/completions", content=b"")
        assert refused.json()["error"]["code"] == "invalid_api_key"
        assert server.engine.requests == []


def test_the_official_client_gets_in_with_the_key() -> None:
    with house(["x"], api_key="right") as server, server.openai(api_key="right") as client:
        assert client.models.list().data


def test_without_a_key_set_any_key_is_ignored() -> None:
    with house(["x"]) as server:
        assert status(server, "/v1/models", {"authorization": "Bearer whatever"}) == 200


def test_every_answer_has_an_id_of_its_own() -> None:
    with house(["x"]) as server:
        answers = [httpx.get(server.url + path) for path in [*PATHS, "/health"]]
        answers.append(server.post(n=2))
        chat = server.post()
    identities = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(identities)) == 5
    assert chat.headers["x-request-id"] == chat.json()["id"]
