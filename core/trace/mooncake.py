"""Reads block traces in the format of Mooncake: a JSON object per line, one for each request.

    {"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2]}

`timestamp` is in milliseconds, lengths in tokens. A block (512 tokens in the published traces) has
the same id as another exactly where it and all before it are the same.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import msgspec

from llmx.core.errors import UnreadableTrace

WANTED = 'wanted {"timestamp": ms, "input_length": n, "output_length": n, "hash_ids": [n, ...]}'
EDGES = b"\0 \t\r\n"
BOM = b"\xef\xbb\xbf"

_Count = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class BlockRequest:
    """The prompt of a request as block ids; equal leading ids are a shared prefix."""

    blocks: tuple[int, ...]
    at_s: float = 0.0  # from the begin of the trace
    prompt_tokens: int = 0  # 0: not known
    completion_tokens: int = 0


class _Line(msgspec.Struct):
    timestamp: Annotated[float, msgspec.Meta(ge=0)]
    input_length: _Count
    hash_ids: list[int]
    output_length: _Count = 0


class MooncakeTrace:
    """The requests at `path` (`.gz` too) in their order; iterate it once.

    Ids are numbered anew in the order in which they come, so any integers will do. A last line that
    was cut short is left out (`is_cut`); any other that is no request raises `UnreadableTrace`,
    which names the line, and so does a file without a request.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_cut = False
        self.requests = 0

    def __iter__(self) -> Iterator[BlockRequest]:
        decoder = msgspec.json.Decoder(_Line)
        numbers: dict[int, int] = {}
        for number, line in self._lines():
            text = (line.removeprefix(BOM) if number == 1 else line).strip(EDGES)
            if not text:
                continue
            try:
                found = decoder.decode(text)
            except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
                wrong_value = isinstance(error, msgspec.ValidationError)
                if not line.endswith(b"\n") and not wrong_value:
                    self.is_cut = True  # only the last line can lack its end
                    break
                raise UnreadableTrace(
                    f"{self.path.name}, line {number}: {error}, seen {_shown(text)}; {WANTED}"
                ) from error
            self.requests += 1
            yield BlockRequest(
                tuple(numbers.setdefault(block, len(numbers)) for block in found.hash_ids),
                found.timestamp / 1000,
                found.input_length,
                found.output_length,
            )
        if not self.requests:
            raise UnreadableTrace(f"{self.path} holds no request; {WANTED}")

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            with _opened(self.path) as stream:
                yield from enumerate(stream, 1)
        except OSError as error:
            raise UnreadableTrace(
                f"cannot read {self.path}: {error.strerror or error}; {WANTED}"
            ) from error
        except (EOFError, zlib.error):  # a compressed file that was cut
            self.is_cut = True


def _opened(path: Path) -> BinaryIO:
    if path.name.endswith(".gz"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _shown(text: bytes) -> str:
    shown = text[:60].decode("utf-8", "replace")
    return repr(shown + "..." if len(text) > 60 else shown)
