"""Rapid-MLX, a fork of vllm-mlx: earlier versions have the fork's owner and their own metrics."""

from __future__ import annotations

from llmx.core.client.servers.base import Call, Clues, Counter, ServerKind


def _is(clues: Clues) -> bool:
    return clues.owner == "rapid-mlx" or "\nrapid_mlx_" in f"\n{clues.metrics}"


KIND = ServerKind(
    "Rapid-MLX",
    recognises=_is,
    absent_is_zero=True,
    counters=(
        Counter("rapid_mlx_prefix_cache_tokens_saved_total", "cached tokens"),
        Counter("rapid_mlx_prefix_cache_hits_total", "hits"),
        Counter("rapid_mlx_prefix_cache_misses_total", "misses"),
    ),
    clear=(Call("POST", "/v1/cache/clear"),),
    traps=("it can cache whole answers: ask no question twice",),
)
