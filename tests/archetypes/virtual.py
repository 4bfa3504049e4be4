"""Servers that exist only as arithmetic: how a cache behaves, what it says, how long it takes.

A prompt is a prefix and a suffix, named by nonces; time passes only as a server computes. Sixteen
modes of caches, honest, broken and lying, each with the verdict that it has to get.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from llmx.core.verify.evidence import Role, Sample
from llmx.core.verify.words import Name

SUFFIX = 64  # tokens after the shared prefix
OVERHEAD_S = 0.040
QUADRATIC = 4e-6  # of the linear cost
RTT_S = 0.001

Reuse = Literal["full", "blocks", "half", "some", "none", "whole request", "from the third"]
Claim = Literal["reused", "absent", "zero", "quarter", "seen", "most of any"]


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of cache."""

    name: str
    reuse: Reuse
    claim: Claim
    verdict: Name
    entries: int = 10  # prefixes it holds
    compiles: bool | None = None  # a slow first request; None: half of all servers do


MODES = (
    Mode("honest", "full", "reused", "VERIFIED"),
    Mode("jit_honest", "full", "reused", "VERIFIED", compiles=True),
    Mode("block16", "blocks", "reused", "VERIFIED"),
    Mode("half", "half", "reused", "PARTIAL"),
    Mode("silent", "full", "absent", "SILENT"),
    Mode("zero_reporter", "full", "zero", "UNDERREPORT"),
    Mode("under", "full", "quarter", "UNDERREPORT"),
    Mode("over", "some", "seen", "OVERCLAIM"),
    Mode("phantom", "none", "seen", "PHANTOM"),
    Mode("always_claim", "none", "most of any", "FALSE_HITS"),
    Mode("nocache", "none", "zero", "NO_CACHE"),
    Mode("nocache_silent", "none", "absent", "NO_CACHE"),
    Mode("jit_only", "none", "absent", "NO_CACHE", compiles=True),
    Mode("response_cache", "whole request", "reused", "EXACT_ONLY"),
    Mode("evict1", "full", "reused", "SINGLE_ENTRY", entries=1),
    Mode("third", "from the third", "reused", "NEEDS_3_SIGHTINGS"),
)


@dataclass(frozen=True, slots=True)
class Host:
    """What else happens on the machine."""

    name: str
    stalled: float  # of all requests
    slower: tuple[float, float]  # a stalled one, so many times


QUIET = Host("quiet", 0.04, (1.3, 3.0))
LOADED = Host("loaded", 0.25, (1.2, 4.0))


@dataclass
class VirtualServer:
    """One server of a mode on a host, with its own speed and noise. Satisfies `Asker`."""

    mode: Mode
    host: Host
    rng: Random
    now: float = 0.0
    _asked: int = 0
    _seen: OrderedDict[str, int] = field(default_factory=OrderedDict)  # prefix: how often
    _answered: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        rng, mode = self.rng, self.mode
        self._s_per_token = 1 / rng.uniform(200, 3000)
        self._noise = rng.uniform(0.02, 0.10)
        self._drift = rng.uniform(-0.25, 0.25) / 60  # per request
        compiles = rng.random() < 0.5 if mode.compiles is None else mode.compiles
        self._compile_s = rng.uniform(1, 15) if compiles else 0.0

    async def ask(self, role: Role, prefix: str, suffix: str, length: int) -> Sample:
        times_seen = self._seen.get(prefix, 0)
        shared = max(0, length - SUFFIX)
        reused = self._reused(times_seen, (prefix, suffix), shared, length)
        ttft_s = self._takes(length, reused)
        self.now += ttft_s
        self._remember(prefix, suffix)
        return Sample(
            role,
            prefix,
            suffix,
            length,
            ttft_s,
            prompt_tokens=length,
            cached_tokens=self._claimed(times_seen, reused, shared, length),
        )

    async def pause(self, seconds: float) -> None:
        self.now += seconds

    async def cold(self, tokens: int) -> float:
        """A prompt never seen, for the calibration."""
        nonce = f"cold {self._asked}"
        return (await self.ask("warmup", nonce, nonce, tokens)).ttft_s or 0.0

    def _reused(self, seen: int, request: tuple[str, str], shared: int, length: int) -> int:
        match self.mode.reuse:
            case "none":
                return 0
            case "whole request":
                return length - 1 if request in self._answered else 0
            case "from the third":
                return shared if seen >= 2 else 0
            case "full":
                part = shared
            case "blocks":
                part = shared // 16 * 16
            case "half":
                part = shared // 2
            case "some":
                part = int(shared * 0.3)
        return part if seen else 0

    def _claimed(self, seen: int, reused: int, shared: int, length: int) -> int | None:
        match self.mode.claim:
            case "absent":
                return None
            case "zero":
                return 0
            case "reused":
                return reused
            case "quarter":
                return reused // 4
            case "seen":
                return shared if seen else 0
            case "most of any":
                return int(length * 0.9)

    def _remember(self, prefix: str, suffix: str) -> None:
        self._answered.add((prefix, suffix))
        self._seen[prefix] = self._seen.pop(prefix, 0) + 1
        while len(self._seen) > self.mode.entries:
            self._seen.popitem(last=False)

    def _takes(self, length: int, reused: int) -> float:
        """a + b * u + c * (N^2 - (N - u)^2), with u of N tokens uncached, and the disturbances."""
        rng, b, u = self.rng, self._s_per_token, length - reused
        seconds = OVERHEAD_S + b * u + QUADRATIC * b * (length**2 - reused**2)
        seconds *= rng.lognormvariate(0, self._noise) * (1 + self._drift * self._asked)
        if rng.random() < self.host.stalled:
            seconds *= rng.uniform(*self.host.slower)
        if self._asked == 0:
            seconds += self._compile_s
        self._asked += 1
        return seconds


def nonces() -> Callable[[], str]:
    """Counted ones: what a virtual server is asked does not depend on chance."""
    count = iter(range(1_000_000))
    return lambda: f"nonce {next(count)}"
