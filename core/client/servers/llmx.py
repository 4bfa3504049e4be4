"""`llmx serve`. Says of itself who it is."""

from __future__ import annotations

from llmx.core.client.servers.base import Call, Clues, Counter, ServerKind

NAME = "llmx"


def _version(clues: Clues) -> str | None:
    version = clues.said.get("version")
    return version if isinstance(version, str) else None


KIND = ServerKind(
    NAME,
    recognises=lambda clues: clues.said.get("server") == NAME,
    version=_version,
    counters=(
        Counter("llmx_prefix_cache_queries_total", "queried tokens"),
        Counter("llmx_prefix_cache_hits_total", "cached tokens"),
    ),
    clear=(Call("POST", "/v1/cache/clear"),),
    salt="cache_salt",
    bypass={"cache": False},
)
