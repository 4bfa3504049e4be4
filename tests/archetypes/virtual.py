"""Servers that exist only as arithmetic: how a cache behaves, what it says, how long it takes.

A prompt is a prefix and a suffix, named by nonces; time passes only as a server computes. The
modes are caches, honest, broken and lying, each with the verdict that it has to get.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from llmx.core.verify.calibrate import LENGTHS
from llmx.core.verify.evidence import Role, Sample
from llmx.core.verify.words import Name

SUFFIX = 64  # tokens after the shared prefix
OVERHEAD_S = 0.040
QUADRATIC = 4e-6  # of the linear cost
RTT_S = 0.001

Claim = Literal["reused", "absent", "zero", "seen", "ever"]


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of cache: what it reuses, what it says, how long that takes."""

    name: str
    verdict: Name
    reuses: float = 1.0  # of a prefix that it has seen
    hits: float = 1.0  # of the requests that could be reused, so many are, by chance
    claims: Claim | float = "reused"  # seen: the whole prefix, ever: even one that
    # was pushed out; a number: that part of any prompt
    times_claimed: float = 1.0
    block: int = 1  # tokens: only whole ones are reused
    from_sighting: int = 2
    whole_requests: bool = False  # only a request repeated word for word is reused
    entries: int = 10  # prefixes it holds
    settles_s: float = 0.0  # from the end of a request until it can be reused
    restoring: float = 0.0  # of the time to compute what it reuses
    fails: bool = False  # where it would reuse
    compiles: bool | None = None  # a slow first request; None: half of all servers do
    speed: tuple[float, float] = (200, 3000)  # tokens per second


MODES = (
    Mode("honest", "VERIFIED"),
    Mode("jit_honest", "VERIFIED", compiles=True),
    Mode("block16", "VERIFIED", block=16),
    Mode("half", "PARTIAL", reuses=0.5),
    Mode("silent", "SILENT", claims="absent"),
    Mode("zero_reporter", "UNDERREPORT", claims="zero"),
    Mode("under", "UNDERREPORT", times_claimed=0.25),
    Mode("over", "OVERCLAIM", reuses=0.3, claims="seen"),
    Mode("phantom", "PHANTOM", reuses=0, claims="seen"),
    Mode("always_claim", "FALSE_HITS", reuses=0, claims=0.9),
    Mode("nocache", "NO_CACHE", reuses=0),
    Mode("nocache_silent", "NO_CACHE", reuses=0, claims="absent"),
    Mode("jit_only", "NO_CACHE", reuses=0, claims="absent", compiles=True),
    Mode("response_cache", "EXACT_ONLY", whole_requests=True),
    Mode("evict1", "SINGLE_ENTRY", entries=1),
    Mode("third", "NEEDS_3_SIGHTINGS", from_sighting=3),
)

FURTHER = (
    Mode("double_count", "OVERCLAIM", times_claimed=2),
    Mode("half_claims_all", "OVERCLAIM", reuses=0.5, claims="seen"),
    Mode("flaky", "OVERCLAIM", hits=0.6, claims="seen"),
    Mode("flaky_70", "OVERCLAIM", hits=0.7, claims="seen"),
    Mode("flaky_80", "OVERCLAIM", hits=0.8, claims="seen"),
    Mode("misses_30", "PARTIAL", hits=0.7),
    Mode("misses_20", "PARTIAL", hits=0.8),
    Mode("evict1_claims_all", "OVERCLAIM", entries=1, claims="ever"),
    Mode("slow_restore", "PHANTOM", restoring=1.2),
    # To reuse about four fifths, and to pay about a fifth to restore all, take the same time:
    Mode("restores_a_fifth", "INCONCLUSIVE", restoring=0.22),
    Mode("claims_a_fifth_more", "INCONCLUSIVE", reuses=0.78, claims="seen"),
    Mode("template_head", "NO_CACHE", reuses=0, claims=0.04),
    Mode("evict1_silent", "SINGLE_ENTRY", entries=1, claims="absent"),
    Mode("third_silent", "NEEDS_3_SIGHTINGS", from_sighting=3, claims="absent"),
    Mode("late_commit", "NO_CACHE", settles_s=4, speed=(1500, 3000)),  # with its note
    Mode("fails_on_hits", "CORRUPT", fails=True),
)


