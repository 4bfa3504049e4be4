"""Ollama. The native answer has its own names; versions before them count nothing."""

from __future__ import annotations

from llmx.core.client.servers.base import STANDARD, ServerKind

KIND = ServerKind(
    "Ollama",
    recognises=lambda clues: clues.owner == "library",
    version=lambda clues: clues.version_at("/api/version", "version"),
    version_page="/api/version",
    cached=(*STANDARD, ("prompt_eval_cached_count",)),
    traps=(
        "the first answer may hold the loading of the model",
        "earlier versions leave prompt_eval_count out on a hit",
        "in Responses earlier versions say 0 cached tokens, whatever was reused",
    ),
)
