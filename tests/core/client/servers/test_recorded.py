"""What real servers sent, byte for byte: each is recognised, and read as what it did.

A recording holds the pages before and after four prompts of 650 tokens that begin alike: two
streamed, two whole. docs/testing-a-cache.md says which servers, and what was found.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from llmx.core.client.chat import ChatClient
from llmx.core.client.identity import Identity, identify, identify_further
from llmx.core.client.reply import Reply
from llmx.core.client.servers.metrics import deltas
from tests.serving import running

RECORDED = Path(__file__).parent / "recorded"
CACHED: dict[str, list[int | None]] = {"mlx-openai-server": [0, 639, 648, 648]}
"""Of those that count: streamed twice, whole twice."""
SAID = [{"role": "user", "content": "hi"}]


def recording(name: str) -> dict[str, Any]:
    return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))


def heard(name: str) -> tuple[Identity, list[Reply]]:
    """What our client makes of a recording that is played on a real socket."""
    played = recording(name)
    streams = [one for one in played["answers"] if one["is_stream"]]
    wholes = [one for one in played["answers"] if not one["is_stream"]]

    def reply(said: dict[str, Any]) -> Response:
        return Response(said["body"], said["status"], headers=said["headers"])

    async def page(request: Request) -> Response:
        said = played["pages"].get(request.url.path)
        return reply(said) if said is not None else Response("", 404)

    async def chat(request: Request) -> Response:
        return reply((streams if (await request.json()).get("stream") else wholes).pop(0))

    async def ask(url: str) -> tuple[Identity, list[Reply]]:
        async with ChatClient(url) as client:
            known = await identify_further(client, await identify(client))
            is_streams = [True] * len(streams) + [False] * len(wholes)
            return known, [
                await client.chat(SAID, max_tokens=1, stream=is_stream) for is_stream in is_streams
            ]

    routes = [
        Route("/v1/chat/completions", chat, methods=["POST"]),
        Route("/{path:path}", page),
    ]
    with running(Starlette(routes=routes)) as url:
        return asyncio.run(ask(url))


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDED.glob("*.json")))
def test_a_real_server_is_recognised_and_silence_is_not_read_as_zero(name: str) -> None:
    known, replies = heard(name)
    assert known.kind == recording(name)["server"]
    assert [reply.cached_tokens for reply in replies] == CACHED.get(name, [None] * 4)
    counted = 649 if name != "llama-cpp-python" else None  # its streams have no usage
    assert [reply.prompt_tokens for reply in replies] == [counted, counted, 649, 649]


@pytest.mark.parametrize(
    ("name", "grown"),
    [
        # It reused what its streams shared, and says of its other cache that there is none.
        ("vllm-mlx-simple", {"cached tokens": None, "hits": None, "misses": None}),
        # Two of the three were computed anew: the whole prompts equal the streamed ones.
        ("vllm-mlx-batched", {"cached tokens": 1937.0, "hits": 3.0, "misses": 1.0}),
        ("llama-cpp-python", {}),
        ("mlx-openai-server", {}),
    ],
)
def test_the_counters_of_real_servers(name: str, grown: dict[str, float | None]) -> None:
    known, _ = heard(name)
    pages = recording(name)["pages"]
    texts = [pages[page]["body"] for page in ("/metrics", "/metrics after")]
    assert deltas(known.server, *texts) == grown
