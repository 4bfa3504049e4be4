"""Runs over virtual servers as a `Result`, the way a command would record them."""

from __future__ import annotations

from random import Random

from llmx.core.types import Json
from llmx.core.verify.calibrate import calibrate
from llmx.core.verify.evidence import Sample
from llmx.core.verify.looks import PLAN
from llmx.core.verify.protocol import Course, cold_asks, core_protocol
from llmx.core.verify.rank import Plan
from llmx.core.verify.replay import core_status, judged
from llmx.core.verify.result import Basis, Channels, Probe, Result, Target
from tests.archetypes.virtual import QUIET, RTT_S, SUFFIX, Host, Mode, VirtualServer, nonces

ENVIRONMENT: dict[str, Json] = {"chip": "virtual", "cores": 2, "load_1m": 0.5, "power": None}


async def recorded(
    mode: Mode,
    host: Host = QUIET,
    seed: int = 0,
    *,
    basis: Basis | None = None,
    more: tuple[Probe, ...] = (),
    plan: Plan = PLAN,
) -> Result:
    """One run of the core protocol; `basis` in place of what the run itself would say."""
    server = VirtualServer(mode, host, Random(f"{mode.name} {host.name} {seed}"))
    nonce, warm = nonces(), list[Sample]()
    found = await calibrate(cold_asks(server, warm, nonce), RTT_S)
    course = Course(
        length=found.length,
        shared=(found.length - SUFFIX) / found.length,
        overhead_s=found.line.overhead_s if found.line else 0.0,
        plan=plan,
        nonce=nonce,
        rng=Random(seed),
        pause=server.pause,
    )
    asked = [sample async for sample in core_protocol(server, course)]
    basis = basis or Basis(plan=plan, calibration=found)
    again = judged(course.evidence(asked), basis, more)
    status, why = core_status(course.evidence(asked), basis)
    core = Probe(
        id="A1",
        title="prefix reuse",
        status=status,
        why=why,
        evidence={"hits": again.effect.hits},
    )
    return Result(
        target=Target("http://127.0.0.1:8081", "chat", "virtual", None, mode.name),
        profile="smoke",
        seed=seed,
        environment=ENVIRONMENT,
        verdict=again.verdict.name,
        sentence=again.verdict.sentence,
        notes=again.verdict.notes,
        exit_code=again.exit_code,
        channels=Channels(usage="unknown", timing="yes", counters="unknown"),
        effect=again.effect,
        probes=(core, *more),
        samples=(*warm, *asked),
        length=found.length,
        shared=course.shared,
        overhead_s=course.overhead_s,
        requests=len(warm) + len(asked),
        seconds=server.now,
        basis=basis,
        decided=again.decided,
    )
