"""Request bodies, each told by what it does not share with an earlier one.

A conversation repeats almost all of its last request. So a new body is compared with the kept one
that begins like it, and only what stands between their common beginning and their common end is
new. Where bodies are JSON strings, as in llmx traces, only that is unescaped.
"""

from __future__ import annotations

import msgspec

from llmx.core.trace.similar import Kept, Recent, Similar

STEP = 512  # bytes that a place to cut is looked for
# None of these is a part of an escape in JSON, or of a character in UTF-8: text can be cut behind
# each, and before each.
EDGES = frozenset(b",{}[]: ")


class Mark:
    """Stands for a body as long as it is kept. `known` and `logged` are its readers': what they
    found there, and where they put it."""

    __slots__ = ("known", "logged")

    def __init__(self) -> None:
        self.known: object = None
        self.logged: object = None


class Body(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A request body: the first `head` bytes of the body `like`, `inside`, and what that one has
    from byte `tail` on. Where `like` is None, `inside` is all of it."""

    mark: Mark
    like: Mark | None
    head: int
    inside: bytes
    tail: int
    source: bytes  # as it was recorded
    is_escaped: bool  # `source` is a JSON string

    @property
    def data(self) -> bytes:
        """All of the body."""
        if self.like is None:
            return self.inside
        return _Text.decoded(self.source) if self.is_escaped else self.source


class _Known(msgspec.Struct, frozen=True, eq=False):
    """`places`: offsets in the source, and how many bytes of the body stand before each."""

    mark: Mark
    places: tuple[tuple[int, int], ...]


class _Text:
    _decode = msgspec.json.Decoder(str).decode

    @classmethod
    def decoded(cls, quoted: bytes) -> bytes:
        return cls._decode(quoted).encode("utf-8")


class Bodies:
    """Makes bodies of one trace, in any order; keeps the last of each conversation."""

    def __init__(self) -> None:
        self._escaped: Recent[_Known] = Recent()
        self._plain: Recent[_Known] = Recent()

    def plain(self, data: bytes) -> Body:
        """The body that was recorded as it is."""
        return self._made(data, self._plain, is_escaped=False)

    def escaped(self, quoted: bytes) -> Body:
        """The body that a JSON string says. Raises `ValueError` where it is not a valid one."""
        return self._made(quoted, self._escaped, is_escaped=True)

    def _made(self, source: bytes, recent: Recent[_Known], *, is_escaped: bool) -> Body:
        keys = recent.keys(source)
        similar = recent.find(source, keys)
        made = None if similar is None else _between(source, similar, is_escaped)
        if made is None:
            mark = Mark()
            says = _Text.decoded(source) if is_escaped else source
            edge = 1 if is_escaped else 0
            places = ((edge, 0), (len(source) - edge, len(says)))
            made = _Known(mark, places), Body(mark, None, 0, says, 0, source, is_escaped)
        known, body = made
        recent.keep(source, known, keys, similar)
        return body


def _between(
    source: bytes, similar: Similar[_Known], is_escaped: bool
) -> tuple[_Known, Body] | None:
    """None: too little is shared to be worth it, or there is no place to cut."""
    kept = similar.kept
    length = len(source)
    begin = _edge(source, similar.prefix, -1)
    if begin <= 0 or (is_escaped and not source.endswith(b'"')):
        return None
    end = _edge(source, length - similar.suffix, 1)
    if end < begin:  # none found: all behind the beginning is new, the quote stands alone
        end = length - 1 if is_escaped else length
    tail_at = len(kept.data) - (length - end)
    if tail_at < begin:
        return None
    head, tail = (_said(kept, at, is_escaped) for at in (begin, tail_at))
    inside = source[begin:end]
    if is_escaped:
        inside = _Text.decoded(b'"%s"' % inside)
    mark = Mark()
    at = head + len(inside)
    last, total = kept.value.places[-1]
    places = (
        kept.value.places[0],
        (begin, head),
        (end, at),
        (last + length - len(kept.data), at + total - tail),
    )
    body = Body(mark, kept.value.mark, head, inside, tail, source, is_escaped)
    return _Known(mark, places), body


def _edge(source: bytes, at: int, step: int) -> int:
    """The next place from `at` on (or back) that can be cut; -1: none near."""
    for place in range(at, min(max(at + step * STEP, 0), len(source)), step):
        if source[place - 1 if step < 0 else place] in EDGES:
            return place
    return -1


def _said(kept: Kept[_Known], at: int, is_escaped: bool) -> int:
    """The bytes of the body before `at`, counted from the nearest place that is known."""
    if not is_escaped:
        return at
    place, before = kept.value.places[0]
    for other, said in kept.value.places:
        if abs(other - at) < abs(place - at):
            place, before = other, said
    if place <= at:
        return before + len(_Text.decoded(b'"%s"' % kept.data[place:at]))
    return before - len(_Text.decoded(b'"%s"' % kept.data[at:place]))
