"""The store that the settings ask for, and the key of what is sealed for its clients."""

from __future__ import annotations

from llmx.core.config import ServeConfig
from llmx.core.server.responses.seal_key import seal_key
from llmx.core.server.responses.sqlite_store import SqliteStore
from llmx.core.server.responses.store import MemoryStore, ResponseStore


def open_store(config: ServeConfig) -> ResponseStore:
    """Raises `ConfigError`. With `--store off` a place for what is under way, and no more."""
    if config.store == "memory" or config.store == "off":
        return MemoryStore(config.store_bytes, config.store_ttl)
    return SqliteStore(config.store, max_bytes=config.store_bytes, max_age_s=config.store_ttl)


def open_seal_key(config: ServeConfig) -> bytes | None:
    """The one beside the store; None: nothing outlives the server. Raises `ConfigError`."""
    return None if config.store in ("memory", "off") else seal_key(config.store)
