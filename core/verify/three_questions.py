"""The protocol: three questions over one long prefix, with controls that must miss.

tiny, tiny            warm the server up; the faster one is what a request costs by itself
control               the same workload under another nonce: how a miss looks
cold       question 1 the run's nonce, never seen: primes the cache
hit, hit   questions 2 and 3: must reuse the prefix
repeat     question 1 again: must give the same text
control               a fresh nonce: misses are still slow
reference  2 and 3    past the cache, where the server offers that: must give the same text
hit, control, ...     more of both, only where the times so far cannot tell
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.client.identity import Identity, choose_model, identify
from llmx.core.errors import LlmxError, Unreachable
from llmx.core.types import Json
from llmx.core.verify.facts import comparisons
from llmx.core.verify.rules import Rules
from llmx.core.verify.samples import Fault, Role, Run, Sample
from llmx.core.verify.timing import timing_of
from llmx.core.verify.workload import QUESTIONS, Prompt, Workload

IDENTIFY_S = 10.0
TINY = "Say hi."
LONG_REQUESTS = 8  # at least, with the references; further rounds only where they cost little


def fresh_nonce() -> str:
    return secrets.token_hex(16)  # 128 bits, always 32 characters


@dataclass(frozen=True, slots=True)
class Step:
    """A request that is about to be sent."""

    number: int  # from 1
    role: Role
    question: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run costs the server."""

    requests: int
    prompt_tokens: int  # estimated from bytes


def budget(workload: Workload) -> Budget:
    return Budget(LONG_REQUESTS, LONG_REQUESTS * workload.estimated_tokens)


async def run(
    client: ChatClient,
    workload: Workload,
    *,
    model: str | None = None,
    rules: Rules | None = None,
    on_step: Callable[[Step], object] = lambda step: None,
    nonce: Callable[[], str] = fresh_nonce,
) -> Run:
    """Ask one request at a time, to the end or to the fault that ends the run early.

    Raises `Unreachable` where nobody answered even the first request, `HttpError` where that was
    refused, and `ConfigError`.
    """
    identity = await identify(client, deadline_s=IDENTIFY_S)
    asking = _Asking(
        client, workload, identity, choose_model(identity, model), rules or Rules(), on_step, nonce
    )
    try:
        await asking.all()
    except HttpError as error:
        if not asking.samples and error.kind == "refused":
            raise
        fault = asking.fault(error.kind, error)
    except Unreachable as error:
        if not asking.samples:
            raise
        fault = asking.fault("gone", error)
    else:
        fault = None
    return asking.seen(fault)


class _Asking:
    """The requests of one run, and what came back so far."""

    def __init__(
        self,
        client: ChatClient,
        workload: Workload,
        identity: Identity,
        model: str | None,
        rules: Rules,
        on_step: Callable[[Step], object],
        nonce: Callable[[], str],
    ) -> None:
        self._client = client
        self._workload = workload
        self._identity = identity
        self._model = model
        self._rules = rules
        self._on_step = on_step
        self._nonce = nonce
        self._step = Step(0, "tiny", TINY)
        self.samples: list[Sample] = []

    def fault(self, kind: Literal["gone", "failed", "busy", "refused"], error: LlmxError) -> Fault:
        return Fault(self._step.role, self._step.question, kind, str(error))

    def seen(self, fault: Fault | None = None) -> Run:
        return Run(
            url=self._client.target.base,
            server=self._identity.kind,
            version=self._identity.version,
            model=self._model,
            has_bypass=self._identity.bypass is not None,
            samples=tuple(self.samples),
            fault=fault,
        )

    async def all(self) -> None:
        for _ in range(2):
            await self._tiny()
        nonce = self._nonce()
        first, *others = QUESTIONS
        await self._long("control", self._nonce(), first)
        await self._long("cold", nonce, first)
        for question in others:
            await self._long("hit", nonce, question)
        await self._long("repeat", nonce, first)
        await self._long("control", self._nonce(), others[0])
        if self._identity.bypass is not None:
            await self._references(nonce, self._identity.bypass)
        await self._rounds(nonce)

    async def _references(self, nonce: str, bypass: dict[str, Json]) -> None:
        for question in QUESTIONS[1:]:
            await self._long("reference", nonce, question, bypass)
        for found in comparisons(self.seen()):
            if found.state == "different":  # are this server's cold answers repeatable at all?
                await self._long("reference", nonce, found.question, bypass)

    async def _rounds(self, nonce: str) -> None:
        """More hits and controls, until a rank test can tell, where two of them cannot."""
        timing, wanted = timing_of(self.seen(), self._rules), self._rules.rounds
        if timing.state != "unclear" or min(timing.controls) > self._rules.rounds_below_s:
            return
        for further in range(wanted):
            question = f"What is 2+{3 + further}?"
            if further < wanted - len(timing.hits):
                await self._long("hit", nonce, question)
            if further < wanted - len(timing.controls):
                await self._long("control", self._nonce(), question)

    async def _tiny(self) -> None:
        unique = {"role": "user", "content": f"{self._nonce()} {TINY}"}
        await self._send("tiny", TINY, Prompt((unique,), ()), max_tokens=1)

    async def _long(
        self, role: Role, nonce: str, question: str, extra: dict[str, Json] | None = None
    ) -> None:
        prompt = self._workload.prompt(nonce, question)
        await self._send(role, question, prompt, max_tokens=self._rules.max_tokens, extra=extra)

    async def _send(
        self,
        role: Role,
        question: str,
        prompt: Prompt,
        *,
        max_tokens: int,
        extra: dict[str, Json] | None = None,
    ) -> None:
        self._step = Step(self._step.number + 1, role, question)
        self._on_step(self._step)
        reply = await self._client.chat(
            prompt.messages,
            tools=prompt.tools,
            model=self._model,
            max_tokens=max_tokens,
            extra=extra,
        )
        self.samples.append(Sample(role, question, reply))
