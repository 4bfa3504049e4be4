"""The files of a path: a file, a folder with all below it, or a stream (`-` is standard input)."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

from llmx.core.errors import UnreadableTrace
from llmx.core.trace.readers.packed import ZSTD, opened, unpacked_stream

STDIN = Path("-")
PEEK = 4096  # bytes by which a file is known to be none of ours
PASSED_OVER = frozenset({".git", "node_modules", "__pycache__"})
BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Stream:
    """An open file, unpacked."""

    bytes: BinaryIO
    is_placed: bool  # offsets are those of a file that can be read again
    until: int | None  # its size when it was opened; None: not known


class NoTrace(ValueError):
    """The first bytes say that the file is no trace; the message says what it is."""


def files_of(path: Path) -> list[Path]:
    """In the order of their names. Raises `UnreadableTrace` where there is none."""
    if path == STDIN:
        return [path]
    try:
        if path.is_dir():
            found = _below(path)
            if not found:
                raise UnreadableTrace(f"no files in {path}: wanted traces")
            return found
        is_there = path.exists()
    except OSError as error:
        raise UnreadableTrace(f"cannot read {path}: {error.strerror}") from error
    if not is_there:
        raise UnreadableTrace(f"no traces at {path}: wanted a trace file or a folder of them")
    return [path]


def _below(folder: Path) -> list[Path]:
    """Links to folders are not followed: a circle has no end."""
    os.scandir(folder).close()  # walk passes over what it cannot read, the folder itself too
    found: list[Path] = []
    closed: list[Path] = []  # folders that nobody may look into: reading them says why
    for root, names, files in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        names[:] = sorted(name for name in names if name not in PASSED_OVER)
        found += [Path(root, name) for name in files]
    return sorted([*found, *closed])


@contextmanager
def reading(file: Path, *, is_named: bool) -> Iterator[Stream]:
    """Open and unpack the file. `is_named`: it was asked for, so only its content can refuse it.

    Raises `OSError`, `NoTrace`.
    """
    if file == STDIN:
        if sys.stdin is None:  # closed by whoever started this program
            raise OSError("no standard input")
        with _piped(sys.stdin.buffer) as piped:
            yield piped
        return
    mode = file.stat().st_mode
    if stat.S_ISDIR(mode):
        os.scandir(file).close()  # raises: it is among the files because nobody may look into it
    if not stat.S_ISREG(mode):
        if not is_named:
            raise NoTrace("no regular file")
        with file.open("rb") as pipe, _piped(pipe) as piped:
            yield piped
        return
    with file.open("rb") as plain:
        head = plain.read(len(ZSTD))
        size = os.fstat(plain.fileno()).st_size
    stream, is_placed = opened(file, head)
    with stream:
        if stream.seekable():
            _refuse_others(stream, is_named)
        yield Stream(stream, is_placed, size if is_placed else None)


@contextmanager
def _piped(stream: BinaryIO) -> Iterator[Stream]:
    """A stream that is left open afterwards."""
    buffered = BufferedReader(cast(RawIOBase, stream), BUFFER)
    try:
        head = buffered.peek(len(ZSTD))
        yield Stream(unpacked_stream(cast(BinaryIO, buffered), head), False, None)
    finally:
        buffered.detach()


def _refuse_others(stream: BinaryIO, is_named: bool) -> None:
    """Raise `NoTrace` where the begin shows a file of another kind, such as a picture."""
    head = stream.read(PEEK)
    stream.seek(0)
    lines = [line.strip(b"\0 \t\r") for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    if not any(lines) or any(line.startswith((b"{", b"[")) for line in lines):
        return
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NoTrace("UTF-16, wanted UTF-8")
    if _is_binary(head):
        raise NoTrace("no text")
    if not is_named and len(lines) > 1:
        raise NoTrace("text without JSON")


def _is_binary(head: bytes) -> bool:
    body = head.strip(b"\0")
    if b"\0" in body:
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < len(body) - 4  # else a character that the window cut
    return False
