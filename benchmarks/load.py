"""Many small requests: the client writes what was made before and looks at nothing but a status."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.raw import RawClient

FIELDS = {"max_tokens": 1, "temperature": 0}


@dataclass(frozen=True, slots=True)
class Hammered:
    """What the client itself took: on few cores it competes with the server."""

    client_cpu_s: float


async def hammer(host: str, port: int, *, clients: int, requests: int, nonce: str) -> Hammered:
    """Send that many unlike one-token requests, no client more than one at a time.

    Raises `HttpError` for any status but 200, `Unreachable` where an answer is cut.
    """
    bodies = iter([_body(nonce, number) for number in range(requests)])
    begun = time.process_time()
    await asyncio.gather(*(_client(host, port, bodies) for _ in range(clients)))
    return Hammered(time.process_time() - begun)


def _body(nonce: str, number: int) -> bytes:
    message = {"role": "user", "content": f"{nonce} {number}: say one word"}
    return json.dumps({"messages": [message], **FIELDS}).encode()


async def _client(host: str, port: int, bodies: Iterator[bytes]) -> None:
    """`bodies` is shared by all clients: each takes the next one."""
    client = RawClient(host, port)
    try:
        for body in bodies:
            await client.post(body)
    finally:
        client.close()
