"""What there is to know of a kind of server: how it is recognised, and where its cache shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from llmx.core.client.chat import Answer
from llmx.core.types import Json

Path = tuple[str, ...]  # of keys into a JSON object

CHAT: Path = ("usage", "prompt_tokens_details", "cached_tokens")
RESPONSES: Path = ("usage", "input_tokens_details", "cached_tokens")
MESSAGES: Path = ("usage", "cache_read_input_tokens")
STANDARD = (CHAT, RESPONSES, MESSAGES)  # the three APIs; no body has two of them

Meaning = Literal[
    "queried tokens",  # prompt tokens that were looked up
    "cached tokens",  # of them, those that were not computed again
    "computed tokens",
    "hits",  # requests
    "misses",
    "requests",
]


@dataclass(frozen=True, slots=True)
class Counter:
    """A name in `/metrics`, to be read before and after: see `metrics.delta`."""

    name: str
    means: Meaning


@dataclass(frozen=True, slots=True)
class Call:
    """A request that changes the server's state."""

    method: Literal["POST", "DELETE"]
    path: str
    needs: str | None = None  # what must be so for it to work, in words


@dataclass(frozen=True, slots=True)
class Clues:
    """What a server says of itself; what is not here was not asked, or not answered."""

    health: Answer | None = None
    models: tuple[Json, ...] | None = None  # objects with an id
    pages: Mapping[str, Answer] = field(default_factory=dict)  # by path; only those with status 2xx

    @property
    def owner(self) -> str | None:
        """`owned_by` of its models, where all of them have the same."""
        owners = {model.get("owned_by") for model in self.models or ()}
        owner = owners.pop() if len(owners) == 1 else None
        return owner if isinstance(owner, str) else None

    @property
    def said(self) -> Mapping[str, Json]:
        """The object that `/health` answers; empty where it does not."""
        body = self.health.body if self.health is not None else None
        return body if isinstance(body, dict) else {}

    @property
    def header(self) -> str:
        """The `Server` header of `/health`."""
        return self.health.headers.get("server", "") if self.health is not None else ""

    @property
    def metrics(self) -> str:
        page = self.pages.get("/metrics")
        return page.text if page is not None else ""

    def find(self, page: str, *keys: str) -> Json:
        """The value at the keys of a page's object; None: there is none."""
        answer = self.pages.get(page)
        return dig(answer.body, keys) if answer is not None else None

    def version_at(self, page: str, *keys: str) -> str | None:
        found = self.find(page, *keys)
        return found if isinstance(found, str) and found else None


def dig(body: Json, keys: Path) -> Json:
    """The value at the keys of an object; None: there is none."""
    for key in keys:
        if not isinstance(body, dict):
            return None
        body = body.get(key)
    return body


def _none(clues: Clues) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class ServerKind:
    """Knowledge from outside: nothing of it is asked of the server at hand; unknown is None."""

    name: str | None  # None: of unknown kind
    recognises: Callable[[Clues], bool]
    version: Callable[[Clues], str | None] = _none
    version_page: str | None = None  # to be asked before `version` can say anything
    cached: tuple[Path, ...] = STANDARD  # where an answer counts cached tokens
    absent_is_zero: bool = False  # the field is left out where nothing was reused
    counters: tuple[Counter, ...] = ()
    counts_nothing: str | None = None  # a line of its metrics that says: these counters stay 0
    clear: tuple[Call, ...] = ()  # all of them, in this order
    salt: str | None = None  # the field of a body that separates caches
    bypass: Mapping[str, Json] | None = None  # fields that go past the cache; None: unknown
    reports_with: str | None = None  # the option without which it counts no cached tokens
    traps: tuple[str, ...] = ()  # what else a test should know; for people
