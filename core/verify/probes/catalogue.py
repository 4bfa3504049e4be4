"""All probes in the order of their importance, and which profile asks which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from llmx.core.errors import ConfigError
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes import (
    a2_accounting,
    a3_repeat,
    b1_divergence,
    b2_turns,
    b3_agent,
    b4_tools,
    b5_volatile,
    c1_canaries,
    c2_parity,
    c3_together,
    d1_reasons,
    e1_capacity,
    e2_policy,
    e3_expiry,
    f1_cancel,
    i1_salt,
)
from llmx.core.verify.result import Profile

CORE = "A1"  # the core protocol: asked before all others, judged by the rules of `verdicts`
ORDER: tuple[Profile, ...] = ("smoke", "standard", "full", "audit")  # each holds those before it


@dataclass(frozen=True, slots=True)
class Entry:
    subject: Subject
    run: Callable[[Bench], Awaitable[Outcome]]
    since: Profile  # the smallest profile that has it


PROBES = (
    Entry(a2_accounting.A2, a2_accounting.run, "smoke"),
    Entry(a3_repeat.A3, a3_repeat.run, "standard"),
    Entry(b1_divergence.B1, b1_divergence.run, "smoke"),
    Entry(b2_turns.B2, b2_turns.run, "standard"),
    Entry(c1_canaries.C1, c1_canaries.run, "smoke"),
    Entry(c2_parity.C2, c2_parity.run, "standard"),
    Entry(i1_salt.I1, i1_salt.run, "standard"),
    Entry(b3_agent.B3, b3_agent.run, "standard"),
    Entry(b4_tools.B4, b4_tools.run, "standard"),
    Entry(e1_capacity.E1, e1_capacity.run, "full"),
    Entry(e2_policy.E2, e2_policy.run, "full"),
    Entry(b5_volatile.B5, b5_volatile.run, "full"),
    Entry(c3_together.C3, c3_together.run, "full"),
    Entry(f1_cancel.F1, f1_cancel.run, "full"),
    Entry(d1_reasons.D1, d1_reasons.run, "full"),
    Entry(e3_expiry.E3, e3_expiry.run, "audit"),
)
RESTART = "R1"  # asked by whoever owns the process, after all others
IDS = (CORE, *(entry.subject.id for entry in PROBES), RESTART)


def chosen(profile: Profile, only: Sequence[str] = ()) -> tuple[str, ...]:
    """Ids in the order in which they are asked. Raises `ConfigError` for one that is none."""
    unknown = [one for one in only if one.upper() not in IDS]
    if unknown:
        raise ConfigError(f"there is no probe {', '.join(unknown)}; there are {', '.join(IDS)}")
    if only:
        wanted = {one.upper() for one in only}
        return tuple(one for one in IDS if one in wanted)
    level = ORDER.index(profile)
    return (CORE, *(e.subject.id for e in PROBES if ORDER.index(e.since) <= level))
