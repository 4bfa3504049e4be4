"""Each kind of server by what it says of itself, and what its answers and counters mean."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.chat_transcript import ChatTranscript
from llmx.core.client.servers import generic, llama_cpp, ollama, rapid_mlx, vllm, vllm_mlx
from llmx.core.client.servers.base import Clues, Counter, Path, ServerKind, dig
from llmx.core.client.servers.cached import cached_tokens
from llmx.core.client.servers.choose import KINDS, Recognised, ask, recognise
from llmx.core.client.servers.metrics import delta, deltas, parse
from tests.core.client.raw import nobody
from tests.serving import running


def clues(
    owner: str | None = None, health: Any = None, header: str = "uvicorn", metrics: str = ""
) -> Clues:
    models = ({"id": "m", "owned_by": owner, "permissions": []},) if owner else None
    pages = {"/metrics": Answer(200, None, {}, 0.0, metrics)} if metrics else {}
    return Clues(Answer(200, health, {"server": header}, 0.0), models, pages)


@pytest.mark.parametrize(
    ("seen", "name"),
    [
        (clues("llmx", {"server": "llmx", "version": "1"}), "llmx"),
        (clues(health={"status": "ok"}, header="BaseHTTP/0.6 Python/3.12"), "mlx_lm.server"),
        (clues("vllm-mlx"), "vllm-mlx"),
        (clues("rapid-mlx"), "Rapid-MLX"),
        (clues("vllm-mlx", metrics='rapid_mlx_build_info{a="1"} 1\n'), "Rapid-MLX"),
        (clues("x", {"status": "ok", "model_id": "m", "model_status": "up"}), "mlx-openai-server"),
        (clues("omlx"), "oMLX"),
        (clues("organization_owner"), "LM Studio"),
        (clues("llamacpp"), "llama.cpp"),
        (clues(header="llama.cpp"), "llama.cpp"),
        (clues("me"), "llama-cpp-python"),
        (clues("library"), "Ollama"),
        (clues("vllm"), "vLLM"),
        (clues(metrics="# HELP x\nvllm:num_requests_running 0\n"), "vLLM"),
        (clues("sglang"), "SGLang"),
        (clues("somebody", {"status": "ok"}), None),
        (clues(health={"status": "ok", "server": "other"}), None),
        (Clues(), None),
    ],
)
def test_a_server_is_known_by_what_it_says(seen: Clues, name: str | None) -> None:
    assert recognise(seen).name == name


def test_models_of_several_owners_say_nothing() -> None:
    both = ({"id": "a", "owned_by": "vllm"}, {"id": "b", "owned_by": "library"})
    assert recognise(Clues(models=both)) is generic.KIND


def test_every_kind_has_a_name_of_its_own() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) == 12
    assert None not in names


# ── what is asked ─────────────────────────────────────────────────────────────────────────────


def asked(pages: dict[str, Response], seen: Clues) -> tuple[Recognised, list[str]]:
    paths: list[str] = []

    async def page(request: Request) -> Response:
        paths.append(request.url.path)
        return pages.get(request.url.path, JSONResponse({"error": "no such page"}))

    async def look(url: str) -> Recognised:
        async with ChatClient(url) as client:
            return await ask(client, seen)

    with running(Starlette(routes=[Route("/{path:path}", page)])) as url:
        return asyncio.run(look(url)), paths


def test_the_version_is_asked_where_its_kind_has_it() -> None:
    found, paths = asked({"/api/version": JSONResponse({"version": "0.33"})}, clues("library"))
    assert (found.kind, found.version) == (ollama.KIND, "0.33")
    assert paths == ["/metrics", "/api/version"]


def test_metrics_tell_who_it_is_where_nothing_else_does() -> None:
    page = PlainTextResponse("rapid_mlx_prefix_cache_hits_total 3\n")
    found, paths = asked({"/metrics": page}, clues("vllm-mlx"))
    assert (found.kind, found.version, paths) == (rapid_mlx.KIND, None, ["/metrics"])


def test_a_page_with_an_error_and_status_200_is_none() -> None:
    found, _ = asked({}, clues("organization_owner"))
    assert (found.kind.name, dict(found.clues.pages)) == ("LM Studio", {})


def test_one_that_goes_away_is_known_by_what_it_said() -> None:
    async def look(url: str) -> Recognised:
        async with ChatClient(url) as client:
            return await ask(client, clues("vllm"))

    with nobody() as url:
        found = asyncio.run(look(url))
    assert (found.kind, found.version) == (vllm.KIND, None)


# ── cached tokens ─────────────────────────────────────────────────────────────────────────────


def body(path: Path, value: object) -> Any:
    return value if not path else {path[0]: body(path[1:], value)}


@pytest.mark.parametrize("kind", [*KINDS, generic.KIND], ids=lambda kind: str(kind.name))
def test_each_kind_is_read_in_the_words_of_the_three_apis(kind: ServerKind) -> None:
    for path in kind.cached:
        assert cached_tokens(kind, body(path, 7)) == 7
        assert cached_tokens(kind, body(path, 0)) == 0
        assert cached_tokens(kind, body(path, True)) is None or kind.absent_is_zero
    assert cached_tokens(kind, {}) is None
    assert cached_tokens(kind, None) is None


def test_absent_is_unknown_unless_the_kind_leaves_zero_out() -> None:
    answer = {"usage": {"prompt_tokens": 9}}
    assert cached_tokens(vllm.KIND, answer) is None
    assert cached_tokens(rapid_mlx.KIND, answer) == 0
    assert cached_tokens(rapid_mlx.KIND, {"choices": []}) is None  # no usage, so no word on it


def test_words_of_their_own() -> None:
    assert cached_tokens(llama_cpp.KIND, {"timings": {"cache_n": 5}}) == 5
    assert cached_tokens(llama_cpp.KIND, {"usage": {"cache_read_input_tokens": 5}}) == 5
    assert cached_tokens(ollama.KIND, {"prompt_eval_cached_count": 5}) == 5
    assert cached_tokens(generic.KIND, {"timings": {"cache_n": 5}}) == 5
    assert cached_tokens(generic.KIND, {"prompt_eval_cached_count": 5}) is None
    assert dig({"a": [1]}, ("a", "b")) is None


# ── counters ──────────────────────────────────────────────────────────────────────────────────

PAGE = """# HELP vllm:prefix_cache_hits_total Tokens.
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model="a } b"} 70.0
vllm:prefix_cache_hits_total{engine="1"} 2.0
vllm:prefix_cache_queries_total 1e2 1395066363000
broken{ 3
vllm:ratio NaN
"""


def test_the_series_of_a_name_are_one_number() -> None:
    assert parse(PAGE) == {
        "vllm:prefix_cache_hits_total": 72.0,  # 70 + 2
        "vllm:prefix_cache_queries_total": 100.0,
    }
    assert parse("") == {}


def test_a_counter_grows_is_absent_or_was_reset() -> None:
    counter = Counter("n", "hits")
    assert delta(counter, {"n": 2}, {"n": 5}) == 3
    assert delta(counter, {}, {"n": 5}) == 5  # a series is made at its first use
    assert delta(counter, {"n": 2}, {}) is None
    assert delta(counter, {"n": 5}, {"n": 2}) is None


def test_deltas_are_by_meaning_and_unknown_without_a_first_page() -> None:
    later = PAGE.replace("70.0", "90.0").replace("1e2", "150")
    assert deltas(vllm.KIND, PAGE, later) == {"queried tokens": 50.0, "cached tokens": 20.0}
    assert deltas(vllm.KIND, "", later) == {"queried tokens": None, "cached tokens": None}
    assert set(deltas(vllm_mlx.KIND, PAGE, later).values()) == {None}


@pytest.mark.parametrize(
    ("said", "read"),
    [(7, 7), (7.0, 7), (-1, -1), (1 << 53, 1 << 53), ((1 << 53) + 1, None), (10**400, None)]
    + [(wrong, None) for wrong in (True, "7", 7.5, None)],
)
def test_a_count_is_read_the_same_way_everywhere(said: Any, read: int | None) -> None:
    body = {"choices": [], "usage": {"prompt_tokens_details": {"cached_tokens": said}}}
    heard = ChatTranscript()
    heard.add(json.dumps(body))
    assert heard.counts.cached == read
    assert cached_tokens(vllm.KIND, body) == read
