"""Caches of many kinds as real HTTP servers, over Chat Completions and Messages.

A token is four characters of the rendered prompt; prefill takes time per token that was not reused,
by a clock that only the server moves. The model copies: told a code word, it says it back.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

TOKEN = 4  # characters
PREFILL_S = 5e-4  # per token: half a second for the shortest prompt of the protocol
HEAD = 16  # tokens: a hit of less is the template's
TOLD = re.compile(r"the code word is (\w+)\.")

Claim = Literal["reused", "seen", "absent", "zero", "half", "most of any", "double"]
OnHit = Literal["right", "stale", "empty", "garbled", "garbled when cut", "error on the same"]


@dataclass(frozen=True)
class Traits:
    """One kind of server; what is not said is as an honest one has it."""

    name: str
    reuses: float = 1.0  # of a known prefix
    block: int = 1  # tokens: only whole ones
    extends_only: bool = False  # a prompt that parts from a known one reuses nothing
    whole_requests: bool = False  # only the same request again is fast
    entries: int = 1000
    is_lru: bool = True  # else what came first goes first
    claims: Claim = "reused"
    on_hit: OnHit = "right"
    salts: Literal["none", "kept", "ignored"] = "none"  # ignored: read, checked, and not used
    writes_twice: bool = False  # what was read is said to be written again
    counts_on_hit: bool = True  # else the prompt of a hit has 0 tokens
    counts_in_streams: bool = True
    has_system: bool = True  # else a system message is refused
    renamed_after: int | None = None  # requests: another model answers then
    endless_at: int | None = None  # request: comments for ever
    foreign: float = 0.0  # tokens of others in the counters, per own one
    context: int | None = None  # tokens
    copies: bool = True


@dataclass
class Clock:
    """Seconds of a server's work."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class _Done:
    """A request as it was computed."""

    tokens: int
    cached: int | None  # as it is claimed
    written: int
    text: str
    is_hit: bool


@dataclass
class Archetype:
    """`app()` is the server."""

    traits: Traits
    prefill_s: float = PREFILL_S
    clock: Clock = field(default_factory=Clock)
    requests: int = 0
    _entries: OrderedDict[tuple[str, str], None] = field(
        default_factory=OrderedDict
    )  # salt, prompt
    _last_text: str = "nothing yet"
    _counted: float = 0.0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/health", self._health),
                Route("/metrics", self._metrics),
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/messages", self._messages, methods=["POST"]),
            ]
        )

    async def _health(self, request: Request) -> Response:
        ours = {"server": "llmx", "version": "0"} if self.traits.foreign else {}
        return JSONResponse({"status": "ok", **ours})

    async def _metrics(self, request: Request) -> Response:
        tokens = self._counted * (1 + self.traits.foreign)
        return PlainTextResponse(
            f"llmx_prefix_cache_queries_total {tokens}\nllmx_prefix_cache_hits_total {tokens / 2}\n"
        )

    async def _models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "archetype"}]})

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        done = self._compute(body, body["messages"])
        if isinstance(done, str):
            return _refused(done)
        return self._answer(body, chat_frames(done, self._model, self.traits), chat_body, done)

    async def _messages(self, request: Request) -> Response:
        body = await request.json()
        system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
        done = self._compute(body, [*system, *body["messages"]])
        if isinstance(done, str):
            return _refused(done)
        frames = messages_frames(done, self._model, self.traits)
        return self._answer(body, frames, messages_body, done)

    def _answer(self, body: Any, frames: list[str], whole: Any, done: _Done) -> Response:
        if not body.get("stream"):
            return JSONResponse(whole(done, self._model, self.traits))
        stream = self._stream(frames, self.requests == self.traits.endless_at)
        return StreamingResponse(stream, media_type="text/event-stream")

    async def _stream(self, frames: list[str], is_endless: bool) -> AsyncIterator[str]:
        yield ": keepalive 0/1\n\n"
        while is_endless:
            await asyncio.sleep(0.05)
            yield ": keepalive 1/1\n\n"
        for frame in frames:
            yield frame

    @property
    def _model(self) -> str:
        after = self.traits.renamed_after
        return "another" if after is not None and self.requests > after else "archetype"

    def _compute(self, body: Any, messages: list[dict[str, Any]]) -> _Done | str:
        """Or why not."""
        traits, salt = self.traits, body.get("cache_salt")
        if traits.salts != "none" and salt is not None and not isinstance(salt, str):
            return "400 cache_salt has to be a text"
        if not traits.has_system and messages[0]["role"] == "system":
            return "400 the template takes no system message"
        self.requests += 1
        prompt = rendered(messages, body.get("tools", ()))
        tokens = len(prompt) // TOKEN
        if traits.context is not None and tokens > traits.context:
            return f"400 the context has {traits.context} tokens, the prompt {tokens}"
        space = salt or "" if traits.salts == "kept" else ""
        is_same = (space, prompt) in self._entries
        if is_same and traits.on_hit == "error on the same":
            return "500 slice out of range"
        seen = self._seen(space, prompt, is_same)
        reused = int(seen * traits.reuses) // traits.block * traits.block
        self._store(space, prompt)
        self.clock.now += (tokens - reused) * self.prefill_s
        self._counted += tokens
        text = self._text(prompt, reused > HEAD, is_same=is_same)
        done = self._done(tokens, seen, reused, text)
        self._last_text = done.text or self._last_text
        return done

    def _seen(self, space: str, prompt: str, is_same: bool) -> int:
        if self.traits.whole_requests:
            return (len(prompt) - 1) // TOKEN if is_same else 0
        known = [one for where, one in self._entries if where == space]
        if self.traits.extends_only:
            known = [one for one in known if prompt.startswith(one)]
        shared = max((_shared(prompt, one) for one in known), default=0)
        return min(shared, len(prompt) - 1) // TOKEN

    def _store(self, space: str, prompt: str) -> None:
        if self.traits.is_lru:
            self._entries.pop((space, prompt), None)
        self._entries[space, prompt] = None
        while len(self._entries) > self.traits.entries:
            self._entries.popitem(last=False)

    def _text(self, prompt: str, is_hit: bool, *, is_same: bool) -> str:
        right = _said(prompt, self.traits.copies)
        match self.traits.on_hit if is_hit else "right":
            case "stale":
                return self._last_text
            case "empty":
                return ""
            case "garbled when cut" if is_same:
                return right
            case "garbled" | "garbled when cut":
                return _said(f"{prompt}!", copies=False)
            case _:
                return right

    def _done(self, tokens: int, seen: int, reused: int, text: str) -> _Done:
        cached: Mapping[Claim, int | None] = {
            "reused": reused,
            "seen": seen,
            "absent": None,
            "zero": 0,
            "half": reused // 2,
            "most of any": tokens * 9 // 10,
            "double": 2 * reused,
        }
        claimed = cached[self.traits.claims]
        written = tokens if self.traits.writes_twice else tokens - reused
        is_hit = reused > HEAD
        counted = tokens if self.traits.counts_on_hit or not is_hit else 0
        return _Done(counted, claimed, written, text, is_hit)


