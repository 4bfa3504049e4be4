"""While the model loads every request is answered with a 503, and then by the server itself."""

import socket

import httpx
import pytest

from llmx.core.client.health_body import parse_health
from llmx.core.server.run import bind
from llmx.core.server.waiting_room import waiting_room
from tests.core.server.support import CHAT, asked


@pytest.fixture
def sock():
    with bind("127.0.0.1", 0) as bound:
        yield bound


def url_of(sock: socket.socket) -> str:
    return f"http://127.0.0.1:{sock.getsockname()[1]}"


@pytest.mark.parametrize("path", ["/v1/models", "/v1/cache", "/metrics", "/nowhere", CHAT])
def test_every_path_is_a_503_that_says_when_to_come_back(sock: socket.socket, path: str) -> None:
    with waiting_room(sock):
        method = "POST" if path == CHAT else "GET"
        answer = httpx.request(method, url_of(sock) + path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("server_error", "not_ready")
    assert "loading" in error["message"]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_anthropics_clients_are_told_in_their_form(sock: socket.socket, path: str) -> None:
    with waiting_room(sock):
        answer = httpx.post(url_of(sock) + path, json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    body = answer.json()
    assert (body["type"], body["error"]["type"]) == ("error", "api_error")


def test_health_says_loading_in_its_own_form(sock: socket.socket) -> None:
    with waiting_room(sock):
        answer = httpx.get(url_of(sock) + "/health")
    said = parse_health(answer.json())
    assert said is not None
    assert said.engine is not None
    assert (answer.status_code, said.status, said.engine.state) == (503, "loading", "loading")
    assert said.server == "llmx"


def test_a_large_body_does_not_cost_the_answer(sock: socket.socket) -> None:
    with waiting_room(sock):
        answer = httpx.post(url_of(sock) + CHAT, json=asked("x" * (8 << 20)))
    assert answer.status_code == 503


def test_after_it_connections_wait_in_the_socket_for_the_server_that_follows(
    sock: socket.socket,
) -> None:
    with waiting_room(sock):
        assert httpx.get(url_of(sock) + "/health").status_code == 503
    sock.settimeout(20)
    with socket.create_connection(sock.getsockname()) as client:
        accepted, address = sock.accept()
        with accepted:
            assert address == client.getsockname()


def test_two_rooms_may_follow_each_other(sock: socket.socket) -> None:
    for _ in range(2):
        with waiting_room(sock):
            assert httpx.get(url_of(sock) + "/health").status_code == 503
