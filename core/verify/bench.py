"""What a probe works with: a server that answers, what is known of it, and how to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from llmx.core.client.chat import ChatClient
from llmx.core.client.identity import Identity
from llmx.core.types import Json
from llmx.core.verify.asking import Said, Speaker
from llmx.core.verify.case import Fault, Finding
from llmx.core.verify.effect import Line
from llmx.core.verify.prompts import Lengths, prompt_of
from llmx.core.verify.protocol import fresh_nonce
from llmx.core.verify.result import Probe, Status
from llmx.core.verify.workload import Prompt

BUSY_S, MOST_BUSY_S = 1.0, 30.0  # to wait where a server is busy: unsaid, and at most
HEAD = 64  # tokens: the most that a template may put before a nonce
MOST = 0.9  # of what could be reused: the rest is a block, and the seam


@dataclass(slots=True)
class Bench:
    speaker: Speaker
    identity: Identity
    lengths: Lengths
    length: int  # tokens of a prompt that takes long enough to tell
    line: Line | None
    cold_s: float | None  # of such a prompt
    connect: Callable[[], ChatClient]  # a further connection, to be used as a context
    rng: Random
    nonce: Callable[[], str] = fresh_nonce
    pause: Callable[[float], Awaitable[object]] = field(kw_only=True)
    is_audit: bool = False
    done: dict[str, Probe] = field(default_factory=dict)  # the probes so far, by id

    def prompt(
        self, prefix: str, suffix: str | None = None, tokens: int | None = None, **form: str
    ) -> Prompt:
        """Of the usual length, under a new suffix, if nothing else is said."""
        words = self.lengths.words(self.length if tokens is None else tokens)
        ending = self.nonce() if suffix is None else suffix
        return prompt_of(prefix, ending, words, has_system=self.lengths.has_system, **form)

    async def ask(
        self, prompt: Prompt, *, max_tokens: int = 1, extra: Mapping[str, Json] | None = None
    ) -> Said:
        """A server that is busy is asked once more."""
        said = await self.speaker.ask(prompt, max_tokens=max_tokens, extra=extra)
        if not said.is_busy:
            return said
        await self.pause(min(said.retry_after_s or BUSY_S, MOST_BUSY_S))
        return await self.speaker.ask(prompt, max_tokens=max_tokens, extra=extra)

    def reused(self, said: Said) -> float | None:
        """Tokens of its prompt that were not computed: what the server says, or else what the
        time says; None: neither tells."""
        if said.cached_tokens is not None:
            return float(said.cached_tokens)
        if self.line is None or said.ttft_s is None:
            return None
        tokens = said.prompt_tokens or self.length
        computed = (said.ttft_s - self.line.overhead_s) / self.line.s_per_token
        return max(0.0, min(float(tokens), tokens - computed))

    def is_reused(self, said: Said, part: float = 0.5) -> bool | None:
        """At least that part of the prompt; None: unknown."""
        found = self.reused(said)
        tokens = said.prompt_tokens or self.length
        return None if found is None else found >= part * tokens


@dataclass(frozen=True, slots=True)
class Outcome:
    probe: Probe
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A probe's name, and its outcomes in one line."""

    id: str
    title: str

    def passed(self, why: str, **evidence: Json) -> Outcome:
        return self._outcome("pass", why, evidence)

    def skipped(self, why: str, **evidence: Json) -> Outcome:
        return self._outcome("skip", why, evidence)

    def unsure(self, why: str, **evidence: Json) -> Outcome:
        return self._outcome("inconclusive", why, evidence)

    def failed(self, why: str, *, fault: Fault | None = None, **evidence: Json) -> Outcome:
        """With a fault it decides the verdict of the whole run, and `why` is what was seen."""
        findings = (Finding(fault, why),) if fault is not None else ()
        return self._outcome("fail", why, evidence, findings)

    def _outcome(
        self,
        status: Status,
        why: str,
        evidence: Mapping[str, Json],
        findings: tuple[Finding, ...] = (),
    ) -> Outcome:
        return Outcome(Probe(self.id, self.title, status, why, evidence), findings)
