"""The key of what clients keep sealed for us, beside the file in which responses are kept.

A response that goes on from a kept one may hold a compaction, and clients send sealed reasoning
back after days: both must be readable after a restart.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from llmx.core.errors import ConfigError
from llmx.core.wire.responses.sealed import KEY

SUFFIX = ".key"


def seal_key(store: Path) -> bytes:
    """That of the store at this path; made where there is none yet, for its owner's eyes only.

    Of several servers that begin at once all get the same. Raises `ConfigError`.
    """
    path = store.with_name(store.name + SUFFIX)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        if not path.exists():
            _write(mine, secrets.token_bytes(KEY))
            try:
                os.link(mine, path)  # whole, or not at all; the first one wins
            except FileExistsError:
                pass
            finally:
                mine.unlink()
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}.") from error
    if len(key) != KEY:
        raise ConfigError(f"{path} has {len(key)} bytes, wanted {KEY}: it is no key of llmx.")
    return key


def _write(path: Path, key: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(key)
        os.fsync(file.fileno())
