"""Which kind of server answers, from few questions to it; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.servers import (
    generic,
    llama_cpp,
    llama_cpp_python,
    llmx,
    lm_studio,
    mlx_lm,
    mlx_openai_server,
    ollama,
    omlx,
    rapid_mlx,
    sglang,
    vllm,
    vllm_mlx,
)
from llmx.core.client.servers.base import Clues, ServerKind
from llmx.core.errors import Unreachable

KINDS = (  # the first that knows the clues; who says his name comes before who is guessed
    llmx.KIND,
    rapid_mlx.KIND,
    vllm_mlx.KIND,
    omlx.KIND,
    lm_studio.KIND,
    llama_cpp.KIND,
    llama_cpp_python.KIND,
    ollama.KIND,
    vllm.KIND,
    sglang.KIND,
    mlx_openai_server.KIND,
    mlx_lm.KIND,
)


@dataclass(frozen=True, slots=True)
class Recognised:
    kind: ServerKind
    version: str | None
    clues: Clues


def recognise(clues: Clues) -> ServerKind:
    """The generic one where none knows it."""
    return next((kind for kind in KINDS if kind.recognises(clues)), generic.KIND)


async def ask(client: ChatClient, clues: Clues, *, deadline_s: float | None = None) -> Recognised:
    """Ask the pages that tell more than `clues` already do: metrics, and the version's.

    A server that does not answer one of them is not asked the next, and is known by what it said.
    """
    pages = dict(clues.pages)
    for path in _pages(clues, pages):
        try:
            answer = await client.get(path, deadline_s=deadline_s)
        except Unreachable:
            break
        if answer.is_ok and not _is_error(answer):
            pages[path] = answer
    seen = replace(clues, pages=pages)
    kind = recognise(seen)
    return Recognised(kind, kind.version(seen), seen)


def _pages(clues: Clues, seen: Mapping[str, Answer]) -> Iterator[str]:
    """`seen` grows by what is answered meanwhile: the metrics may tell whose version to ask."""
    yield "/metrics"
    page = recognise(replace(clues, pages=seen)).version_page
    if page is not None:
        yield page


def _is_error(answer: Answer) -> bool:
    """LM Studio answers a page that it does not have with 200 and an error."""
    return isinstance(answer.body, dict) and "error" in answer.body
