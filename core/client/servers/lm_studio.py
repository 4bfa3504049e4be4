"""LM Studio. Its chat usage has no cached tokens; an unknown page answers 200 there."""

from __future__ import annotations

from llmx.core.client.servers.base import ServerKind

KIND = ServerKind(
    "LM Studio",
    recognises=lambda clues: clues.owner == "organization_owner",
    traps=(
        "it counts no cached tokens in chat; only times can tell",
        "it lists what is on disk too, and loads a model at its first request",
    ),
)