def rendered(messages: list[dict[str, Any]], tools: Any) -> str:
    """The prompt as a template with the tools first would make it."""
    listed = "".join(json.dumps(tool) for tool in tools)
    said = "".join(f"<{one['role']}>{_flat(one['content'])}" for one in messages)
    return f"<tools>{listed}{said}<assistant>"


def _flat(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _said(prompt: str, copies: bool) -> str:
    told = TOLD.findall(prompt)
    if copies and told and prompt.endswith("What is the code word?<assistant>"):
        return f"It is {told[-1]}."
    digest = hashlib.sha256(prompt.encode()).hexdigest()
    return " ".join(digest[at : at + 5] for at in range(0, 40, 5))


def _shared(one: str, other: str) -> int:
    """Characters, by bisection: slices compare fast."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _refused(why: str) -> Response:
    status, _, message = why.partition(" ")
    return JSONResponse({"error": {"message": message}}, int(status))


def chat_usage(done: _Done) -> dict[str, Any]:
    details = {} if done.cached is None else {"cached_tokens": done.cached}
    return {"prompt_tokens": done.tokens, "completion_tokens": 8, "prompt_tokens_details": details}


def chat_body(done: _Done, model: str, traits: Traits) -> Any:
    message = {"role": "assistant", "content": done.text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"model": model, "choices": [choice], "usage": chat_usage(done)}


def chat_frames(done: _Done, model: str, traits: Traits) -> list[str]:
    def frame(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data({"model": model, "choices": [choice]})

    words = [frame({"content": f"{word} "}) for word in done.text.split()]
    usage = [_data({"choices": [], "usage": chat_usage(done)})] if traits.counts_in_streams else []
    return [frame({"role": "assistant"}), *words, frame({}, "stop"), *usage, "data: [DONE]\n\n"]


def messages_usage(done: _Done, traits: Traits) -> dict[str, Any]:
    if done.cached is None:
        return {"input_tokens": done.tokens, "output_tokens": 8}
    read = done.cached
    written = done.written if traits.writes_twice else max(0, done.tokens - read)
    rest = max(0, done.tokens - read - written)
    return {
        "input_tokens": rest,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "output_tokens": 8,
    }


def messages_body(done: _Done, model: str, traits: Traits) -> Any:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": done.text}],
        "stop_reason": "end_turn",
        "usage": messages_usage(done, traits),
    }


def messages_frames(done: _Done, model: str, traits: Traits) -> list[str]:
    usage = messages_usage(done, traits)
    begun = {**messages_body(done, model, traits), "content": [], "stop_reason": None}
    begun["usage"] = {**usage, "output_tokens": 0}
    words = [
        {"index": 0, "delta": {"type": "text_delta", "text": f"{word} "}}
        for word in done.text.split()
    ]
    ended = {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 8}}
    return [
        _event("message_start", {"message": begun}),
        _event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        _event("ping", {}),
        *(_event("content_block_delta", word) for word in words),
        _event("content_block_stop", {"index": 0}),
        _event("message_delta", ended),
        _event("message_stop", {}),
    ]


def _event(kind: str, body: dict[str, Any]) -> str:
    return f"event: {kind}\n{_data({'type': kind, **body})}"


def _data(body: Any) -> str:
    return f"data: {json.dumps(body)}\n\n"
