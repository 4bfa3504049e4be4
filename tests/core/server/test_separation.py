"""Who shares cached prompts with whom, and that neither salts nor keys are kept."""

from contextlib import AbstractContextManager

import httpx
import msgspec
import pytest

from llmx.core.engine.scripted import ScriptedEngine
from llmx.core.server.redaction import REDACTED, redacted_body
from tests.core.server.support import CHAT, House, house

PROMPT = "the same prompt"  # 15 tokens and the message's end
ALL_BUT_ONE = 15


def cached(server: House, headers: dict[str, str] | None = None, **body: object) -> int:
    answer = server.post(headers=headers, content=PROMPT, max_tokens=1, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["usage"]["prompt_tokens_details"]["cached_tokens"]


def remembering(**options: bool) -> AbstractContextManager[House]:
    return house(engine=ScriptedEngine(["x"], remembers=True), **options)


def test_prompts_are_shared_within_one_salt_only() -> None:
    with remembering() as server:
        assert cached(server, cache_salt="a") == 0
        assert cached(server, cache_salt="a") == ALL_BUT_ONE
        assert cached(server, cache_salt="b") == 0
        assert cached(server) == 0
        assert cached(server) == cached(server, cache_salt=None) == ALL_BUT_ONE


def test_the_cache_key_of_openai_separates_nothing() -> None:
    with remembering() as server:
        assert cached(server, prompt_cache_key="a") == 0
        assert cached(server, prompt_cache_key="b") == cached(server) == ALL_BUT_ONE
        assert [record.session for record in server.records.wait(3)] == ["a", "b", None]


BEARER = {"authorization": "Bearer one"}


def test_keys_separate_only_where_that_was_asked_for() -> None:
    with remembering() as server:
        assert httpx.get(f"{server.url}/health").json()["cache"]["per_key"] is False
        assert cached(server, BEARER) == 0
        assert cached(server, {"x-api-key": "two"}) == cached(server) == ALL_BUT_ONE


def test_with_a_cache_per_key_the_same_key_shares_in_whichever_header_it_comes() -> None:
    with remembering(cache_per_key=True) as server:
        assert httpx.get(f"{server.url}/health").json()["cache"]["per_key"] is True
        assert cached(server, BEARER) == 0
        assert cached(server, BEARER) == cached(server, {"x-api-key": "one"}) == ALL_BUT_ONE
        assert cached(server, {"x-api-key": "two"}) == 0
        assert cached(server) == 0
        assert cached(server, {**BEARER, "x-api-key": "two"}) == 0  # neither's
        assert cached(server) == cached(server, {"x-api-key": ""}) == ALL_BUT_ONE


def test_salt_and_key_separate_together() -> None:
    with remembering(cache_per_key=True) as server:
        pairs = [(BEARER, "a"), (BEARER, "b"), ({"x-api-key": "two"}, "a"), ({}, "a")]
        assert [cached(server, key, cache_salt=salt) for key, salt in pairs] == [0] * 4
        assert [cached(server, key, cache_salt=salt) for key, salt in pairs] == [ALL_BUT_ONE] * 4


@pytest.mark.parametrize("stream", [False, True])
def test_salt_and_key_stand_nowhere_in_the_trace(stream: bool) -> None:
    with remembering(cache_per_key=True) as server:
        headers = {"authorization": "Bearer k3y-of-one"}
        server.post(headers, cache_salt="s3cret", stream=stream)
        server.post(headers, cache_salt="s3cret", n=2)
        server.post(headers, cache_salt="s3cret" * 1000)
        records = server.records.wait(3)
    for record in records:
        line = msgspec.json.encode(record)
        assert b"s3cret" not in line
        assert b"k3y-of-one" not in line


def test_a_salt_of_a_wrong_form_is_named_and_not_repeated() -> None:
    with house(["x"]) as server:
        for wrong in (5, ["s3cret"], "s3cret" * 1000, "", True):
            answer = server.post(cache_salt=wrong)
            error = answer.json()["error"]
            assert (answer.status_code, error["param"]) == (400, "cache_salt")
            assert "s3cret" not in error["message"]
        assert server.post(cache_salt="x" * 1024).status_code == 200
        answer = server.post(prompt_cache_key=5)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt_cache_key")


def test_all_of_the_body_but_the_salt_is_kept_to_the_byte() -> None:
    quoted = rb'{ "messages":[{"role":"user","content":"\"cache_salt\":\"mine\""}], '
    raw = quoted + b'"cache_salt" :"%s"}'
    with house(["x"]) as server:
        httpx.post(f"{server.url}{CHAT}", content=raw % b's3\\"cret')
        record = server.records.one()
    assert record.req.body == raw % REDACTED.encode()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (rb'{"cache_s\u0061lt":"a"}', rb'{"cache_s\u0061lt":"@"}'),
        (b'{"cache_salt":"a","cache_salt": "b"}', b'{"cache_salt":"@","cache_salt": "@"}'),
        (b'{"cache_salt":17,"x":1}', b'{"cache_salt":"@","x":1}'),
        (b'{"cache_salt":"cut', b'{"cache_salt":"@"'),
        (b'{"a":{"cache_salt":\n"b"}}', b'{"a":{"cache_salt":\n"@"}}'),
        (b'{"cache_salts":"b","x":"cache_salt"}', b'{"cache_salts":"b","x":"cache_salt"}'),
    ],
)
def test_a_salt_is_found_however_it_is_written(body: bytes, kept: bytes) -> None:
    assert redacted_body(body) == kept.replace(b"@", REDACTED.encode())
