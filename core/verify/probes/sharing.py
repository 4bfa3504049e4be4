"""Is a prompt that one client sent reused for another, and for the same one: by the rank test, both
ways. That nothing is shared with another says something only where the same client does hit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench
from llmx.core.verify.probes.a2_accounting import told
from llmx.core.verify.rank import p_faster
from llmx.core.verify.workload import Prompt

BLOCKS = 6  # p can reach 0.001
ALPHA = 0.01
FAULT = 0.002  # a leak decides the verdict of the whole run
CLAIMED = 0.2  # of a prompt whose prefix only another client has sent
PAIRS = 2  # prefixes, where it is only to be told: single times may be stalls

Ask = Callable[[Prompt], Awaitable[Said]]  # as one client


@dataclass(slots=True)
class Blocks:
    """Prompts whose prefix this client has sent, that only the other has, and that nobody has."""

    same: list[Said] = field(default_factory=list)
    cross: list[Said] = field(default_factory=list)
    unseen: list[Said] = field(default_factory=list)

    @property
    def error(self) -> str | None:
        said = (*self.same, *self.cross, *self.unseen)
        return next((one.error for one in said if one.error is not None), None)

    @property
    def p_same(self) -> float:
        return _p(self.same, self.unseen)

    @property
    def p_cross(self) -> float:
        return _p(self.cross, self.unseen)

    @property
    def claims(self) -> int:
        """Of those across, beyond what prompts never seen claim."""
        return sum(map(_claims, self.cross)) - sum(map(_claims, self.unseen))

    @property
    def is_claimed(self) -> bool:
        return self.claims * 2 > BLOCKS

    @property
    def is_leak(self) -> bool:
        """Times bear it out: by themselves, or together with the counts."""
        return self.p_cross <= (ALPHA if self.is_claimed else FAULT)

    @property
    def is_doubtful(self) -> bool:
        """Times or counts speak of a hit across; of what is no leak."""
        return self.p_cross <= ALPHA or self.is_claimed

    @property
    def is_reused(self) -> bool:
        """For the same client: without that nothing can be told of another."""
        return self.p_same <= ALPHA

    def evidence(self) -> dict[str, Json]:
        return {
            "p_same": self.p_same,
            "p_cross": self.p_cross,
            "same": [told(said) for said in self.same],
            "cross": [told(said) for said in self.cross],
            "unseen": [told(said) for said in self.unseen],
        }


async def blocks(bench: Bench, one: Ask, other: Ask) -> Blocks | Said:
    """Or what a prompt of the first client got that was refused."""
    found = Blocks()
    for _ in range(BLOCKS):
        prefix = bench.nonce()
        primed = await one(bench.prompt(prefix))
        if primed.is_refused:
            return primed
        asks = [
            (found.same, one, prefix),
            (found.cross, other, prefix),
            (found.unseen, other, bench.nonce()),
        ]
        for said, ask, start in bench.rng.sample(asks, len(asks)):  # no place is the faster one
            said.append(await ask(bench.prompt(start)))
    return found


async def is_shared(bench: Bench, one: Ask, other: Ask) -> bool | None:
    """Does the other client hit. None: refused, not even the same client hits, or uneven."""
    same: list[bool | None] = []
    cross: list[bool | None] = []
    for _ in range(PAIRS):
        prefix = bench.nonce()
        for found, ask in ((None, one), (cross, other), (same, one)):
            said = await ask(bench.prompt(prefix))
            if said.error is not None:
                return None
            if found is not None:
                found.append(bench.is_reused(said))
    if set(same) != {True} or len(set(cross)) != 1:
        return None
    return cross[0]


def _p(hits: list[Said], unseen: list[Said]) -> float:
    times = [said.ttft_s for said in hits if said.ttft_s is not None]
    cold = [said.ttft_s for said in unseen if said.ttft_s is not None]
    return p_faster(times, cold) if times and cold else 1.0


def _claims(said: Said) -> bool:
    return (said.cached_tokens or 0) > CLAIMED * (said.prompt_tokens or 0)
