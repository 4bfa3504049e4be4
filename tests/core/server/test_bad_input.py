"""Nothing that a client sends makes the server answer 5xx, hang or die."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.core.server.support import CHAT, House, asked, house

MB = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[House]:
    with house(["fine"]) as made:
        yield made


@pytest.fixture(autouse=True)
def _lives_on(server: House) -> Iterator[None]:
    """After each test the server still answers."""
    yield
    assert server.post().json()["choices"][0]["message"]["content"] == "fine"
    assert httpx.get(f"{server.url}/health").json()["status"] == "ok"


def post(server: House, content: Any) -> httpx.Response:
    return httpx.post(f"{server.url}{CHAT}", content=content, timeout=60)


def error_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    return answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "param"),
    [
        (b"", None),
        (b"not json", None),
        (b'{"messages": NaN}', None),
        (b"\xff\xfe\x00", None),
        (b"[" * 1_000_000, None),
        (b'{"a":' * 1_000_000, None),
        (json.dumps(asked("\ud800")).encode(), None),
        (json.dumps({"messages": []}).encode(), "messages"),
        (json.dumps({"messages": [{"role": "x", "content": ""}]}).encode(), "messages[0].role"),
        (json.dumps(asked(stop=["a", 5])).encode(), "stop[1]"),
        (json.dumps(asked(max_tokens=-1)).encode(), "max_tokens"),
        (json.dumps(asked(temperature="hot")).encode(), "temperature"),
        (json.dumps(asked(stream="yes")).encode(), "stream"),
        (json.dumps(asked(n=17)).encode(), "n"),
    ],
)
def test_a_wrong_body_is_a_400_that_names_the_field(
    server: House, content: bytes, param: str | None
) -> None:
    answer = post(server, content)
    assert (answer.status_code, error_of(answer)["param"]) == (400, param)
    assert error_of(answer)["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [{"seed": -(10**30)}, {"max_tokens": 10**30}])
def test_values_beyond_any_model_are_passed_on_to_the_engine(
    server: House, body: dict[str, Any]
) -> None:
    assert server.post(**body).status_code == 200


def test_a_body_of_50_mb_is_a_413(server: House) -> None:
    answer = post(server, b'{"x": "' + b"a" * 50 * MB + b'"}')
    assert (answer.status_code, error_of(answer)["code"]) == (413, "body_too_large")


def test_a_body_of_50_mb_without_a_length_is_a_413(server: House) -> None:
    answer = post(server, (b"a" * MB for _ in range(50)))
    assert (answer.status_code, error_of(answer)["code"]) == (413, "body_too_large")


def test_the_limit_is_the_last_size_that_is_taken() -> None:
    body = json.dumps(asked()).encode()
    with house(["fine"], max_body_bytes=1000) as small:
        assert post(small, body.ljust(1000)).status_code == 200
        assert post(small, body.ljust(1001)).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "unknown_url"),
        ("POST", "/v1/chat/completion", 404, "unknown_url"),
        ("HEAD", "/nowhere", 404, None),
        ("GET", "/", 404, "unknown_url"),
        ("GET", CHAT, 405, "method_not_allowed"),
        ("DELETE", "/health", 405, "method_not_allowed"),
        ("GET", "/v1/cache/clear", 405, "method_not_allowed"),
        ("GET", "/v1/models/other", 404, "model_not_found"),
        ("GET", "/v1/cache?limit=-1", 400, None),
        ("GET", "/v1/cache?limit=%C2%B2", 400, None),  # a superscript two
        ("GET", "/%ff%00/..", 404, "unknown_url"),
    ],
)
def test_a_wrong_path_or_method_has_the_error_shape_too(
    server: House, method: str, path: str, status: int, code: str | None
) -> None:
    answer = httpx.request(method, server.url + path)
    assert answer.status_code == status
    assert answer.headers["x-request-id"]
    if method != "HEAD":
        assert error_of(answer)["code"] == code
    if status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET\r\n\r\n",
        f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n".encode(),
        f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999\r\n\r\n".encode(),
        f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n".encode(),
        b"GET /v1/x HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_are_answered_without_a_5xx(server: House, raw: bytes) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw)
        first = connection.recv(200)
    assert first == b"" or first.startswith(b"HTTP/1.1 4")
