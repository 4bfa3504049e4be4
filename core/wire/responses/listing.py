"""A page of the items that a response was made of, and what is said of a deleted one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmx.core.errors import RequestError
from llmx.core.types import Json
from llmx.core.wire.responses.items import Item

LIMIT = 20  # items of a page, unless asked otherwise
MOST = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for. `after` and `before` are ids of items."""

    limit: int = LIMIT
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


def page_of(items: Sequence[Item], page: Page) -> Json:
    """Raises `RequestError` for an id that none of the items has."""
    ordered = list(items) if page.order == "asc" else list(reversed(items))
    if page.after is not None:
        ordered = ordered[_place(ordered, page.after, "after") + 1 :]
    if page.before is not None:
        ordered = ordered[: _place(ordered, page.before, "before")]
    # Nearest to where the client was: after it, its beginning; before it, its end.
    is_backwards = page.before is not None and page.after is None
    shown = ordered[-page.limit :] if is_backwards else ordered[: page.limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else "",
        "last_id": shown[-1]["id"] if shown else "",
        "has_more": len(shown) < len(ordered),
    }


def deleted_body(identity: str) -> Json:
    return {"id": identity, "object": "response", "deleted": True}


def _place(ordered: Sequence[Item], identity: str, param: str) -> int:
    """The last place, where a client has given several items one id: so that a reader of pages
    always comes further."""
    for at in reversed(range(len(ordered))):
        if ordered[at]["id"] == identity:
            return at
    raise RequestError(
        f"{param}: this response has no input item {identity[:80]!r}.",
        param=param,
        code="item_not_found",
    )
