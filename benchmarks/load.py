"""Many small requests: a client that costs a fifth of a millisecond each. Keeps its connection.

httpx costs four times as much, which on a small machine is a part of what is measured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

from llmx.core.client.failures import HttpError
from llmx.core.errors import Unreachable

CHAT = "/v1/chat/completions"
FIELDS = {"max_tokens": 1, "temperature": 0}


@dataclass(frozen=True, slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    body: bytes
    stays_open: bool


async def hammer(host: str, port: int, *, clients: int, requests: int, nonce: str) -> None:
    """Send that many unlike one-token requests, no client more than one at a time.

    Raises `HttpError` for any status but 200, `Unreachable` where an answer is cut.
    """
    bodies = iter([_body(nonce, number) for number in range(requests)])
    await asyncio.gather(*(_client(host, port, bodies) for _ in range(clients)))


def _body(nonce: str, number: int) -> bytes:
    message = {"role": "user", "content": f"{nonce} {number}: say one word"}
    return json.dumps({"messages": [message], **FIELDS}).encode()


async def _client(host: str, port: int, bodies: Iterator[bytes]) -> None:
    """`bodies` is shared by all clients: each takes the next one."""
    connection: _Connection | None = None
    try:
        for body in bodies:
            if connection is None:
                connection = _Connection(*await asyncio.open_connection(host, port))
            response = await _ask(connection, host, body)
            if response.status != 200:
                said = response.body[:300].decode("utf-8", "replace")
                raise HttpError(f"POST {host}:{port}{CHAT}", response.status, said)
            if not response.stays_open:
                connection.writer.close()
                connection = None
    except (OSError, EOFError) as error:
        raise Unreachable(f"POST {host}:{port}{CHAT} broke off: {error}") from error
    finally:
        if connection is not None:
            connection.writer.close()


async def _ask(connection: _Connection, host: str, body: bytes) -> _Response:
    """HTTP/1.1 with a `content-length`, or a body that ends with the connection."""
    head = (
        f"POST {CHAT} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    connection.writer.write(head.encode() + body)
    answer = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    first, *lines = answer.split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    length = fields.get("content-length")
    reader = connection.reader
    content = await (reader.read() if length is None else reader.readexactly(int(length)))
    closes = first.startswith("http/1.0") or fields.get("connection") == "close"
    return _Response(int(first.split()[1]), content, length is not None and not closes)
