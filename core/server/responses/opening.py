"""The store that the settings ask for."""

from __future__ import annotations

from llmx.core.config import ServeConfig
from llmx.core.server.responses.sqlite_store import SqliteStore
from llmx.core.server.responses.store import MemoryStore, ResponseStore


def open_store(config: ServeConfig) -> ResponseStore:
    """Raises `ConfigError`. With `--store off` a place for what is under way, and no more."""
    if config.store == "memory" or config.store == "off":
        return MemoryStore(config.store_bytes, config.store_ttl)
    return SqliteStore(config.store, max_bytes=config.store_bytes, max_age_s=config.store_ttl)
