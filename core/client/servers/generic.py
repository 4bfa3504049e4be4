"""A server of unknown kind: the standard fields, and nothing that would have to be known."""

from __future__ import annotations

from llmx.core.client.servers.base import ServerKind

KIND = ServerKind(None, recognises=lambda clues: True)
