"""The server of llama-cpp-python, another program than llama.cpp's. Seen: 0.2.90."""

from __future__ import annotations

from llmx.core.client.servers.base import Clues, ServerKind


def _is(clues: Clues) -> bool:
    return clues.owner == "me" and all("permissions" in model for model in clues.models or ())


KIND = ServerKind(
    "llama-cpp-python",
    recognises=_is,
    traps=(
        "without its option for a cache it reuses only the prompt before",
        "its streams have no usage, whether it is asked for or not; no answer counts cached tokens",
    ),
)
