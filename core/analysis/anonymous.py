"""Block streams as files that others may have: lengths, times and keyed ids, and no text.

    {"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [411, 902, ...]}

An id is a hash of the block's place in the tree of all prompts, chained to the id before it and
keyed with a salt that stays on this machine. So equal ids of one file are a shared prefix, the same
trace gives the same file again, and nobody without the salt can try what a block might have been.
Ids stay below 2**53, which every JSON reader takes. Answers are not told: a prompt that begins
with an earlier answer shares the prompt before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from llmx.core.analysis.blocks import BlockStream, reuses
from llmx.core.errors import ConfigError

Format = Literal["mooncake", "bailian", "weka"]  # times in ms in the first, else in seconds
SALT_BYTES = 32
_ID_BITS = 53


def local_salt(path: Path) -> bytes:
    """The salt at `path`, made where there is none; the file is for its owner alone (0600).

    Raises `ConfigError` where it cannot be read or made, holds something else, or others may read
    it: then ids made with it protect nothing.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read_salt(path)
        with open(handle, "wb") as file:
            salt = secrets.token_bytes(SALT_BYTES)
            file.write(salt)
        return salt
    except OSError as error:
        raise ConfigError(f"cannot use the salt {path}: {error.strerror or error}") from error


def _read_salt(path: Path) -> bytes:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise ConfigError(f"others may read the salt {path}: chmod 600, or delete it")
        salt = file.read(SALT_BYTES + 1)
    if len(salt) != SALT_BYTES:
        raise ConfigError(f"the salt {path} has {len(salt)} bytes, wanted {SALT_BYTES}: delete it")
    return salt


def write_stream(stream: BlockStream, path: Path, salt: bytes, form: Format = "mooncake") -> int:
    """Write all requests into a new file (0600); returns how many.

    Raises `ConfigError` where the file exists or cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in lines_of(stream, salt, form))
    except FileExistsError:
        raise ConfigError(f"{path} exists and is not overwritten") from None
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror or error}") from error
    return len(stream)


def lines_of(stream: BlockStream, salt: bytes, form: Format = "mooncake") -> Iterator[str]:
    """The lines without their ends: one for each request, of Weka's form one for all of them."""
    prompts = stream.prompts_only()
    ids = keyed_ids(prompts, salt)
    told = zip(
        _times(prompts.at_s),
        prompts.prompt_tokens,
        prompts.output_tokens,
        ([ids[block] for block in chain] for chain in prompts.chains),
        strict=True,
    )
    match form:
        case "mooncake":
            for at_s, length, output, blocks in told:
                yield json.dumps(_lengths(round(at_s * 1000), length, output) | _ids(blocks))
        case "bailian":
            parents, turns = _parents(prompts), list[int]()
            for number, (at_s, length, output, blocks) in enumerate(told):
                parent = parents[number]
                turns.append(1 if parent < 0 else turns[parent] + 1)
                line = {"chat_id": number, "parent_chat_id": parent}
                line |= _lengths(round(at_s, 3), length, output)
                yield json.dumps(line | {"type": "text", "turn": turns[number]} | _ids(blocks))
        case "weka":
            requests = [
                {"t": round(at_s, 3), "in": length, "out": output} | _ids(blocks)
                for at_s, length, output, blocks in told
            ]
            head = {"id": "llmx", "block_size": stream.block_tokens, "hash_id_scope": "local"}
            yield json.dumps(head | {"requests": requests})


def _lengths(at: float, length: int, output: int) -> dict[str, Any]:
    return {"timestamp": at, "input_length": length, "output_length": output}


def _ids(blocks: list[int]) -> dict[str, Any]:
    return {"hash_ids": blocks}


def keyed_ids(stream: BlockStream, salt: bytes) -> array[int]:
    """The id to tell of each block of the stream, by its number."""
    told = array("q", [-1]) * stream.distinct
    for chain in stream.chains:
        before = -1
        for block in chain:
            if told[block] < 0:
                place = before.to_bytes(8, "big", signed=True) + block.to_bytes(8, "big")
                digest = hashlib.blake2b(place, digest_size=8, key=salt).digest()
                told[block] = int.from_bytes(digest, "big") >> (64 - _ID_BITS)
            before = told[block]
    return told


def _times(times: Iterable[float | None]) -> Iterator[float]:
    """Seconds from the first; one that is missing or goes back is the one before it."""
    begin, now = None, 0.0
    for at in times:
        if at is not None:
            begin = at if begin is None else begin
            now = max(now, at - begin)
        yield now


def _parents(stream: BlockStream) -> list[int]:
    """The request that each one continues: all of whose whole blocks it begins with; -1: none."""
    found: list[int] = []
    for parts in reuses(stream):
        parent = -1
        if parts:
            before = parts[-1].earlier
            whole = stream.prompt_tokens[before] // stream.block_tokens
            parent = before if parts[-1].stop >= whole else -1
        found.append(parent)
    return found
