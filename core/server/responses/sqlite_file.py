"""The file of the responses: made for this user alone, and opened only where it is one of ours.

Nothing is written to a file that is not: it is known by the header that SQLite gives it, which is
read as plain bytes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from llmx.core.config import private_folder
from llmx.core.errors import ConfigError
from llmx.core.wire.responses.sealed import KEY

APPLICATION = 0x6C6C6D78  # "llmx"
VERSION = 1
WAIT_S = 20.0  # for another server that writes to the same file
CACHE_KIB = 8 * 1024
WAL_BYTES = 8 * 1024 * 1024

_MAGIC = b"SQLite format 3\0"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HEADER = 100  # bytes; the version of its user is at 60, the application at 68
_SCHEMA = (
    """
    CREATE TABLE items (
        key INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,  -- of owner and body
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        uses INTEGER NOT NULL,        -- places in responses; 0: to be removed
        body BLOB NOT NULL            -- JSON
    )
    """,
    "CREATE INDEX items_by_id ON items (owner, id)",
    """
    CREATE TABLE responses (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        server TEXT,                  -- that computes it; NULL: it is over
        stored_at REAL NOT NULL,      -- wall clock, seconds
        used INTEGER NOT NULL,        -- wall clock, nanoseconds
        inputs INTEGER NOT NULL,      -- so many of its items are its input, the rest its output
        items BLOB NOT NULL,          -- their keys, 8 bytes each
        kept BLOB NOT NULL            -- JSON: all the rest
    )
    """,
    "CREATE INDEX responses_by_use ON responses (used) WHERE server IS NULL",
    "CREATE INDEX responses_by_age ON responses (stored_at) WHERE server IS NULL",
    "CREATE INDEX responses_under_way ON responses (server) WHERE server IS NOT NULL",
    "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


def open_file(path: Path) -> sqlite3.Connection:
    """A connection for the calling thread, in autocommit. Makes the file where there is none.

    Raises `ConfigError` where it cannot be made or read, is something else, is damaged, or comes
    from a later version; the file is then as it was.
    """
    private_folder(path.parent)
    try:
        _check_header(path)
        return _connected(path)
    except OSError as error:
        raise ConfigError(f"--store: cannot open {path}: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            raise ConfigError(_damaged(path, str(error))) from error
        raise ConfigError(f"--store: cannot use {path}: {error}") from error


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    try:
        if not connection.execute("PRAGMA page_count").fetchone()[0]:
            _make(connection)
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise ConfigError(_damaged(path, found))
        connection.execute("PRAGMA journal_mode = WAL")
        # A process that dies loses nothing by this, a machine that does at most its last second.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")  # or deleted answers stay in free pages
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    """The tables of a new file, in one step: what has our header is complete. Another server may
    make them at the same time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not connection.execute("PRAGMA application_id").fetchone()[0]:
            for statement in _SCHEMA:
                connection.execute(statement)
            secret = "INSERT INTO secrets VALUES ('seal', ?)"
            connection.execute(secret, (os.urandom(KEY),))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _check_header(path: Path) -> None:
    """Raises `ConfigError` where the file is there, has contents, and is none of ours."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if not path.is_file():
        raise ConfigError(f"--store: {path} is no file")
    if not os.access(path, os.R_OK | os.W_OK):
        raise ConfigError(f"--store: {path} is not readable and writable for this user")
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if not header:
        return
    number = int.from_bytes(header[68:72], "big")
    if not header.startswith(_MAGIC) or len(header) < _HEADER or number != APPLICATION:
        raise ConfigError(
            f"--store: {path} is not a store of responses and was not touched; "
            "choose another file, or --store memory"
        )
    version = int.from_bytes(header[60:64], "big")
    if version > VERSION:
        raise ConfigError(
            f"--store: {path} was made by a later llmx (its form is {version}, "
            f"this one knows {VERSION}) and was not touched; choose another file"
        )


def _damaged(path: Path, why: str) -> str:
    return (
        f"--store: {path} is damaged ({why}) and was not touched; "
        "move it away, or choose another file"
    )
