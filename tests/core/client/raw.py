"""Servers below HTTP: what they send is exactly the given bytes."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


@contextmanager
def sending(*portions: bytes) -> Iterator[str]:
    """The URL of a server that answers each request with these bytes and closes.

    A head without `connection: close` promises a connection that is not kept: a second request of
    the same client then meets the end of it, sooner or later.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_all, args=(listener, portions), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    assert not thread.is_alive()


@contextmanager
def silence() -> Iterator[str]:
    """The URL of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def nobody() -> Iterator[str]:
    """A URL at which connections are refused: the port is bound, nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def _answer_all(listener: socket.socket, portions: tuple[bytes, ...]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # shut down
            return
        with connection:
            if _reads_request(connection):
                for portion in portions:
                    connection.sendall(portion)


def _reads_request(connection: socket.socket) -> bool:
    """Whether there was a whole one: a client may connect only to see whether it can."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        received = connection.recv(65536)
        if not received:
            return False
        seen += received
    head, _, body = seen.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *(\d+)", head.lower())
    left = int(found[1]) - len(body) if found else 0
    while left > 0:
        left -= len(connection.recv(65536))
    return True
