"""`GET /metrics`: what the engine counts and what requests did, in the format of Prometheus.

The engine's counters come from its published snapshot, so a scrape never waits for it. Each
application has a registry of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import get_args

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from llmx.core.parser.pieces import FLAGS
from llmx.core.server.recording import Exchange
from llmx.core.server.responses.store_stats import StoreStats
from llmx.core.types import CacheStats, Engine, EngineStats, FinishReason, MissReason

# Seconds: a hit of the demo model takes 10 ms, a cold prompt of an agent on a CPU minutes.
TTFT_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250)
GAP_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
TOKEN_BUCKETS = (1, 8, 32, 128, 512, 2048, 8192, 32768, 131072)

HIT_SHARE = 0.5  # of the prompt that came from the cache; as `analyze-traces` judges
BREAKS: tuple[MissReason, ...] = (
    "diverged",
    "evicted",
    "expired",
    "salt",
    "no_boundary",
    "aligned_down",
    "verify_failed",
)  # fmt: skip - reasons of those whose prompt, or its beginning, is stored or once was


class Metrics:
    """The `Meter` of one application, and its endpoint."""

    def __init__(
        self, engine: Engine, version: str, stored: Callable[[], StoreStats] | None = None
    ) -> None:
        """`stored`: what the store of responses says, where there is one."""
        self._registry = registry = CollectorRegistry()
        registry.register(_EngineCounters(engine, version))
        if stored is not None:
            registry.register(_StoreCounters(stored))
        self._tokens = Counter(
            "llmx_prompt_tokens", "Prompt tokens, by where they came from.", ["tier"],
            registry=registry,
        )  # fmt: skip
        for tier in ("ram", "disk", "computed"):
            self._tokens.labels(tier)  # a series that is there from the start has a rate
        self._ttft = Histogram(
            "llmx_time_to_first_token_seconds",
            "From the arrival of a request to its first text; hit: at least half of the prompt "
            "came from the cache, partial: less, miss: nothing.",
            ["cache"], registry=registry, buckets=TTFT_BUCKETS,
        )  # fmt: skip
        self._gaps = Histogram(
            "llmx_inter_token_latency_seconds",
            "Between two texts of one answer; a text is a token unless tokens came together.",
            registry=registry, buckets=GAP_BUCKETS,
        )  # fmt: skip
        self._computed = Histogram(
            "llmx_request_prefill_kv_computed_tokens", "Prompt tokens that a request computed.",
            registry=registry, buckets=TOKEN_BUCKETS,
        )  # fmt: skip
        self._flags = Counter(
            "llmx_answer_flags", "Answers whose text was odd, by what was: calls that are text.",
            ["flag"], registry=registry,
        )  # fmt: skip
        for flag in FLAGS:
            self._flags.labels(flag)
        self._progress = Gauge(
            "llmx_engine_last_progress_timestamp_seconds",
            "When the engine last handed over a result of any request.",
            registry=registry,
        )

    def progressed(self) -> None:
        self._progress.set(time.time())

    def waited(self, seconds: float) -> None:
        self._gaps.observe(seconds)

    def ended(self, exchange: Exchange) -> None:
        for flag in exchange.finished.flags if exchange.finished is not None else ():
            self._flags.labels(flag).inc()
        origin = exchange.sources
        if origin is None or exchange.started is None:
            return
        self._tokens.labels("ram").inc(origin.ram)
        self._tokens.labels("disk").inc(origin.disk)
        # Below zero where an engine counts too many as cached: its clients are to see that, and a
        # counter that refuses would end their connection.
        self._tokens.labels("computed").inc(max(0, origin.computed))
        self._computed.observe(origin.computed)
        if exchange.ttft_s is not None:
            restored = exchange.started.cache.matched
            kind = _kind(restored, exchange.started.prompt_tokens)
            self._ttft.labels(kind).observe(exchange.ttft_s)

    async def scrape(self, request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(_WithoutCreated(self._registry)), media_type=content_type)


class _EngineCounters(Collector):
    """What the engine counts itself, as families made for one scrape."""

    def __init__(self, engine: Engine, version: str) -> None:
        self._engine = engine
        self._version = version
        self._process_began = psutil.Process().create_time()

    def describe(self) -> list[Metric]:
        return []  # or registering would ask an engine that may still load

    def collect(self) -> Iterator[Metric]:
        stats = self._engine.stats()
        yield from self._build()
        yield from _requests(stats)
        yield from _cache(stats.cache)

    def _build(self) -> Iterator[Metric]:
        info = self._engine.info
        labels = {"version": self._version, "model": info.id, "backend": info.backend}
        build = GaugeMetricFamily("llmx_build_info", "What is running.", labels=list(labels))
        build.add_metric(list(labels.values()), 1)
        yield build
        yield GaugeMetricFamily(
            "process_start_time_seconds", "When the process began.", self._process_began
        )


class _StoreCounters(Collector):
    """What the store of responses counts itself."""

    def __init__(self, stored: Callable[[], StoreStats]) -> None:
        self._stored = stored

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        stats = self._stored()
        yield GaugeMetricFamily("llmx_stored_responses", "Responses kept.", stats.responses)
        yield GaugeMetricFamily("llmx_stored_responses_bytes", "What they take.", stats.nbytes)
        if stats.limit_bytes is not None:
            yield GaugeMetricFamily(
                "llmx_stored_responses_limit_bytes", "What they may take.", stats.limit_bytes
            )
        yield _by(
            "llmx_stored_responses_removed",
            "Responses that had to go: bytes: for others; age: they were too old.",
            "reason", {"bytes": stats.evicted, "age": stats.expired},
        )  # fmt: skip
        yield _by(
            "llmx_stored_responses_failed",
            "write: responses that could not be stored; orphan: under way in a server that ended.",
            "reason", {"write": stats.failed, "orphan": stats.orphaned},
        )  # fmt: skip


def _requests(stats: EngineStats) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "llmx_num_requests_running", "Requests being computed.", stats.running
    )  # fmt: skip
    yield GaugeMetricFamily("llmx_num_requests_waiting", "Requests in the queue.", stats.queued)
    yield CounterMetricFamily("llmx_engine_steps", "Forward steps.", stats.steps)
    yield CounterMetricFamily(
        "llmx_generation_tokens", "Tokens generated.", stats.completion_tokens
    )
    yield _by(
        "llmx_request_success", "Requests that the engine ended.", "finished_reason",
        {reason: stats.finished.get(reason, 0) for reason in get_args(FinishReason)},
    )  # fmt: skip


def _cache(cache: CacheStats) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "llmx_prefix_cache_queries", "Prompt tokens looked up.", cache.prompt_tokens
    )
    yield CounterMetricFamily(
        "llmx_prefix_cache_hits", "Of these, restored instead of computed.", cache.cached_tokens
    )
    held = cache.stored_bytes + cache.running_bytes
    yield GaugeMetricFamily("llmx_kv_cache_bytes", "KV state, stored and running.", held)
    if cache.budget_bytes:
        share = held / cache.budget_bytes
        yield GaugeMetricFamily("llmx_kv_cache_usage_ratio", "Of the budget, 0 to 1.", share)
    evicted = {"budget": cache.evicted_segments, "state": cache.evicted_states}
    yield _by(
        "llmx_prefix_cache_evictions",
        "budget: segments that had to go; state: windows and recurrent states before them.",
        "reason", evicted,
    )  # fmt: skip
    reasons: dict[str, int] = {reason: cache.reasons.get(reason, 0) for reason in MISS_REASONS}
    yield _by(
        "llmx_prefix_cache_misses", "Requests that had to compute more than new tokens.",
        "reason", reasons,
    )  # fmt: skip
    yield _by(
        "llmx_cache_breaks", "Of these, whose beginning is stored or once was.",
        "reason", {reason: reasons[reason] for reason in BREAKS},
    )  # fmt: skip


MISS_REASONS: tuple[MissReason, ...] = get_args(MissReason)


def _by(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _kind(restored: int, prompt_tokens: int) -> str:
    if not restored:
        return "miss"
    return "hit" if restored >= HIT_SHARE * prompt_tokens else "partial"


class _WithoutCreated(Collector):
    """A registry without the time at which each series was made: the client library shows that as
    gauges named like the counters."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [s for s in family.samples if not s.name.endswith("_created")]
            yield family
