"""Which server answers at a URL, and which of its models to ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.client.health_body import HealthBody, parse_health
from llmx.core.client.servers import choose, generic, mlx_lm
from llmx.core.client.servers.base import Clues, ServerKind
from llmx.core.errors import ConfigError, Unreachable
from llmx.core.types import Json


@dataclass(frozen=True, slots=True)
class Identity:
    kind: str | None  # None: unknown
    version: str | None
    model_ids: tuple[str, ...] | None  # None: it lists none
    health: HealthBody | None
    server: ServerKind = generic.KIND  # what is known of servers of this kind
    clues: Clues = field(default_factory=Clues)  # what it was known by

    @property
    def bypass(self) -> dict[str, Json] | None:
        """The body fields that make a request neither read nor fill the cache; None: unknown."""
        return dict(self.server.bypass) if self.server.bypass is not None else None


async def identify(client: ChatClient, *, deadline_s: float | None = None) -> Identity:
    """Ask `/health` and `/v1/models`.

    Raises `Unreachable`, and `HttpError` where the server wants an API key.
    """
    health = await client.health_json(deadline_s=deadline_s)
    return identity_of(health, await list_models(client, deadline_s=deadline_s))


async def list_models(
    client: ChatClient, *, deadline_s: float | None = None
) -> tuple[Json, ...] | None:
    """None where the server has no such list. Raises `HttpError` where it wants an API key."""
    try:
        return tuple(await client.models(deadline_s=deadline_s))
    except HttpError as error:
        if error.asks_for_key:
            raise
        return None
    except Unreachable:  # mlx_lm.server breaks off where no hub cache exists; who is gone stays so
        return None


def identity_of(health: Answer, models: tuple[Json, ...] | None) -> Identity:
    clues = Clues(health, models)
    server, said = choose.recognise(clues), parse_health(health.body)
    return Identity(
        kind=server.name,
        version=said.version if said is not None else None,
        model_ids=tuple(model["id"] for model in models) if models is not None else None,
        health=said,
        server=server,
        clues=clues,
    )


async def identify_further(
    client: ChatClient, identity: Identity, *, deadline_s: float | None = None
) -> Identity:
    """Where the kind or the version is not known, ask the metrics and the version's page, too.

    Who does not answer them is known by what it said before.
    """
    if identity.kind is not None and identity.version is not None:
        return identity
    found = await choose.ask(client, identity.clues, deadline_s=deadline_s)
    return replace(
        identity,
        kind=found.kind.name,
        version=found.version or identity.version,
        server=found.kind,
        clues=found.clues,
    )


def choose_model(identity: Identity, asked: str | None) -> str | None:
    """What to send as `model`; None: send none, the server has one. Raises `ConfigError`."""
    if asked is not None:
        return asked
    if identity.kind == mlx_lm.NAME:  # lists what the disk holds, not what is loaded
        return None
    ids = identity.model_ids or ()
    if len(ids) > 1:
        shown = ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
        raise ConfigError(f"the server lists {len(ids)} models; choose with --model: {shown}")
    return ids[0] if ids else None
