"""The client that measures: bytes over a socket, read as they come, understood when all is over.

httpx costs four times as much, and on a small machine that is a part of what is measured. It keeps
its connection where the server does, and it can leave in the middle of an answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.workload import Message
from llmx.core.client.chat_transcript import ChatTranscript
from llmx.core.client.failures import HttpError
from llmx.core.client.sse import DONE, SseReader
from llmx.core.client.transcript import NoChunk
from llmx.core.errors import Unreachable
from llmx.core.types import Json

CHAT = "/v1/chat/completions"
PORTION = 2**16  # bytes read at once
LIMIT = 2**20  # bytes of a head


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole streamed answer. Counts are the server's own words, times this client's clock."""

    text: str
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    ttft_s: float | None  # to the first text; None: there was none

    @property
    def computed_tokens(self) -> int | None:
        if self.prompt_tokens is None or self.cached_tokens is None:
            return None
        return self.prompt_tokens - self.cached_tokens


@dataclass(frozen=True, slots=True)
class Portion:
    at: float  # perf_counter
    content: bytes


@dataclass(frozen=True, slots=True)
class Head:
    status: int
    fields: Mapping[str, str]  # names and values in lower case
    is_old: bool  # HTTP/1.0

    @property
    def length(self) -> int | None:
        length = self.fields.get("content-length")
        return None if length is None else int(length)

    @property
    def is_chunked(self) -> bool:
        return self.fields.get("transfer-encoding") == "chunked"

    @property
    def stays_open(self) -> bool:
        ends = self.length is not None or self.is_chunked
        return ends and not self.is_old and self.fields.get("connection") != "close"


class RawClient:
    """One connection at most. Raises `HttpError` for any status but 200, else `Unreachable`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Json:
        """The JSON of the answer."""
        async with self._exchange("GET", path, b"") as (head, reader):
            return json.loads(await self._whole(head, reader))

    async def post(self, body: bytes) -> bytes:
        """A chat request that is not streamed; the body of its answer, not looked into."""
        async with self._exchange("POST", CHAT, body) as (head, reader):
            return await self._whole(head, reader)

    async def chat(self, body: bytes) -> Heard:
        """A streamed chat request, to its end."""
        begun = time.perf_counter()
        portions = [portion async for portion in self.portions(body)]
        return understood(portions, begun)

    async def portions(self, body: bytes) -> AsyncGenerator[Portion]:
        """A streamed answer as it comes, transfer coding taken off. Closing it leaves."""
        async with self._exchange("POST", CHAT, body) as (head, reader):
            coding = _Chunked() if head.is_chunked else None
            while coding is None or not coding.is_over:
                raw = await reader.read(PORTION)
                if not raw:
                    break
                yield Portion(time.perf_counter(), coding.feed(raw) if coding else raw)

    def is_closed_by_peer(self) -> bool:
        return self._open is not None and self._open[0].at_eof()

    def close(self) -> None:
        """Also in the middle of an answer, which is how a client leaves."""
        if self._open is not None:
            self._open[1].close()
            self._open = None

    @asynccontextmanager
    async def _exchange(
        self, method: str, path: str, body: bytes
    ) -> AsyncIterator[tuple[Head, asyncio.StreamReader]]:
        place = f"{method} {self._host}:{self._port}{path}"
        is_whole = False
        try:
            if self.is_closed_by_peer():
                self.close()  # it rested for so long that the server closed it
            if self._open is None:
                self._open = await asyncio.open_connection(self._host, self._port, limit=LIMIT)
            reader, writer = self._open
            writer.write(self._head(method, path, len(body)) + body)
            head = _parsed(await reader.readuntil(b"\r\n\r\n"))
            if head.status != 200:
                said = (await self._whole(head, reader))[:300].decode("utf-8", "replace")
                raise HttpError(place, head.status, said)
            yield head, reader
            is_whole = head.stays_open
        except (OSError, EOFError, NoChunk) as error:
            raise Unreachable(f"{place} broke off: {error}") from error
        finally:
            if not is_whole:
                self.close()

    def _head(self, method: str, path: str, length: int) -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\n"
            f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        ).encode()

    async def _whole(self, head: Head, reader: asyncio.StreamReader) -> bytes:
        if head.length is not None:
            return await reader.readexactly(head.length)
        if not head.is_chunked:
            return await reader.read()
        coding, content = _Chunked(), b""
        while not coding.is_over:
            content += coding.feed(await reader.read(PORTION) or coding.cut())
        return content


def chat_body(
    messages: Sequence[Message], max_tokens: int, *, is_streamed: bool = True, **more: Json
) -> bytes:
    """A greedy request; a streamed one asks for its usage. `more` are further fields."""
    stream = {"stream": True, "stream_options": {"include_usage": True}} if is_streamed else {}
    body = {"messages": list(messages), "temperature": 0, "max_tokens": max_tokens}
    body |= {**stream, **more}
    return json.dumps(body).encode()


def understood(portions: Sequence[Portion], begun: float) -> Heard:
    """What a streamed answer said. Raises `Unreachable` where it is cut."""
    reader, transcript = SseReader(), ChatTranscript()
    ttft_s, is_over = None, False
    for portion in portions:
        for event in reader.feed(portion.content):
            if event.data == DONE:
                is_over = True
            elif transcript.add(event.data) and ttft_s is None:
                ttft_s = portion.at - begun
    if not is_over and transcript.finish_reason is None:
        raise Unreachable("the answer ended before it was complete")
    return Heard(
        transcript.text,
        transcript.counts.prompt,
        transcript.counts.cached,
        transcript.counts.completion,
        ttft_s,
    )


def speaks(portion: Portion) -> bool:
    """Whether it brings events; comments that keep a connection alive are none."""
    return b"data:" in portion.content


def longest_gap_s(moments: Sequence[float]) -> float:
    """Between two that follow each other."""
    return max(after - before for before, after in pairwise(moments))


def _parsed(head: bytes) -> Head:
    first, *lines = head.decode("latin-1").lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Head(int(first.split()[1]), fields, first.startswith("http/1.0"))


class _Chunked:
    """Takes `transfer-encoding: chunked` off, portion by portion."""

    def __init__(self) -> None:
        self._raw = b""
        self._left = 0  # bytes of the chunk, its line end included, that have not come yet
        self.is_over = False

    def feed(self, raw: bytes) -> bytes:
        self._raw += raw
        content: list[bytes] = []
        while self._raw and not self.is_over:
            if self._left:
                taken = self._raw[: self._left]
                self._raw = self._raw[len(taken) :]
                content.append(taken[: max(0, self._left - 2)])  # without its line end
                self._left -= len(taken)
                continue
            line, ended, rest = self._raw.partition(b"\r\n")
            if not ended:
                break
            size = int(line.partition(b";")[0], 16)
            if size == 0:
                self.is_over = self._raw.endswith(b"\r\n\r\n")
                break
            self._raw, self._left = rest, size + 2
        return b"".join(content)

    def cut(self) -> bytes:
        raise EOFError("the connection ended within a chunk")
