"""Small server commands with one trait each: Python scripts of a few lines, without any import of
ours, so that they start at once."""

from __future__ import annotations

import sys
from typing import Any

from llmx.core.supervise.launch import Launch

PRELUDE = """
import os, signal, socket, sys, threading, time

def listen(port=0):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen()
    return sock

def answer(sock, *statuses):
    "Each request with the next status; the last one for ever."
    left = list(statuses or ("200 OK",))
    while True:
        connection, _ = sock.accept()
        head = b""
        while b"\\r\\n\\r\\n" not in head:
            portion = connection.recv(65536)
            if not portion:
                break
            head += portion
        else:
            status = left.pop(0) if len(left) > 1 else left[0]
            body = '{"status": "told"}'
            connection.sendall(
                f"HTTP/1.1 {status}\\r\\ncontent-type: application/json\\r\\nconnection: close"
                f"\\r\\ncontent-length: {len(body)}\\r\\n\\r\\n{body}".encode()
            )
        connection.close()

def note(path, *pids):
    "All at once, or a reader could see a part of it."
    with open(path + ".new", "w") as file:
        file.write(" ".join(map(str, pids)))
    os.rename(path + ".new", path)
"""


def child(script: str, **options: Any) -> Launch:
    """A command that runs `script` after the functions above."""
    options = {"grace_s": 20.0, "ready_within_s": 60.0} | options
    return Launch((sys.executable, "-ISuc", f"{PRELUDE}\n{script}"), **options)
