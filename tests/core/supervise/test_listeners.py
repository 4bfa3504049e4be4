"""Who listens where, and which connections end there."""

from __future__ import annotations

import os
import socket

import psutil
import pytest

from llmx.core.client.target import parse_target
from llmx.core.supervise.family import MARK, marked
from llmx.core.supervise.listeners import Listener, listeners_at, listeners_of


@pytest.mark.parametrize(
    ("bound", "asked", "takes"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "localhost", True),
        ("::1", "localhost", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "127.0.0.1", True),
        ("::", "[::1]", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "[::1]", False),
        ("127.0.0.2", "127.0.0.1", False),
        ("::1", "127.0.0.1", False),
        ("127.0.0.1", "0.0.0.0", True),
    ],
)
def test_an_address_takes_connections_to_itself_and_a_wildcard_takes_more(
    bound: str, asked: str, takes: bool
) -> None:
    assert Listener(1, bound, 80).takes(parse_target(f"http://{asked}:80")) is takes
    assert not Listener(1, bound, 81).takes(parse_target(f"http://{asked}:80"))


def test_a_listener_is_reached_at_an_address_of_this_machine() -> None:
    places = ("127.0.0.1", "0.0.0.0", "::", "::1")
    assert [Listener(1, place, 80).url for place in places] == [
        "http://127.0.0.1:80", "http://127.0.0.1:80", "http://[::1]:80", "http://[::1]:80"
    ]  # fmt: skip


def test_a_listening_socket_of_this_process_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        here = Listener(os.getpid(), "127.0.0.1", port)
        assert here in listeners_of([psutil.Process()])
        assert listeners_at(parse_target(f"127.0.0.1:{port}")) == (here,)
    assert listeners_at(parse_target(f"127.0.0.1:{port}")) == ()


def test_a_mark_is_added_to_those_of_outer_families() -> None:
    once = marked({"A": "1"}, "x")
    assert once == {"A": "1", MARK: "x"}
    assert marked(once, "y")[MARK] == "x:y"
