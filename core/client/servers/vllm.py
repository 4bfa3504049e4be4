"""vLLM."""

from __future__ import annotations

from llmx.core.client.servers.base import Call, Clues, Counter, ServerKind


def _is(clues: Clues) -> bool:
    return clues.owner == "vllm" or "\nvllm:" in f"\n{clues.metrics}"


KIND = ServerKind(
    "vLLM",
    recognises=_is,
    version=lambda clues: clues.version_at("/version", "version"),
    version_page="/version",
    counters=(
        Counter("vllm:prefix_cache_queries_total", "queried tokens"),
        Counter("vllm:prefix_cache_hits_total", "cached tokens"),
    ),
    clear=(Call("POST", "/reset_prefix_cache", "the server's development mode"),),
    salt="cache_salt",
    reports_with="--enable-prompt-tokens-details",
    traps=("it reuses whole blocks; hybrid models may reuse only what was seen twice before",),
)
