"""vllm-mlx, with its two engines. Seen: 0.6.0; its answers never count cached tokens."""

from __future__ import annotations

from llmx.core.client.servers.base import Call, Counter, ServerKind

KIND = ServerKind(
    "vllm-mlx",
    recognises=lambda clues: clues.owner == "vllm-mlx",
    counters=(
        Counter("vllm_mlx_cache_tokens_saved", "cached tokens"),  # a gauge by type, a count by use
        Counter("vllm_mlx_cache_hits", "hits"),
        Counter("vllm_mlx_cache_misses", "misses"),
    ),
    counts_nothing='vllm_mlx_cache_type{cache_type="none"} 1.0',  # the simple engine does reuse
    clear=(Call("DELETE", "/v1/cache"),),
    traps=(
        "/metrics is there only if it was asked for at start; its counts are typed as gauges",
        "without --continuous-batching it keeps whole system prompts only, four of them, and only "
        "streams use them",
        "with it, an identical prompt is computed anew, and counted as a hit",
    ),
)
