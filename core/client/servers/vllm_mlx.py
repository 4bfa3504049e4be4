"""vllm-mlx. Its fields for cached tokens are declared, and nothing fills them."""

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
    clear=(Call("DELETE", "/v1/cache"),),
    traps=("/metrics is there only if it was asked for at start; its counts are typed as gauges",),
)
