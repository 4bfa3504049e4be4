"""A server of unknown kind: the standard fields and those of some vendors, and nothing that would
have to be known."""

from __future__ import annotations

from llmx.core.client.servers.base import STANDARD, Path, ServerKind

ELSEWHERE: tuple[Path, ...] = (  # where vendors count cached tokens without the standard's details
    ("usage", "prompt_cache_hit_tokens"),
    ("usage", "cached_tokens"),
    ("timings", "cache_n"),
)
KIND = ServerKind(None, recognises=lambda clues: True, cached=(*STANDARD, *ELSEWHERE))
