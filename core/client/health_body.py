"""What `GET /health` of a server says. Ours says all of it, others little: None is unknown."""

from __future__ import annotations

from llmx.core.client.tolerant import Maybe, Tolerant
from llmx.core.types import Json


class ModelSaid(Tolerant):
    id: Maybe[str] = None
    context: Maybe[int] = None
    architecture: Maybe[str] = None
    cacheable: Maybe[bool] = None
    not_cacheable_because: Maybe[str] = None
    backend: Maybe[str] = None
    blas: Maybe[str] = None
    blas_advice: Maybe[str] = None


class EngineSaid(Tolerant):
    """Counters since the start of the server, and its present state."""

    state: Maybe[str] = None
    running: Maybe[int] = None
    queued: Maybe[int] = None
    steps: Maybe[int] = None
    prompt_tokens: Maybe[int] = None
    completion_tokens: Maybe[int] = None
    uptime_s: Maybe[float] = None
    fault: Maybe[str] = None


class CacheSaid(Tolerant):
    enabled: Maybe[bool] = None
    budget_bytes: Maybe[int] = None
    stored_bytes: Maybe[int] = None
    running_bytes: Maybe[int] = None
    lookups: Maybe[int] = None
    hits: Maybe[int] = None
    prompt_tokens: Maybe[int] = None
    cached_tokens: Maybe[int] = None
    evicted_tokens: Maybe[int] = None
    per_key: Maybe[bool] = None  # requests with different API keys share nothing


class HealthBody(Tolerant):
    status: Maybe[str] = None
    server: Maybe[str] = None
    version: Maybe[str] = None
    blas_advice: Maybe[str] = None
    model: Maybe[ModelSaid] = None
    engine: Maybe[EngineSaid] = None
    cache: Maybe[CacheSaid] = None

    @property
    def advice(self) -> str | None:
        """How to get a faster BLAS; None: nothing to do, or not said."""
        return self.blas_advice or (self.model.blas_advice if self.model else None)


def parse_health(body: Json) -> HealthBody | None:
    """None where the body is no JSON object."""
    return HealthBody.model_validate(body) if isinstance(body, dict) else None
