"""One trace record for each chat request, whatever its end."""

import json

import httpx
import msgspec
import pytest

from llmx.core.engine.scripted import ScriptedEngine
from llmx.core.errors import Busy
from llmx.core.server.recording import headers_of
from llmx.core.server.redaction import REDACTED, redacted_headers
from llmx.core.trace.record import TraceCache, TraceRecord, TraceUsage
from tests.core.server.support import CHAT, asked, house


@pytest.mark.parametrize("stream", [False, True])
def test_a_complete_answer_is_recorded_as_it_was_sent(stream: bool) -> None:
    engine = ScriptedEngine(["Hel", "lo END"], cached_tokens=2)
    body = b'{ "messages":[{"role":"user","content":"Hi"}], "stop":"END", "stream": %s }'
    raw = body % (b"true" if stream else b"false")
    with house(engine=engine) as server:
        answer = httpx.post(f"{server.url}{CHAT}?x=1", content=raw, headers={"x-title": "t"})
        record = server.records.one()
    assert record.id == answer.headers["x-request-id"]
    assert (record.api, record.model, record.stream) == ("chat", "scripted", stream)
    assert (record.status, record.finish, record.stop) == (200, "stop", "END")
    assert (record.req.method, record.req.path, record.req.body) == ("POST", CHAT, raw)
    assert record.req.headers["x-title"] == "t"
    assert (record.res.text, record.res.error) == ("Hello ", None)
    assert record.usage == TraceUsage(prompt=3, cached=2, written=1, out=2, reasoning=0)
    assert record.server.cache == TraceCache(
        source="ram", matched=2, shared=2, ram=2, disk=0, computed=1, namespace="default"
    )
    assert (record.server.kind, record.session, record.parent) == ("llmx", None, None)
    times = [record.t0, record.t_first, record.t_last]
    assert times == sorted(times, key=lambda t: t or 0)
    for duration in (record.server.prepare_s, record.server.queue_s, record.server.prefill_s):
        assert duration is not None
        assert duration >= 0
    assert msgspec.json.decode(msgspec.json.encode(record), type=TraceRecord) == record


def test_what_the_client_reads_and_the_record_are_one_text() -> None:
    with house(["a", b"\xf0\x9f", b"\x99\x83"]) as server:
        answer = server.post().json()
        record = server.records.one()
    assert answer["choices"][0]["message"]["content"] == record.res.text == "a🙃"
    assert answer["id"] == record.id


@pytest.mark.parametrize(
    "raw", [b"not json", b'{"messages": [], "x": "\xff"}', json.dumps(asked(n=0)).encode()]
)
def test_a_refused_request_is_recorded_with_its_bytes_and_its_error(raw: bytes) -> None:
    with house(["x"]) as server:
        answer = httpx.post(f"{server.url}{CHAT}", content=raw)
        record = server.records.one()
    assert (record.status, record.finish, record.req.body) == (400, None, raw)
    assert record.res.text is None
    assert record.res.error is not None
    assert msgspec.to_builtins(record.res.error).items() <= answer.json()["error"].items()
    assert record.usage == TraceUsage()
    assert record.id == answer.headers["x-request-id"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_full_queue_is_recorded(stream: bool) -> None:
    with house([Busy("full")]) as server:
        server.post(stream=stream)
        record = server.records.one()
    assert (record.status, record.finish, record.stream) == (429, None, stream)
    assert record.res.error is not None
    assert record.res.error.code == "queue_full"
    assert record.server.prepare_s is not None  # it was prepared before it was refused


@pytest.mark.parametrize("stream", [False, True])
def test_a_failed_engine_is_recorded_with_the_text_that_was_sent(stream: bool) -> None:
    with house(["Hal", RuntimeError("gone")]) as server:
        server.post(stream=stream)
        record = server.records.one()
    assert (record.status, record.finish) == (200 if stream else 500, "error")
    assert (record.res.text, record.usage.out) == ("Hal" if stream else None, 1)
    assert record.res.error is not None
    assert record.res.error.message == "gone"


def test_a_body_that_is_too_large_is_recorded_without_it() -> None:
    with house(["x"], max_body_bytes=10) as server:
        server.post()
        record = server.records.one()
    assert (record.status, record.req.body) == (413, None)


def test_a_request_without_the_key_is_recorded_without_its_body_and_the_tried_key() -> None:
    with house(["x"], api_key="right") as server:
        server.post(headers={"authorization": "Bearer wrong"})
        record = server.records.one()
    assert (record.status, record.req.body) == (401, None)
    assert record.req.headers["authorization"] == REDACTED


def test_only_generations_are_recorded() -> None:
    with house(["x"]) as server:
        httpx.get(f"{server.url}/health")
        httpx.get(f"{server.url}{CHAT}")
        httpx.post(f"{server.url}/v1/cache/clear")
        server.post()
        assert server.records.one().status == 200


@pytest.mark.parametrize(
    ("headers", "user", "session"),
    [
        ({}, None, None),
        ({}, "me", "me"),
        ({"x-session-affinity": "s3"}, "me", "s3"),
        ({"x-session-affinity": "s3", "x-claude-code-session-id": "s2"}, "me", "s2"),
        ({"x-claude-code-session-id": "s2", "X-Session-Id": "s1"}, "me", "s1"),
        ({"x-session-id": ""}, "me", "me"),
    ],
)
def test_the_session_is_what_the_client_names(
    headers: dict[str, str], user: str | None, session: str | None
) -> None:
    with house(["x"]) as server:
        server.post(headers=headers, user=user)
        assert server.records.one().session == session


def test_header_values_that_could_let_somebody_in_are_not_kept() -> None:
    secret = ["authorization", "x-api-key", "api-key", "cookie", "set-cookie"]
    secret += ["proxy-authorization", "x-auth-token", "x-client-secret", "x-goog-api-key"]
    kept = {"user-agent": "a", "x-session-id": "s", "content-type": "application/json"}
    headers = {**dict.fromkeys(secret, "hush"), **kept}
    assert redacted_headers(headers) == {**dict.fromkeys(secret, REDACTED), **kept}


def test_repeated_headers_are_joined_and_names_are_in_lower_case() -> None:
    raw = [(b"X-A", b"1"), (b"x-a", b"2"), (b"X-B", b"\xe9")]
    assert headers_of(raw) == {"x-a": "1, 2", "x-b": "é"}


def test_each_of_several_answers_has_its_own_text_in_the_record_and_the_usage_is_of_all() -> None:
    with house(engine=ScriptedEngine(["a", "b"], ["c", "d", "e"])) as server:
        server.post(n=2, stream=True)
        record = server.records.one()
    assert (record.res.text, record.finish, record.usage.out) == ("ab", "stop", 5)
    assert [choice.text for choice in record.res.more] == ["cde"]
