"""The layers of a health check: what was looked at, what was seen, what to do about it.

Only readings of what others asked: nothing here talks to a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llmx.core.client.chat import Answer
from llmx.core.client.failures import HttpError
from llmx.core.client.health_body import EngineSaid, HealthBody, parse_health
from llmx.core.client.reply import Reply
from llmx.core.client.transcript import error_message
from llmx.core.errors import ConfigError
from llmx.core.sizes import format_bytes
from llmx.core.types import Json

LayerState = Literal["OK", "WARN", "FAIL", "SKIP", "UNKNOWN"]
LayerName = Literal["reachable", "http", "model", "canary", "engine", "cache"]

Condition = Literal["healthy", "degraded", "not ready", "unreachable", "hung"]

STATUS: dict[LayerState, str | None] = {
    "OK": "pass",
    "WARN": "warn",
    "FAIL": "fail",
    "SKIP": None,
    "UNKNOWN": None,
}
EXIT_CODES: dict[Condition, int] = {
    "healthy": 0,
    "degraded": 1,
    "not ready": 3,
    "unreachable": 4,
    "hung": 5,
}
NO_KEY = "the server wants an API key: give --api-key or LLMX_API_KEY"
WORST_FIRST: tuple[Condition, ...] = ("unreachable", "not ready", "hung", "degraded", "healthy")


@dataclass(frozen=True, slots=True)
class Layer:
    name: LayerName
    state: LayerState
    evidence: str  # what was seen
    fix: str | None = None  # what to do, or to have better; one line
    took_s: float | None = None
    means: Condition = "healthy"  # for the whole, if nothing worse is found

    def to_json(self) -> Json:
        return {
            "status": STATUS[self.state],
            "state": self.state,
            "observedValue": self.took_s,
            "observedUnit": "s",
            "evidence": self.evidence,
            "fix": self.fix,
        }


def http_layer(path: str, answer: Answer) -> Layer:
    said = parse_health(answer.body)
    status = said.status if said is not None else None
    shown = f"GET {path}: HTTP {answer.status}" + (f", {status}" if status else "")
    took_s = answer.took_s
    if answer.is_ok:
        return Layer("http", "OK", shown, took_s=took_s)
    fault = said.engine.fault if said is not None and said.engine is not None else None
    if status in ("failed", "closed"):
        because = f": {fault}" if fault else ""
        fix = "the engine does not come back by itself: read its log and start the server again"
        return Layer("http", "FAIL", shown + because, fix=fix, took_s=took_s, means="degraded")
    if answer.status == 503:
        fix = "wait for it: llmx health --wait 120"
        return Layer("http", "FAIL", shown, fix=fix, took_s=took_s, means="not ready")
    return Layer(
        "http",
        "FAIL",
        f"{shown}: {error_message(answer.body)}",
        fix="look whether the URL is that of an OpenAI-compatible server",
        took_s=took_s,
        means="degraded",
    )


def canary_layer(reply: Reply, before: EngineSaid | None, after: EngineSaid | None) -> Layer:
    """A token counts where text came, or the count of tokens moved; HTTP 200 alone does not."""
    counted = reply.completion_tokens
    moved = _moved(
        before.completion_tokens if before else None, after.completion_tokens if after else None
    )
    if reply.is_silent and not counted and not moved:
        return Layer(
            "canary",
            "FAIL",
            "HTTP 200, but the answer is empty and no token was counted",
            fix="read the server's log; another model may not help",
            took_s=reply.total_s,
            means="degraded",
        )
    took_s = reply.ttft_s if reply.ttft_s is not None else reply.total_s
    evidence = f"{_tokens(counted)} after {took_s:.3f} s"
    if counted == 0:
        evidence += ", but the server's own count of tokens did not move"
        return Layer("canary", "WARN", evidence, took_s=took_s)
    if counted is not None and counted > 1:
        evidence += ", though one was asked for"
        return Layer("canary", "WARN", evidence, took_s=took_s)
    return Layer("canary", "OK", evidence, took_s=took_s)


def late_canary(before: EngineSaid | None, after: EngineSaid | None, deadline_s: float) -> Layer:
    """No token in time: the engine's own heartbeat tells busy from hung, where there is one."""
    steps = _moved(before.steps if before else None, after.steps if after else None)
    waited = f"no token within {deadline_s:g} s"
    if steps:
        evidence = f"{waited}, but the engine made {steps} steps meanwhile: busy, not hung"
        return Layer("canary", "WARN", evidence, fix="wait, or ask with a longer --deadline")
    if steps is not None and after is not None and after.running == 0:
        evidence = f"{waited}, and the engine does nothing"
    elif steps is not None:
        evidence = f"{waited}, and the engine made no step: hung, or in one very long step"
    else:
        evidence = (
            f"{waited}: hung, or busy with somebody else's long prompt; this server does not "
            "say which"
        )
    fix = "ask again with a longer --deadline; if that fails too, end the server and start it again"
    return Layer("canary", "FAIL", evidence, fix=fix, means="hung")


def refused_canary(error: HttpError) -> Layer:
    """Raises `ConfigError` where only an API key is missing."""
    if error.asks_for_key:
        raise ConfigError(f"{error}; {NO_KEY}") from error
    if error.status == 503:
        fix = "wait for it: llmx health --wait 120"
        return Layer("canary", "FAIL", str(error), fix=fix, means="not ready")
    fix = "try again when it has less to do" if error.kind == "busy" else "read the server's log"
    return Layer("canary", "FAIL", str(error), fix=fix, means="degraded")


def engine_layer(said: HealthBody | None) -> Layer:
    if said is None or (said.model is None and said.engine is None):
        return Layer("engine", "UNKNOWN", "this server does not describe its engine")
    model, engine = said.model, said.engine
    seen = [f"backend {(model.backend if model else None) or 'unknown'}"]
    if model is not None and model.blas:
        seen.append(model.blas)
    if engine is not None:
        seen.append(f"{_known(engine.running)} running, {_known(engine.queued)} queued")
    return Layer("engine", "OK", ", ".join(seen), fix=said.advice)


def cache_layer(said: HealthBody | None) -> Layer:
    """What the server says it has; whether it works, `llmx test-cache` finds out."""
    if said is None or said.cache is None or said.cache.enabled is None:
        return Layer("cache", "UNKNOWN", "this server does not describe its cache")
    if not said.cache.enabled:
        return Layer("cache", "SKIP", "off: every prompt is computed in full")
    if said.model is not None and said.model.cacheable is False:
        why = said.model.not_cacheable_because or "not for this model"
        return Layer("cache", "SKIP", f"not for this model: {why}")
    stored, budget = said.cache.stored_bytes, said.cache.budget_bytes
    return Layer("cache", "OK", f"on, {_bytes(stored)} of {_bytes(budget)} used")


def _moved(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _tokens(counted: int | None) -> str:
    return "text" if counted is None else f"{counted} token{'s' * (counted != 1)}"


def _known(value: int | None) -> str:
    return "unknown" if value is None else str(value)


def _bytes(value: int | None) -> str:
    return "unknown" if value is None else format_bytes(value)
