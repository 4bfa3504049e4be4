"""llama.cpp's server. Beside usage it times and counts what it computed: `timings`."""

from __future__ import annotations

from llmx.core.client.servers.base import STANDARD, Clues, Counter, ServerKind


def _is(clues: Clues) -> bool:
    return clues.owner == "llamacpp" or clues.header == "llama.cpp"


KIND = ServerKind(
    "llama.cpp",
    recognises=_is,
    version=lambda clues: clues.version_at("/props", "build_info"),
    version_page="/props",
    cached=(*STANDARD, ("timings", "cache_n")),
    counters=(Counter("llamacpp:prompt_tokens_total", "computed tokens"),),  # not those reused
    traps=(
        "cache_prompt false computes a prompt anew, but in other batches: the last bits may differ",
        "/metrics is there only with --metrics",
        "in Responses it says no [DONE], and whole items only at the end",
        "models with windows or recurrent layers may compute a prompt anew",
    ),
)
