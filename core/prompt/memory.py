"""Prompts that were rendered lately, so that a longer one need not be made from its beginning."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass

from llmx.core.prompt.encoder import Encoded
from llmx.core.prompt.places import Places

# Text, tokens and offsets take about 5 bytes a character: three million characters, or some 70
# conversations of 10,000 tokens.
LIMIT_BYTES = 16 * 2**20

# What a new prompt lacks of an older one is forgotten with the older one where it is this short
# (a generation prompt, a short question): to make it again costs some 0.1 ms.
_SHORT_TAIL = 256  # characters

_FIRST_STRIDE = 256  # characters


@dataclass(frozen=True, slots=True)
class Known:
    """All that is worth keeping of one rendered prompt."""

    text: str
    encoded: Encoded
    places: Places

    @property
    def nbytes(self) -> int:
        return sys.getsizeof(self.text) + self.encoded.nbytes + self.places.nbytes


@dataclass(frozen=True, slots=True)
class Match:
    known: Known
    common: int  # leading characters that the looked-up text shares with `known.text`


class PromptMemory:
    """Least recently used goes first. Thread-safe: entries are immutable, the order is locked."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._entries: OrderedDict[str, Known] = OrderedDict()  # by text; the newest last
        self._nbytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        return self._nbytes

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, text: str) -> Match | None:
        """The entry that shares the longest prefix with `text`; None where none shares any."""
        with self._lock:
            candidates = list(reversed(self._entries.values()))
        best: Match | None = None
        longest = 0
        for known in candidates:
            if longest == len(text):
                break
            # To be longer than the best, it must agree at the first character beyond it as well.
            if longest >= len(known.text) or known.text[longest] != text[longest]:
                continue
            common = common_prefix(known.text, text)
            if common > longest:
                best, longest = Match(known, common), common
        return best

    def add(self, known: Known, match: Match | None) -> None:
        """Keep `known`, in place of what it was found to go on from (`match`)."""
        if known.nbytes > self._limit:
            return
        with self._lock:
            if match is not None and len(match.known.text) - match.common < _SHORT_TAIL:
                self._drop(match.known.text)
            self._drop(known.text)
            self._entries[known.text] = known
            self._nbytes += known.nbytes
            while self._nbytes > self._limit:
                self._drop(next(iter(self._entries)))

    def _drop(self, text: str) -> None:
        gone = self._entries.pop(text, None)
        if gone is not None:
            self._nbytes -= gone.nbytes


def common_prefix(a: str, b: str) -> int:
    """How many leading characters two texts share: slices that double, then halves of the last."""
    limit = min(len(a), len(b))
    same, stride = 0, _FIRST_STRIDE
    while same < limit:
        end = min(same + stride, limit)
        if a[same:end] == b[same:end]:
            same, stride = end, stride * 2
            continue
        low, high = same, end  # a[:low] is equal, a[:high] is not
        while high - low > 1:
            middle = (low + high) // 2
            if a[low:middle] == b[low:middle]:
                low = middle
            else:
                high = middle
        return low
    return limit
