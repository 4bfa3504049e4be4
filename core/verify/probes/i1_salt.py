"""Probe I1: who shares with whom: prompts under one salt are shared, and with another salt not.

A server that never heard of salts takes the field and does nothing with it, as with any field that
it does not know; that is no leak unless it was asked to prove isolation. Who asks for that is also
told what API keys and the fields that name a user or a conversation separate (`i1_clients`).
"""

from __future__ import annotations

from llmx.core.types import Json
from llmx.core.verify.asking import Said
from llmx.core.verify.bench import Bench, Outcome, Subject
from llmx.core.verify.probes.i1_clients import Clients, ask_clients
from llmx.core.verify.probes.sharing import Ask, Blocks, blocks
from llmx.core.verify.workload import Prompt

I1 = Subject("I1", "salts keep clients apart")
FIELD = "cache_salt"
WRONG_TYPE: Json = {"not": "a text"}  # whoever reads the field refuses this


async def run(bench: Bench) -> Outcome:
    salts = await _salts(bench)
    if not bench.is_audit:
        return salts
    return _with_clients(salts, await ask_clients(bench))


async def _salts(bench: Bench) -> Outcome:
    field = bench.identity.server.salt or FIELD
    is_read = bench.identity.server.salt is not None
    if not is_read:
        if bench.identity.kind is not None:
            why = f"{bench.identity.kind} has no salt, as far as is known"
            return I1.skipped(why)
        said = await _salted(bench, field, WRONG_TYPE)(bench.prompt(bench.nonce()))
        is_read = said.is_refused
    one, other = (_salted(bench, field, bench.nonce()[:16]) for _ in range(2))
    found = await blocks(bench, one, other)
    if isinstance(found, Said):
        return I1.skipped(f"{field} is refused: {found.error}")
    return _judge(found, field, is_leak=is_read or bench.is_audit)


def _salted(bench: Bench, field: str, salt: Json) -> Ask:
    async def ask(prompt: Prompt) -> Said:
        return await bench.ask(prompt, extra={field: salt})

    return ask


def _judge(found: Blocks, field: str, *, is_leak: bool) -> Outcome:
    """`is_leak`: the field is one that the server reads, or has to."""
    if found.error is not None:
        return I1.unsure(f"not every prompt was answered: {found.error}")
    evidence: dict[str, Json] = {"field": field, **found.evidence()}
    p_same, p_cross = found.p_same, found.p_cross
    if not found.is_reused:
        why = f"with the same {field} nothing is reused, so that nothing can be told of another"
        return I1.unsure(f"{why} (p {p_same:.2g})", **evidence)
    if found.is_leak and is_leak:
        why = f"with another {field} a prompt is reused as with the same one"
        return I1.failed(f"{why} (p {p_cross:.2g})", fault="LEAK", **evidence)
    if found.is_leak:
        why = f"{field} changes nothing here; it may be a field that this server does not know"
        return I1.skipped(why, **evidence)
    if found.is_doubtful:
        why = f"with another {field} a prompt may be reused: counts and times do not agree on it"
        return I1.unsure(f"{why} (p {p_cross:.2g}, {found.claims} claimed)", **evidence)
    why = f"with the same {field} a prompt is reused (p {p_same:.2g}), with another one it is not"
    return I1.passed(f"{why} (p {p_cross:.2g})", **evidence)


def _with_clients(salts: Outcome, clients: Clients) -> Outcome:
    """What is found of clients is told, and is a fault only where the server promises otherwise."""
    evidence = {**salts.probe.evidence, "clients": clients.evidence}
    why = "; ".join((salts.probe.why, *clients.told))
    match salts.probe.status:
        case "fail":
            return I1.failed(why, fault="LEAK", **evidence)
        case _ if clients.leak is not None:
            return I1.failed(clients.leak, fault="LEAK", **evidence)
        case "pass":
            return I1.passed(why, **evidence)
        case "skip":
            return I1.skipped(why, **evidence)
        case "inconclusive":
            return I1.unsure(why, **evidence)
