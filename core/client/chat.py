"""A client for Chat Completions and Messages that measures what it gets. One connection."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx

from llmx.core.client.failures import HttpError, TimedOut
from llmx.core.client.messages_transcript import MessagesTranscript
from llmx.core.client.odds import TokenOdds
from llmx.core.client.sse import DONE, SseEvent, SseReader
from llmx.core.client.target import parse_target
from llmx.core.client.transcript import (
    Heard,
    NoChunk,
    SaidCall,
    SaidError,
    Transcript,
    error_message,
)
from llmx.core.errors import ConfigError, Unreachable
from llmx.core.types import Json

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
MESSAGES_VERSION = "2023-06-01"
CONNECT_S = 5.0
TIMEOUT_S = 600.0  # a cold prompt of 100k tokens on a small machine takes minutes
TAIL_S = 1.0  # for the end of a body after its `[DONE]`, to keep the connection


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Counts are the server's own words, times are this client's clock."""

    text: str
    reasoning: str
    calls: tuple[SaidCall, ...]
    finish_reason: str | None
    model: str | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    ttft_s: float | None  # to the first event with text, reasoning or a call; None: there was none
    total_s: float
    status: int
    headers: Mapping[str, str]  # names in lower case
    created_tokens: int | None = None  # written to the cache, where that is said
    counted: Json = None  # an object with `usage` and whatever else counts, as it came
    odds: tuple[TokenOdds, ...] = ()  # of each token, where they were asked for and given
    id: str | None = None
    diagnostics: Json = None  # Messages: why the cache was missed

    @property
    def said(self) -> tuple[str, str, tuple[SaidCall, ...]]:
        """All that the model said, to be compared."""
        return self.text, self.reasoning, self.calls

    @property
    def is_silent(self) -> bool:
        return not (self.text or self.reasoning or self.calls)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a GET, of whatever status."""

    status: int
    body: Json  # None: no JSON
    headers: Mapping[str, str]
    took_s: float
    text: str = ""  # the body as it came

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


Clock = Callable[[], float]  # seconds, from wherever


class ChatClient:
    """Used as an async context. Raises `Unreachable` and `HttpError`, at once `ConfigError`."""

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        connect_s: float = CONNECT_S,
        timeout_s: float = TIMEOUT_S,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.target = parse_target(url)
        self.timeout_s = timeout_s
        self._clock = clock
        self._api_key = api_key
        self._http = httpx.AsyncClient(
            headers=_key_header(api_key),
            timeout=httpx.Timeout(None, connect=connect_s),  # the rest is `asyncio.timeout`
            limits=httpx.Limits(max_connections=1),
            trust_env=not self.target.is_loopback,  # no proxy between this machine and itself
        )

    async def __aenter__(self) -> ChatClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, *, deadline_s: float | None = None) -> Answer:
        """Any status is an answer here. Raises `Unreachable`."""
        return await self.call("GET", path, deadline_s=deadline_s)

    async def call(self, method: str, path: str, *, deadline_s: float | None = None) -> Answer:
        """A request without a body; any status is an answer. Raises `Unreachable`."""
        url = self.target.url(path)
        begun = self._clock()
        async with self._reaching(method, url, deadline_s):
            response = await self._http.request(method, url)
        took_s = self._clock() - begun
        body = _json(response.content)
        return Answer(response.status_code, body, response.headers, took_s, response.text)

    async def health_json(self, *, deadline_s: float | None = None) -> Answer:
        return await self.get("/health", deadline_s=deadline_s)

    async def models(self, *, deadline_s: float | None = None) -> list[Json]:
        """The objects that `GET /v1/models` lists; each has an `id`. Raises `HttpError`."""
        answer = await self.get("/v1/models", deadline_s=deadline_s)
        listed = answer.body.get("data") if isinstance(answer.body, dict) else None
        if not answer.is_ok or not isinstance(listed, list):
            raise HttpError(
                f"GET {self.target.url('/v1/models')}", answer.status, error_message(answer.body)
            )
        return [one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)]

    async def chat(
        self,
        messages: Sequence[Mapping[str, Json]],
        *,
        max_tokens: int,
        model: str | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        extra: Mapping[str, Json] | None = None,
        stream: bool = True,
        deadline_s: float | None = None,
    ) -> Reply:
        """One greedy request, to its end. `extra` are further fields of the body."""
        body = {
            "messages": messages,
            "temperature": 0,
            "max_tokens": max_tokens,
            **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
            **({"model": model} if model is not None else {}),
            **({"tools": tools} if tools else {}),
            **(extra or {}),
        }
        return await self._ask(CHAT, body, Transcript(), {}, deadline_s)

    async def messages(
        self,
        messages: Sequence[Mapping[str, Json]],
        *,
        max_tokens: int,
        system: Json = None,
        model: str | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        extra: Mapping[str, Json] | None = None,
        stream: bool = True,
        deadline_s: float | None = None,
    ) -> Reply:
        """As `chat`, of the Messages API: `system` is text or a list of blocks, and tools have an
        `input_schema`. A model has to be named there, so one is."""
        body = {
            "model": model or "default",
            "messages": messages,
            "temperature": 0,
            "max_tokens": max_tokens,
            **({"system": system} if system else {}),
            **({"stream": True} if stream else {}),
            **({"tools": tools} if tools else {}),
            **(extra or {}),
        }
        headers = {"anthropic-version": MESSAGES_VERSION}
        if self._api_key is not None:
            headers["x-api-key"] = self._api_key
        return await self._ask(MESSAGES, body, MessagesTranscript(), headers, deadline_s)

    async def send(
        self,
        path: str,
        body: bytes,
        heard: Heard,
        *,
        headers: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Reply:
        """A body as somebody else wrote it; `heard` reads the answer of that API."""
        told = {"content-type": "application/json", **(headers or {})}
        if path == MESSAGES:
            told.setdefault("anthropic-version", MESSAGES_VERSION)
            if self._api_key is not None:
                told["x-api-key"] = self._api_key
        return await self._ask(path, body, heard, told, deadline_s)

    async def _ask(
        self,
        path: str,
        body: Mapping[str, Json] | bytes,
        heard: Heard,
        headers: Mapping[str, str],
        deadline_s: float | None,
    ) -> Reply:
        url = self.target.url(path)
        listening = _Listening(self._clock, self._clock(), heard)
        async with (
            self._reaching("POST", url, deadline_s),
            self._http.stream("POST", url, headers=dict(headers), **_content(body)) as response,
        ):
            if not response.is_success:
                said = error_message(_json(await response.aread()) or response.text)
                raise HttpError(f"POST {url}", response.status_code, said)
            try:
                return await _read(response, listening)
            except NoChunk as error:
                raise HttpError(f"POST {url}", response.status_code, str(error)) from error

    @asynccontextmanager
    async def _reaching(
        self, method: str, url: str, deadline_s: float | None
    ) -> AsyncIterator[None]:
        limit_s = self.timeout_s if deadline_s is None else deadline_s
        try:
            async with asyncio.timeout(limit_s):
                yield
        except TimeoutError as error:
            raise TimedOut(f"{method} {url} was not answered within {limit_s:g} s") from error
        except httpx.ConnectTimeout as error:
            raise Unreachable(f"no connection to {url}: it was not accepted in time") from error
        except httpx.ConnectError as error:
            raise Unreachable(f"no server answers at {url}: {_reason(error)}") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{method} {url} broke off: {_reason(error)}") from error


@dataclass(slots=True)
class _Listening:
    """What has been heard of an answer so far."""

    clock: Clock
    begun: float
    transcript: Heard
    ttft_s: float | None = None

    def hear(self, events: Sequence[SseEvent]) -> bool:
        """Whether the end was among them. Raises `NoChunk`."""
        for event in events:
            if event.data == DONE:
                return True
            if self.transcript.add(event.data) and self.ttft_s is None:
                self.ttft_s = self.clock() - self.begun
            if self.transcript.is_over:
                return True
        return False

    def reply(self, response: httpx.Response) -> Reply:
        """The answer, complete at this moment."""
        transcript = self.transcript
        return Reply(
            text=transcript.text,
            reasoning=transcript.reasoning,
            calls=transcript.calls,
            finish_reason=transcript.finish_reason,
            model=transcript.model,
            prompt_tokens=transcript.prompt_tokens,
            cached_tokens=transcript.cached_tokens,
            completion_tokens=transcript.completion_tokens,
            ttft_s=self.ttft_s,
            total_s=self.clock() - self.begun,
            status=response.status_code,
            headers=dict(response.headers),
            created_tokens=transcript.created_tokens,
            counted=transcript.counted,
            odds=transcript.odds,
            id=transcript.id,
            diagnostics=transcript.diagnostics,
        )


def _content(body: Mapping[str, Json] | bytes) -> dict[str, Any]:
    return {"content": body} if isinstance(body, bytes) else {"json": body}


async def _read(response: httpx.Response, listening: _Listening) -> Reply:
    """The answer from the body as it comes. Raises `NoChunk`, `Unreachable` where it is cut."""
    if not _is_stream(response):  # the time to the first token is not known then
        listening.transcript.add((await response.aread()).decode("utf-8", "replace"))
        return listening.reply(response)
    reader, portions = SseReader(), response.aiter_bytes()
    async for portion in portions:
        if listening.hear(reader.feed(portion)):
            reply = listening.reply(response)
            await _drain(portions)
            return reply
    if not _hears_the_end(listening, reader):
        if "event-stream" not in response.headers.get("content-type", ""):
            raise NoChunk(f"the body is {response.headers.get('content-type')}, no chat stream")
        raise Unreachable(f"{response.url} ended the answer before it was complete")
    return listening.reply(response)


def _hears_the_end(listening: _Listening, reader: SseReader) -> bool:
    """Whether the answer is complete, now that its body has ended; some servers say no `[DONE]`."""
    try:
        is_done = listening.hear(reader.end())
    except SaidError:
        raise
    except NoChunk:  # half a line
        is_done = False
    return is_done or listening.transcript.finish_reason is not None


async def _drain(portions: AsyncIterator[bytes]) -> None:
    """A body that is read to its end leaves the connection open for the next request."""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(TAIL_S):
            async for _ in portions:
                pass


def _is_stream(response: httpx.Response) -> bool:
    return not response.headers.get("content-type", "").startswith("application/json")


def _json(content: bytes) -> Json:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _key_header(api_key: str | None) -> list[tuple[bytes, bytes]]:
    if api_key is None:
        return []
    if not api_key or any(character.isspace() or ord(character) < 32 for character in api_key):
        raise ConfigError("the API key is empty or holds white space or control characters")
    return [(b"authorization", b"Bearer " + api_key.encode("utf-8"))]


def _reason(error: httpx.HTTPError) -> str:
    """What a person can do something about: it hides below layers of wrapping."""
    for cause in _causes(error):
        match cause:
            case ConnectionRefusedError():
                return "connection refused"
            case socket.gaierror():
                return f"the name is not known ({cause.strerror})"
            case ssl.SSLError():
                return f"TLS: {cause.reason or cause}"
            case OSError(strerror=str(said)):
                return said
            case _:
                pass
    return " ".join(str(error).split()) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _causes(member)
        yield error
        error = error.__cause__ or error.__context__
