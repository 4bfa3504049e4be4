"""mlx-openai-server: known by the shape of its health page. Seen: 1.8.1, which counts."""

from __future__ import annotations

from llmx.core.client.servers.base import Clues, ServerKind


def _is(clues: Clues) -> bool:
    return {"status", "model_id", "model_status"} <= clues.said.keys()


KIND = ServerKind("mlx-openai-server", recognises=_is)
