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
PACKED_BYTES = 4 << 10  # unpacked at a time: of the worst there is, they make 128 MiB
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
    return unzstd(stream, is_owned=False) if head.startswith(ZSTD) else stream


def unzstd(stream: BinaryIO, *, is_owned: bool = True) -> BinaryIO:
    """`is_owned`: the stream is closed with it."""
    return cast(BinaryIO, BufferedReader(_Zstd(stream, is_owned), 1 << 20))


class _Zstd(RawIOBase):
    """What the library unpacks, frame by frame, failing as a file does: only behind all that could
    be unpacked."""

    def __init__(self, stream: BinaryIO, is_owned: bool) -> None:
        super().__init__()
        self._stream = stream
        self._is_owned = is_owned
        self._frame: zstandard.ZstdDecompressionObj | None = None  # the open one
        self._packed = b""  # behind a frame that ended
        self._data = memoryview(b"")
        self._fault: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._data:
            if self._fault is not None:
                raise OSError(self._fault)
            packed = self._packed or self._stream.read(PACKED_BYTES)
            self._packed = b""
            if not packed:
                if self._frame is not None:
                    raise OSError("damaged: the last zstd frame is cut")
                return 0
            self._data = memoryview(self._unpacked(packed))
        count = min(len(buffer), len(self._data))
        buffer[:count] = self._data[:count]
        self._data = self._data[count:]
        return count

    def _unpacked(self, packed: bytes) -> bytes:
        if self._frame is None:
            if not packed.strip(b"\0"):  # as it fills up a block of a tape
                return b""
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            data = self._frame.decompress(packed)
        except zstandard.ZstdError as error:
            self._fault = f"damaged: {error}"
            return b""
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None
        return data

    def close(self) -> None:
        if self._is_owned and not self.closed:
            self._stream.close()
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
