"""A server over a scripted engine, and the ways to talk to it."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from anthropic import Anthropic, AsyncAnthropic
from openai import AsyncOpenAI, OpenAI

from llmx.core.engine.scripted import Script, ScriptedEngine
from llmx.core.server.app import create_app
from llmx.core.trace.record import TraceRecord
from tests.serving import eventually, running

CHAT = "/v1/chat/completions"


STRICT: dict[str, Any] = {
    "api_key": "none",
    "max_retries": 0,
    "_strict_response_validation": True,
}


@dataclass
class Records:
    """A trace sink that keeps what it gets."""

    taken: list[TraceRecord] = field(default_factory=list)

    def write(self, record: TraceRecord) -> None:
        self.taken.append(record)

    def wait(self, count: int = 1) -> list[TraceRecord]:
        """The records, once there are `count`; a record is written after its answer was sent."""
        eventually(lambda: len(self.taken) >= count)
        assert len(self.taken) == count
        return self.taken

    def one(self) -> TraceRecord:
        return self.wait(1)[0]


@dataclass
class House:
    url: str
    engine: ScriptedEngine
    records: Records

    def openai(self, **options: Any) -> OpenAI:
        options = {"api_key": "none", "max_retries": 0, **options}
        return OpenAI(base_url=f"{self.url}/v1", **options)

    def async_openai(self) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=f"{self.url}/v1", api_key="none", max_retries=0)

    def anthropic(self, **options: Any) -> Anthropic:
        """Checks every answer against the published types."""
        return Anthropic(base_url=self.url, **STRICT, **options)

    def async_anthropic(self) -> AsyncAnthropic:
        return AsyncAnthropic(base_url=self.url, **STRICT)

    def post(self, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        return httpx.post(f"{self.url}{CHAT}", json=asked(**body), headers=headers, timeout=60)

    def open(self, **body: Any) -> socket.socket:
        """A connection on which the request has been sent and nothing been read."""
        return self.send(CHAT, asked(**body))

    def send(self, path: str, body: Any) -> socket.socket:
        """As `open`, for any POST."""
        host, port = self.url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)))
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content)
        return connection


def asked(content: str = "Hi", **body: Any) -> dict[str, Any]:
    return {"model": "any", "messages": [{"role": "user", "content": content}], **body}


@contextmanager
def house(
    *scripts: Script, engine: ScriptedEngine | None = None, **options: Any
) -> Iterator[House]:
    """A running server; `options` are `create_app`'s."""
    engine, records = engine or ScriptedEngine(*scripts), Records()
    with running(create_app(engine, recorder=records, **options)) as url:
        yield House(url, engine, records)


def read(connection: socket.socket) -> bytes:
    """The body of the answer on a connection made by `House.open`."""
    with http.client.HTTPResponse(connection) as response:
        response.begin()
        return response.read()


def read_until(connection: socket.socket, wanted: bytes) -> None:
    seen = b""
    while wanted not in seen:
        chunk = connection.recv(65536)
        assert chunk, f"the connection ended before {wanted!r} came"
        seen += chunk
