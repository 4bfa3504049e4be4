"""oMLX: a hot cache in memory and one on disk, cleared one by one."""

from __future__ import annotations

from llmx.core.client.servers.base import Call, ServerKind

SESSION = "a session of its administrator, where it has an API key"

KIND = ServerKind(
    "oMLX",
    recognises=lambda clues: clues.owner == "omlx",
    clear=(
        Call("POST", "/admin/api/hot-cache/clear", SESSION),
        Call("POST", "/admin/api/ssd-cache/clear", SESSION),
    ),
    traps=("it stores after the answer: a prompt asked again at once may miss",),
)
