"""One look at a server: is it able to answer, right now, and if not, why.

A port that answers proves nothing, `/health` proves little: the proof is a token that the model
really made (the canary). Nothing here starts, loads or ends anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.failures import HttpError, TimedOut
from llmx.core.client.health_body import EngineSaid, parse_health
from llmx.core.client.identity import Identity, choose_model, identity_of, list_models
from llmx.core.errors import ConfigError, Unreachable
from llmx.core.supervise.layers import (
    EXIT_CODES,
    NO_KEY,
    WORST_FIRST,
    Condition,
    Layer,
    cache_layer,
    canary_layer,
    engine_layer,
    http_layer,
    late_canary,
    refused_canary,
)
from llmx.core.supervise.port_owner import owner_of
from llmx.core.types import Json

DEADLINE_S = 10.0  # for the canary; a busy server's first token may take some seconds
LAYER_S = 2.0  # for every other layer: they do not touch the engine
POLL_S = 1.0  # between two looks of `wait_until_ready`
VERSION = 1
STATUS: dict[Condition, str] = {
    "healthy": "pass",
    "degraded": "warn",
    "not ready": "fail",
    "unreachable": "fail",
    "hung": "fail",
}
CANARY = ({"role": "user", "content": "Say OK."},)


@dataclass(frozen=True, slots=True)
class HealthReport:
    url: str
    at: float  # wall clock, seconds
    server: Identity | None  # None: it was not asked
    model: str | None  # the one that the canary asked for
    layers: tuple[Layer, ...]

    @property
    def condition(self) -> Condition:
        """The worst of what the layers mean."""
        found = {layer.means for layer in self.layers}
        return next(one for one in WORST_FIRST if one in found)

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.condition]

    def to_json(self) -> Json:
        """In the shape of `application/health+json`, with our own fields beside it."""
        server = self.server
        return {
            "v": VERSION,
            "command": "health",
            "status": STATUS[self.condition],
            "condition": self.condition,
            "exit_code": self.exit_code,
            "sentence": self.sentence,
            "url": self.url,
            "time": datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds"),
            "server": {
                "kind": server.kind if server else None,
                "version": server.version if server else None,
            },
            "model": self.model,
            "checks": {layer.name: layer.to_json() for layer in self.layers},
        }

    @property
    def sentence(self) -> str:
        """The condition and what it rests on; warnings stay visible beside a good one."""
        decisive = next(layer for layer in self.layers if layer.means == self.condition)
        warnings = sum(layer.state == "WARN" for layer in self.layers)
        if self.condition != "healthy":
            return f"{self.condition}: {decisive.evidence}"
        return "healthy" + (f", {warnings} warning{'s' * (warnings > 1)}" if warnings else "")


async def check(
    url: str,
    *,
    deadline_s: float = DEADLINE_S,
    api_key: str | None = None,
    model: str | None = None,
) -> HealthReport:
    """Ask each layer once, from the port to a token; the canary may take `deadline_s`.

    Raises `ConfigError` for a bad URL, a missing API key, or where a model has to be chosen.
    """
    async with ChatClient(url, api_key, connect_s=LAYER_S) as client:
        look = _Look(client, deadline_s, model)
        layers = [layer async for layer in look.layers()]
        return HealthReport(
            client.target.base, time.time(), look.identity, look.model, tuple(layers)
        )


async def wait_until_ready(
    url: str,
    *,
    limit_s: float,
    deadline_s: float = DEADLINE_S,
    api_key: str | None = None,
    model: str | None = None,
) -> HealthReport:
    """`check` again and again until it is healthy or degraded, or the limit; the last report."""
    end = time.monotonic() + limit_s
    while True:
        report = await check(url, deadline_s=deadline_s, api_key=api_key, model=model)
        left_s = end - time.monotonic()
        if report.condition in ("healthy", "degraded") or left_s <= 0:
            return report
        await asyncio.sleep(min(POLL_S, left_s))


class _Look:
    """The layers of one check, in order; each ends the look where the next cannot be asked."""

    def __init__(self, client: ChatClient, deadline_s: float, model: str | None) -> None:
        self._client = client
        self._deadline_s = deadline_s
        self.model = model
        self.identity: Identity | None = None

    async def layers(self) -> AsyncIterator[Layer]:
        reachable = await self._reachable()
        yield reachable
        if reachable.state == "FAIL":
            return
        http, answer = await self._http()
        yield http
        if answer is None:
            return
        self.identity = identity_of(answer, None)  # one that is loading says who it is, too
        if answer.status == 503:
            return
        yield await self._model(answer)
        yield await self._canary(answer)
        health = parse_health(answer.body)
        yield engine_layer(health)
        yield cache_layer(health)

    async def _reachable(self) -> Layer:
        """Whether anybody accepts a connection, and who, where the system tells it."""
        target, begun = self._client.target, time.perf_counter()
        place = f"{target.host}:{target.port}"
        try:
            async with asyncio.timeout(LAYER_S):
                _, writer = await asyncio.open_connection(target.host, target.port)
                writer.close()
                await writer.wait_closed()
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            why = _connect_reason(error)
            return Layer(
                "reachable",
                "FAIL",
                f"nobody answers at {place}: {why}",
                fix="start it: llmx serve" if target.is_loopback else "check the host and the port",
                means="unreachable",
            )
        owner = owner_of(target.port) if target.is_loopback else None
        who = f", {owner}" if owner else ""
        return Layer(
            "reachable",
            "OK",
            f"{place} accepts connections{who}",
            took_s=time.perf_counter() - begun,
        )

    async def _http(self) -> tuple[Layer, Answer | None]:
        """The status of `/health`, or of `/v1/models` where there is none."""
        try:
            answer = await self._client.health_json(deadline_s=LAYER_S)
            path = "/health"
            if answer.status in (404, 405):
                answer = await self._client.get("/v1/models", deadline_s=LAYER_S)
                path = "/v1/models"
        except TimedOut as error:
            fix = "it may still be loading (try --wait 120); a stopped or hung server must be ended"
            return Layer("http", "FAIL", f"{error}", fix=fix, means="hung"), None
        except Unreachable as error:
            fix = "look whether another program has this port"
            return Layer("http", "FAIL", str(error), fix=fix, means="unreachable"), None
        if answer.status in (401, 403):
            raise ConfigError(f"GET {path} answered HTTP {answer.status}: {NO_KEY}")
        return http_layer(path, answer), answer

    async def _model(self, health: Answer) -> Layer:
        begun = time.perf_counter()
        try:
            listed = await list_models(self._client, deadline_s=LAYER_S)
        except HttpError as error:
            raise ConfigError(f"{error}; {NO_KEY}") from error
        self.identity = identity_of(health, listed)
        self.model = choose_model(self.identity, self.model)
        took_s = time.perf_counter() - begun
        ids = self.identity.model_ids
        if ids is None:
            return Layer("model", "UNKNOWN", "the server lists no models")
        if not ids:
            fix = "load a model in the server"
            return Layer("model", "WARN", "the list of models is empty", fix=fix, took_s=took_s)
        return Layer("model", "OK", ", ".join(ids), took_s=took_s)

    async def _canary(self, before: Answer) -> Layer:
        try:
            reply = await self._client.chat(
                CANARY, max_tokens=1, model=self.model, deadline_s=self._deadline_s
            )
        except TimedOut:
            return late_canary(_engine(before), _engine(await self._health()), self._deadline_s)
        except Unreachable as error:
            fix = "the server died or broke off; read its log"
            return Layer("canary", "FAIL", str(error), fix=fix, means="unreachable")
        except HttpError as error:
            return refused_canary(error)
        return canary_layer(reply, _engine(before), _engine(await self._health()))

    async def _health(self) -> Answer | None:
        """What `/health` says after the canary; None: nothing any more."""
        try:
            return await self._client.health_json(deadline_s=LAYER_S)
        except Unreachable:
            return None


def _engine(answer: Answer | None) -> EngineSaid | None:
    said = parse_health(answer.body) if answer is not None else None
    return said.engine if said is not None else None


def _connect_reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection within {LAYER_S:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, UnicodeError):
        return "the name is no host name"
    if error.strerror:
        return error.strerror
    return "none of its addresses accepts a connection"  # asyncio joins the reasons of several
