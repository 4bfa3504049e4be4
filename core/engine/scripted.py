"""An engine without a model: it plays given token texts through the real text stream.

For tests of the wires and of the server. It counts, limits, queues and cancels under the same
contract as an engine with a model; only the tokens are given.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from llmx.core.engine.choices import Chorus
from llmx.core.engine.limits import check
from llmx.core.engine.scripted_run import ScriptedRun, Special
from llmx.core.errors import Busy, ContextLengthExceeded, NotReady, RequestError
from llmx.core.index.tokens import pack
from llmx.core.parser.families.base import Family
from llmx.core.parser.thinking import ThinkMarkers
from llmx.core.types import (
    Boundary,
    CacheEntry,
    CacheReport,
    CacheStats,
    EngineStats,
    Event,
    Finished,
    GenerationRequest,
    ModelInfo,
    Prefilled,
    Prepared,
)


class Gate:
    """Holds an engine at a place of its script until a test opens it, from any thread."""

    def __init__(self) -> None:
        self.reached = threading.Event()  # somebody stands, or stood, here
        self._lock = threading.Lock()
        self._is_open = False
        self._wakers: list[Callable[[], object]] = []

    def open(self) -> None:
        """Let everybody through, now and later."""
        with self._lock:
            self._is_open = True
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()

    async def passed(self) -> None:
        """Return once the gate is open."""
        loop, opened = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            if self._is_open:
                opened.set()
            else:
                self._wakers.append(lambda: loop.call_soon_threadsafe(opened.set))
        self.reached.set()
        await opened.wait()


Item = str | bytes | Special | Exception | Gate | Prefilled
"""A step of a script: the text of one token (`bytes` where it ends inside a character), a failure,
a place to wait, or a progress report. `Busy` or `RequestError` as the first item is raised before
`Started`; any other exception ends the generation as `Finished("error")`."""

Script = Sequence[Item] | Callable[[GenerationRequest], Sequence[Item]]

_VOCABULARY = 256  # of its prompts and biases; the tokens of its answers are those of the script

INFO = ModelInfo(
    id="scripted",
    path="",
    context=4096,
    architecture="script",
    weight_bytes=0,
    kv_bytes_per_token=None,
    cacheable=True,
    not_cacheable_because=None,
    backend="cpu",
    blas=None,
    blas_advice=None,
    created_at=1_700_000_000,
    sampling={},
)


class ScriptedEngine:
    """Plays one script for each choice of a request, in order; the last is played again for all
    that follow. Choices take turns, an item each; they take one slot.

    A prompt has one token for each UTF-8 byte of a message's content and one for its end.
    What of it is restored: where `remembers`, what begins an earlier prompt of the same namespace,
    else `cached_tokens`; all but one of it at most. `report` is told of each lookup in place of
    what was found. A request with `generate=False` plays the progress in its script, and no token.
    `family` and `thinking` say how its calls and its reasoning are written, `is_thinking` that its
    prompts begin the reasoning. At most `slots` requests run at once and at most `queue` wait; one
    more is `Busy`. `requests` are those that came to `prepare`, `cancelled` the ids of those closed
    before their end. A test may set `state` and `fault`: unless "ready", no request is taken.
    """

    def __init__(
        self,
        *scripts: Script,
        context: int = INFO.context,
        slots: int = 8,
        queue: int = 64,
        cached_tokens: int = 0,
        remembers: bool = False,
        report: CacheReport | None = None,
        entries: Sequence[CacheEntry] = (),
        family: Family | None = None,
        thinking: ThinkMarkers | None = None,
        is_thinking: bool = False,
    ) -> None:
        self.requests: list[GenerationRequest] = []
        self.cancelled: list[str] = []
        self.state: Literal["loading", "ready", "failed", "closed"] = "ready"
        self.fault: str | None = None
        self._scripts: Iterator[Script] = itertools.chain(
            scripts, itertools.repeat(scripts[-1] if scripts else ())
        )
        self._info = replace(INFO, context=context)
        self._free, self._max_queued = asyncio.Semaphore(slots), queue
        self._queued = self._running = self._steps = 0
        self._memory = _Memory() if remembers else None
        self._cached_tokens = cached_tokens
        self._report = report
        self._reasons: Counter[str] = Counter()
        self._entries = tuple(entries)
        self._family, self._thinking, self._is_thinking = family, thinking, is_thinking
        self._done: list[Finished] = []
        self._began = time.monotonic()

    @property
    def info(self) -> ModelInfo:
        return self._info

    def stats(self) -> EngineStats:
        usages = [done.usage for done in self._done]
        prompt_tokens = sum(usage.prompt_tokens for usage in usages)
        cache = CacheStats(
            enabled=True,
            budget_bytes=None,
            segments=len(self._entries),
            stored_bytes=sum(entry.nbytes for entry in self._entries),
            stored_tokens=sum(entry.tokens for entry in self._entries),
            lookups=len(usages),
            hits=sum(usage.cached_tokens > 0 for usage in usages),
            prompt_tokens=prompt_tokens,
            cached_tokens=sum(usage.cached_tokens for usage in usages),
            written_tokens=sum(usage.written_tokens for usage in usages),
            namespaces=len(self._memory.prompts) if self._memory else 0,
            reasons=dict(self._reasons),
        )
        return EngineStats(
            state=self.state,
            model=self._info.id,
            context=self._info.context,
            running=self._running,
            queued=self._queued,
            steps=self._steps,
            prompt_tokens=prompt_tokens,
            completion_tokens=sum(usage.completion_tokens for usage in usages),
            finished=Counter(done.reason for done in self._done),
            uptime_s=time.monotonic() - self._began,
            cache=cache,
            fault=self.fault,
        )

    async def prepare(self, request: GenerationRequest) -> Prepared:
        """As every engine's: raises `ContextLengthExceeded` for a prompt that fills the context."""
        if self.state != "ready":
            raise NotReady(f"The engine is {self.state}.")
        began = time.monotonic()
        check(request, _VOCABULARY)
        self.requests.append(request)
        tokens: list[int] = []
        boundaries: list[Boundary] = []
        if request.prompt is not None:
            tokens += _ids(request.prompt)
            boundaries.append(Boundary(len(tokens), "prompt"))
        for number, message in enumerate(request.messages):
            tokens += [*message.content.encode(), 0]
            boundaries.append(Boundary(len(tokens), f"message {number} ({message.role})"))
        room = self._info.context - len(tokens)
        if room < 1:
            raise ContextLengthExceeded(len(tokens), self._info.context)
        asked = request.sampling.max_tokens
        return Prepared(
            request=request,
            tokens=tuple(tokens),
            packed=pack(tokens),
            boundaries=tuple(boundaries),
            max_tokens=room if asked is None else min(asked, room),
            prepare_s=time.monotonic() - began,
            clamped=asked is None or asked > room,
            is_thinking=self._is_thinking,
        )

    async def tokenize(self, text: str, *, special_tokens: bool = True) -> tuple[int, ...]:
        return tuple(text.encode())

    async def detokenize(self, tokens: Sequence[int]) -> str:
        if any(not 0 <= token < _VOCABULARY for token in tokens):
            raise RequestError("tokens: this engine has those from 0 to 255.", param="tokens")
        return bytes(tokens).decode("utf-8", "replace")

    async def generate(self, prepared: Prepared) -> AsyncGenerator[Event, None]:
        """As every engine's: `Started`, deltas, one `Finished`; closing it cancels."""
        runs = [
            ScriptedRun(prepared, self._family, self._thinking, choice)
            for choice in range(prepared.request.choices)
        ]
        scripts = [self._next_script(prepared.request) for _ in runs]
        chorus = Chorus(len(runs))
        try:
            await self._enter(scripts[0])
            try:
                report = self._looked_up(prepared)
                for run in runs:
                    for event in chorus.add(run.choice, [run.started(report)]):
                        yield event
                turns = [(run, iter(script)) for run, script in zip(runs, scripts, strict=True)]
                while not chorus.done:
                    for run, items in turns:
                        if run.has_ended:
                            continue
                        events = await self._next(run, items, is_over=chorus.has_failed)
                        for event in self._told(chorus, run, events):
                            yield event
            finally:
                self._leave()
        except (GeneratorExit, asyncio.CancelledError):
            if not chorus.done:
                for run in runs:
                    if not chorus.ended(run.choice):
                        self._told(chorus, run, run.ended("cancelled"))
                self.cancelled.append(prepared.request.id)
            raise

    def _next_script(self, request: GenerationRequest) -> list[Item]:
        script = next(self._scripts)
        items = script(request) if callable(script) else script
        return [i for i in items if request.generate or not isinstance(i, str | bytes | Special)]

    async def _next(self, run: ScriptedRun, items: Iterator[Item], *, is_over: bool) -> list[Event]:
        """One more item of a choice; `is_over`: another one has failed."""
        if is_over:
            return run.ended("cancelled")
        item = next(items, None)
        return run.ended("stop") if item is None else await self._step(run, item)

    def _told(self, chorus: Chorus, run: ScriptedRun, events: Iterable[Event]) -> list[Event]:
        told = chorus.add(run.choice, events)
        self._done += [event for event in told if isinstance(event, Finished)]
        return told

    async def cache_entries(self, limit: int) -> Sequence[CacheEntry]:
        return self._entries[:limit]

    async def clear_cache(self) -> int:
        """Forget the given entries and all prompts; the bytes of the entries."""
        freed = sum(entry.nbytes for entry in self._entries)
        if self._memory is not None:
            self._memory.prompts.clear()
        self._entries = ()
        return freed

    async def close(self) -> None:
        """Running requests end as cancelled at their next step; a gate has to be opened first."""
        self.state = "closed"

    def _looked_up(self, prepared: Prepared) -> CacheReport:
        """What the cache says, which from now on holds this prompt."""
        report = self._report or self._found(prepared)
        if report.operator_reason is not None:
            self._reasons[report.operator_reason] += 1
        return report

    def _found(self, prepared: Prepared) -> CacheReport:
        if not prepared.request.cache:
            return CacheReport(0, 0, "bypass")
        if self._memory is not None:
            return self._memory.find(prepared)
        matched = min(self._cached_tokens, prepared.prompt_tokens - 1)
        if matched == prepared.prompt_tokens - 1:
            return CacheReport(matched, matched, None)
        return CacheReport(matched, matched, "diverged" if matched else "cold")

    async def _enter(self, items: Sequence[Item]) -> None:
        """Wait for a slot. Raises what the script or the full queue says."""
        if items and isinstance(items[0], (Busy, RequestError)):
            raise items[0]
        if self._free.locked() and self._queued >= self._max_queued:
            raise Busy(f"The queue is full: {self._queued} requests wait already.")
        self._queued += 1
        try:
            await self._free.acquire()
        finally:
            self._queued -= 1
        self._running += 1

    def _leave(self) -> None:
        self._running -= 1
        self._free.release()

    async def _step(self, run: ScriptedRun, item: Item) -> list[Event]:
        """Play one item; the last of the events is `Finished` where it ended the run."""
        if self.state == "closed":
            return run.ended("cancelled")
        match item:
            case Gate():
                await item.passed()
                return []
            case Exception():
                return run.ended("error", fault=str(item))
            case Prefilled():
                return [item]
            case str() | bytes() | Special():
                self._steps += 1
                await asyncio.sleep(0)  # a token takes a turn of the loop, as a real one does
                return run.token(item)


class _Memory:
    """The prompts of each namespace; compares them token by token."""

    def __init__(self) -> None:
        self.prompts: dict[str, list[tuple[int, ...]]] = {}

    def find(self, prepared: Prepared) -> CacheReport:
        """The longest common beginning with an earlier prompt; then keeps this one."""
        asked, namespace = prepared.tokens, prepared.request.namespace
        best = self._best(asked, self.prompts.get(namespace, []))
        elsewhere = max(
            (self._best(asked, p) for n, p in self.prompts.items() if n != namespace), default=0
        )
        self.prompts.setdefault(namespace, []).append(asked)
        matched = min(best, len(asked) - 1)
        differs = "diverged" if best else "cold"
        reason = None if best == len(asked) else differs
        part = next((b.part for b in prepared.boundaries if b.position > best), None)
        return CacheReport(matched, best, reason, part, elsewhere if elsewhere > best else 0)

    @staticmethod
    def _best(asked: tuple[int, ...], prompts: Sequence[tuple[int, ...]]) -> int:
        return max((_common(asked, prompt) for prompt in prompts), default=0)


def _ids(prompt: str | tuple[int, ...]) -> Sequence[int]:
    return prompt.encode() if isinstance(prompt, str) else prompt


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many leading tokens are equal."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
