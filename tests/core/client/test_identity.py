"""Which server it is, from what it says of itself; and which model to ask."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.health_body import HealthBody, parse_health
from llmx.core.client.identity import Identity, choose_model, identify, identity_of
from llmx.core.errors import ConfigError
from tests.core.client.raw import sending
from tests.core.server.support import house

STATIC = b'HTTP/1.0 200 OK\r\nserver: BaseHTTP/0.6 Python/3.11\r\n\r\n{"status": "ok"}'


def identity(health: Any = None, *owners: str, server: str = "uvicorn") -> Identity:
    models = tuple({"id": f"m{i}", "owned_by": owner} for i, owner in enumerate(owners))
    return identity_of(Answer(200, health, {"server": server}, 0.0), models)


def test_our_server_tells_who_it_is_and_how_to_go_past_its_cache() -> None:
    async def ask(url: str) -> Identity:
        async with ChatClient(url) as client:
            return await identify(client)

    with house(["x"]) as server:
        found = asyncio.run(ask(server.url))
    assert (found.kind, found.model_ids, found.bypass) == ("llmx", ("scripted",), {"cache": False})
    assert found.version is not None
    assert found.health is not None
    assert found.health.cache is not None


def test_a_server_whose_list_of_models_breaks_off_has_none() -> None:
    """mlx_lm.server does so on a machine without a hub cache."""

    async def ask(url: str) -> Identity:
        async with ChatClient(url) as client:
            return await identify(client)

    with sending(STATIC) as url:
        found = asyncio.run(ask(url))
    assert (found.kind, found.model_ids, found.bypass) == ("mlx_lm.server", None, None)


@pytest.mark.parametrize(
    ("owners", "kind"),
    [(("vllm",), "vLLM"), (("llamacpp",), "llama.cpp"), (("library", "library"), "Ollama")],
)
def test_the_owner_of_the_models_names_the_server(owners: tuple[str, ...], kind: str) -> None:
    assert identity(None, *owners).kind == kind


def test_what_is_not_known_stays_unknown() -> None:
    assert identity({"status": "ok"}).kind is None
    assert identity(None, "somebody").kind is None
    assert identity(None, "vllm", "library").kind is None
    assert identity(None, "vllm").bypass is None


def test_a_static_health_alone_does_not_make_a_server_ours() -> None:
    assert identity({"status": "ok", "server": "other"}).kind is None
    assert identity({"status": "ok"}, server="BaseHTTP/0.6 Python/3.12").kind == "mlx_lm.server"


def test_the_only_model_is_taken_and_of_several_one_is_asked_for() -> None:
    assert choose_model(identity(None, "a"), None) == "m0"
    assert choose_model(identity(None), None) is None
    assert choose_model(identity(None, "a", "b"), "mine") == "mine"
    with pytest.raises(ConfigError, match=r"lists 7 models; .*--model: m0, m1, m2, m3, m4, …"):
        choose_model(identity(None, *"abcdefg"), None)


def test_mlx_lm_server_lists_what_is_on_disk_so_its_own_choice_is_taken() -> None:
    found = identity({"status": "ok"}, "a", "b", server="BaseHTTP/0.6")
    assert choose_model(found, None) is None


@pytest.mark.parametrize("body", [None, [], "ok", 3])
def test_a_health_body_that_is_no_object_says_nothing(body: Any) -> None:
    assert parse_health(body) is None


def test_fields_of_a_wrong_type_are_unknown_and_the_others_stay() -> None:
    body = {
        "status": ["ok"],
        "engine": {"running": "three", "queued": 2, "steps": None, "new": 1},
        "cache": "on",
        "model": {"blas_advice": "get a fast one"},
    }
    said = parse_health(body)
    assert said is not None
    assert (said.status, said.cache, said.advice) == (None, None, "get a fast one")
    assert said.engine is not None
    assert (said.engine.running, said.engine.queued, said.engine.steps) == (None, 2, None)
    assert HealthBody().advice is None
