"""SGLang."""

from __future__ import annotations

from llmx.core.client.servers.base import Call, Clues, Counter, ServerKind


def _is(clues: Clues) -> bool:
    return clues.owner == "sglang" or "\nsglang:" in f"\n{clues.metrics}"


KIND = ServerKind(
    "SGLang",
    recognises=_is,
    version=lambda clues: clues.version_at("/get_server_info", "version"),
    version_page="/get_server_info",
    counters=(
        Counter("sglang:prompt_tokens_total", "queried tokens"),
        Counter("sglang:cached_tokens_total", "cached tokens"),  # one series per source
    ),
    clear=(Call("POST", "/flush_cache"),),
    salt="cache_salt",
    reports_with="--enable-cache-report",
    traps=("/metrics is there only with --enable-metrics", "earlier versions ignored cache_salt"),
)
