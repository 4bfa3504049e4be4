"""Ask an engine, in one line of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llmx.core.types import (
    CacheReport,
    Engine,
    Finished,
    GenerationRequest,
    Logprobs,
    Message,
    Prepared,
    SamplingParams,
    Started,
    TextDelta,
    ToolCalled,
)

_ids = iter(range(1, 1 << 60))


@dataclass(frozen=True)
class Answer:
    prepared: Prepared
    text: str
    cache: CacheReport
    end: Finished
    logprobs: Logprobs = ()
    calls: tuple[ToolCalled, ...] = ()


def request_of(
    messages: str | Sequence[tuple[str, str]],
    *,
    cache: bool = True,
    tools: Sequence[dict[str, Any]] = (),
    **sampling: Any,
) -> GenerationRequest:
    """A request; a plain string is one user message; greedy unless it says otherwise."""
    if isinstance(messages, str):
        messages = [("user", messages)]
    sampling.setdefault("temperature", 0.0)
    sampling.setdefault("max_tokens", 16)
    return GenerationRequest(
        id=f"test-{next(_ids)}",
        messages=tuple(Message(role, content) for role, content in messages),  # pyright: ignore
        tools=tuple(tools),
        sampling=SamplingParams(**sampling),
        cache=cache,
    )


async def answer(engine: Engine, request: GenerationRequest) -> Answer:
    """The whole answer. Checks the protocol on the way: one Started, deltas, one Finished."""
    prepared = await engine.prepare(request)
    started: Started | None = None
    finished: Finished | None = None
    text = ""
    logprobs: Logprobs = ()
    calls: tuple[ToolCalled, ...] = ()
    async for event in engine.generate(prepared):
        assert finished is None, "an event after Finished"
        match event:
            case Started():
                assert started is None, "two Started"
                started = event
            case TextDelta(piece):
                assert started is not None
                assert piece or event.logprobs
                text += piece
                logprobs += event.logprobs
            case ToolCalled():
                calls += (event,)
            case Finished():
                finished = event
            case _:
                pass
    assert started is not None
    assert finished is not None
    usage = finished.usage
    assert usage.cached_tokens == started.cache.matched
    assert usage.prompt_tokens == len(prepared.tokens)
    assert 0 <= usage.written_tokens <= usage.prompt_tokens - usage.cached_tokens
    assert usage.cached_tokens + usage.written_tokens + usage.uncached_tokens == usage.prompt_tokens
    return Answer(prepared, text, started.cache, finished, logprobs, calls)
