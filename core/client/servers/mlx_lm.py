"""`mlx_lm.server`: Python's own HTTP server, a health page that never changes, no metrics."""

from __future__ import annotations

from llmx.core.client.servers.base import Clues, ServerKind

NAME = "mlx_lm.server"


def _is(clues: Clues) -> bool:
    return clues.said == {"status": "ok"} and clues.header.startswith("BaseHTTP/")


KIND = ServerKind(
    NAME,
    recognises=_is,
    reports_with="stream_options.include_usage, in streams",
    traps=(
        "it keeps 10 prompts (--prompt-cache-size), and cannot be cleared",
        "while it computes a prompt it sends comments, which are no token",
        "a prompt never seen reports the few tokens of the template's head",
    ),
)
