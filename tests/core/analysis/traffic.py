"""A server that is simulated: what it keeps, when it forgets, how long it takes. For whole traces
of known causes."""

from __future__ import annotations

import random
from collections import OrderedDict
from dataclasses import dataclass, field

from llmx.core.trace.record import (
    TraceCache,
    TraceRecord,
    TraceRequest,
    TraceResponse,
    TraceServer,
    TraceUsage,
)
from llmx.core.types import MissReason
from tests.core.analysis.talks import Talk, grow, made

BYTES = 4  # of a token


@dataclass
class Machine:
    """Keeps the newest body of each conversation, as tokens of four bytes.

    `entries`: conversations that fit; `ttl_s`: after which one is forgotten; `block`: tokens that
    are reused together; `honest`: whether its hits save time.
    """

    entries: int = 1_000
    ttl_s: float = float("inf")
    block: int = 1
    is_honest: bool = True
    is_trimmable: bool = True
    told: MissReason | None = None
    now: float = 1_000_000.0
    token_s: float = 0.001
    rng: random.Random = field(default_factory=lambda: random.Random(5))
    records: list[TraceRecord] = field(default_factory=list)
    _kept: OrderedDict[str, tuple[bytes, float]] = field(default_factory=OrderedDict)

    def restart(self) -> None:
        self._kept.clear()

    def ask(self, talk: Talk, *, wait_s: float = 1.0, key: str | None = None) -> TraceRecord:
        """The next request, `wait_s` after the last one ended."""
        body = _prompt(talk)
        key = key or talk.session
        self.now += wait_s
        prompt = len(body) // BYTES
        cached = min(self._cached(body), prompt - 1)
        cached -= cached % self.block
        t0 = self.now
        computed = prompt if not self.is_honest else prompt - cached
        first = t0 + 0.05 + self.token_s * computed * self.rng.uniform(0.98, 1.02)
        record = TraceRecord(
            id=f"r{len(self.records)}",
            api="messages",
            model=talk.model,
            session=talk.session,
            t0=t0,
            t_first=first,
            t_last=first + 0.2,
            status=200,
            finish="stop",
            req=TraceRequest.of("POST", "/v1/messages", {}, talk.body("messages")),
            res=TraceResponse(),
            usage=TraceUsage(prompt=prompt, cached=cached, out=10),
            server=TraceServer(cache=TraceCache(reason=self.told) if self.told else None),
        )
        self.now = first + 0.2
        self._kept[key] = (body, self.now)
        self._kept.move_to_end(key)
        while len(self._kept) > self.entries:
            self._kept.popitem(last=False)
        self.records.append(record)
        return record

    def _cached(self, body: bytes) -> int:
        best = 0
        for kept, used in self._kept.values():
            if self.now - used > self.ttl_s:
                continue
            same = next(
                (n for n, (a, b) in enumerate(zip(kept, body, strict=False)) if a != b),
                min(len(kept), len(body)),
            )
            if self.is_trimmable or same == len(kept):
                best = max(best, same // BYTES)
        return best


def _prompt(talk: Talk) -> bytes:
    """System, tools and messages, one behind the other."""
    parts = [talk.system, *map(str, talk.tools), *map(str, talk.messages)]
    return "".join(parts).encode()


def talks(count: int, *, first: int = 0) -> list[Talk]:
    return [made(first + n, turns=1) for n in range(count)]


def one_turn(machine: Machine, talk: Talk, turn: int, **options: float) -> TraceRecord:
    grow(talk, random.Random(turn), turn)
    return machine.ask(talk, **options)  # pyright: ignore[reportArgumentType]
