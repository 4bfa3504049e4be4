"""Unpacks gzip, zlib and Zstandard, and Brotli where `brotli` or `brotlicffi` is installed."""

from __future__ import annotations

import gzip
import importlib
import zlib
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BODY_BYTES = 256 << 20  # of one unpacked body: more is a bomb
NO_BROTLI = "a body packed with Brotli: install `brotli`"


class CannotUnpack(ValueError):
    """The message says why, and what would help."""


def opened(file: Path, head: bytes) -> tuple[BinaryIO, bool]:
    """The unpacked bytes of a file that begins with `head`, and whether they are the file's own.

    Raises `OSError`.
    """
    if head.startswith(GZIP):
        return cast(BinaryIO, gzip.open(file, "rb")), False
    if head.startswith(ZSTD):
        return unzstd(file.open("rb")), False
    return file.open("rb", buffering=1 << 20), True


def unpacked_stream(stream: BinaryIO, head: bytes) -> BinaryIO:
    """The same of a stream that cannot be opened again."""
    if head.startswith(GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    return unzstd(stream) if head.startswith(ZSTD) else stream


def unzstd(stream: BinaryIO) -> BinaryIO:
    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return cast(BinaryIO, BufferedReader(_Zstd(reader), 1 << 20))


class _Zstd(RawIOBase):
    """What the library unpacks, failing as a file does."""

    def __init__(self, reader: zstandard.ZstdDecompressionReader) -> None:
        super().__init__()
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._reader.read(len(buffer))
        except zstandard.ZstdError as error:
            raise OSError(f"damaged: {error}") from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._reader.close()
        super().close()


def unpacked(body: bytes, encoding: str) -> bytes:
    """A body without its content encodings, told by its first bytes before its header: recorders
    unpack and leave the header. Raises `CannotUnpack`."""
    name = encoding.strip().lower()
    try:
        if body.startswith(GZIP):
            return zlib.decompressobj(31).decompress(body, BODY_BYTES)
        if body.startswith(ZSTD):
            return _whole_zstd(body)
        if _is_text(body):
            return body
        if name == "deflate":
            return zlib.decompressobj().decompress(body, BODY_BYTES)
    except zlib.error as error:
        raise CannotUnpack(f"a damaged {name or 'gzip'} body") from error
    return _unbrotli(body) if name == "br" else body


def _whole_zstd(body: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
            return reader.read(BODY_BYTES)
    except zstandard.ZstdError as error:
        raise CannotUnpack("a damaged zstd body") from error


def _unbrotli(body: bytes) -> bytes:
    library = _library("brotli") or _library("brotlicffi")
    if library is None:
        raise CannotUnpack(NO_BROTLI)
    try:
        return library.decompress(body)
    except library.error as error:
        raise CannotUnpack("a damaged br body") from error


def _is_text(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b'"', b":", b"d", b"e", b"i")


def _library(name: str) -> Any:
    """The module; None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
