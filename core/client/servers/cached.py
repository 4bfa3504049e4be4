"""The cached tokens of one answer, in the words of whichever server: unknown is not zero."""

from __future__ import annotations

from llmx.core.client.servers.base import ServerKind, dig
from llmx.core.client.tolerant import count_of
from llmx.core.types import Json


def cached_tokens(kind: ServerKind, body: Json) -> int | None:
    """Of a whole answer, or of the last event of a stream; None: it does not say.

    Where a kind leaves the field out for zero, an answer with usage and without the field is 0.
    """
    for path in kind.cached:
        found = dig(body, path)
        if found is not None:
            return count_of(found)
    has_usage = isinstance(dig(body, ("usage",)), dict)
    return 0 if kind.absent_is_zero and has_usage else None