@dataclass(frozen=True, slots=True)
class Host:
    """What else happens on the machine."""

    name: str
    stalled: float  # of all requests
    slower: tuple[float, float]  # a stalled one, so many times;
    waits: bool = False  # or longer by as much of what a cold prompt takes, however short it is


QUIET = Host("quiet", 0.04, (1.3, 3.0))
LOADED = Host("loaded", 0.25, (1.2, 4.0))
PAUSED = Host("paused", 0.25, (0.2, 1.0), waits=True)  # a stall of another kind


@dataclass
class _Entry:
    """A prefix in the cache."""

    times_seen: int = 0
    usable_at: float = 0.0


class VirtualServer:
    """One server of a mode on a host, with a speed and a noise of its own. An `Asker`."""

    def __init__(self, mode: Mode, host: Host, rng: Random) -> None:
        self.mode = mode
        self.now = 0.0
        self._host = host
        self._rng = rng
        self._s_per_token = 1 / rng.uniform(*mode.speed)
        self._noise = rng.uniform(0.02, 0.10)
        self._drift = rng.uniform(-0.25, 0.25) / 60  # per request
        compiles = rng.random() < 0.5 if mode.compiles is None else mode.compiles
        self._compile_s = rng.uniform(1, 15) if compiles else 0.0
        self._asked = 0
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._answered: set[tuple[str, str]] = set()

    async def ask(self, role: Role, prefix: str, suffix: str, length: int) -> Sample:
        entry = self._entries.pop(prefix, _Entry())
        shared = max(0, length - SUFFIX)
        reused = self._reused(entry, (prefix, suffix), shared, length)
        claimed = self._claimed(prefix, entry, reused, length)
        ttft_s = self._takes(length, reused)
        self.now += ttft_s
        self._answered.add((prefix, suffix))
        self._store(prefix, entry)
        if self.mode.fails and reused:
            return Sample(role, prefix, suffix, length, None, error="HTTP 500")
        return Sample(role, prefix, suffix, length, ttft_s, length, claimed)

    async def pause(self, seconds: float) -> None:
        self.now += seconds

    def _reused(self, entry: _Entry, request: tuple[str, str], shared: int, length: int) -> int:
        mode = self.mode
        if mode.whole_requests:
            return length - 1 if request in self._answered else 0
        if entry.times_seen + 1 < mode.from_sighting or self.now < entry.usable_at:
            return 0
        if mode.hits < 1 and self._rng.random() >= mode.hits:
            return 0
        return int(shared * mode.reuses) // mode.block * mode.block

    def _claimed(self, prefix: str, entry: _Entry, reused: int, length: int) -> int | None:
        shared = max(0, length - SUFFIX)
        match self.mode.claims:
            case "absent":
                return None
            case "zero":
                return 0
            case "reused":
                return int(reused * self.mode.times_claimed)
            case "seen":
                return shared if entry.times_seen else 0
            case "ever":
                return shared if any(prefix == one for one, _ in self._answered) else 0
            case part:
                return int(length * part)

    def _store(self, prefix: str, entry: _Entry) -> None:
        entry.times_seen += 1
        if entry.times_seen == 1:
            entry.usable_at = self.now + self.mode.settles_s
        self._entries[prefix] = entry
        while len(self._entries) > self.mode.entries:
            self._entries.popitem(last=False)

    def _takes(self, length: int, reused: int) -> float:
        """a + b * u + c * (N^2 - (N - u)^2), with u of N tokens uncached, and the disturbances."""
        rng, b, restored = self._rng, self._s_per_token, reused * self.mode.restoring
        seconds = OVERHEAD_S + b * (length - reused + restored)
        seconds += QUADRATIC * b * (length**2 - reused**2)
        seconds *= rng.lognormvariate(0, self._noise) * (1 + self._drift * self._asked)
        if rng.random() < self._host.stalled:
            much = rng.uniform(*self._host.slower)
            seconds = seconds + much * b * LENGTHS[0] if self._host.waits else seconds * much
        if self._asked == 0:
            seconds += self._compile_s
        self._asked += 1
        return seconds


def nonces() -> Callable[[], str]:
    """Counted ones: what a virtual server is asked does not depend on chance."""
    count = iter(range(1_000_000))
    return lambda: f"nonce {next(count)}"
