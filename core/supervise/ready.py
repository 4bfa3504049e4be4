"""Whether a server that was just started takes requests, by what it answers to a GET."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from llmx.core.client.chat import Answer, ChatClient
from llmx.core.client.health_body import parse_health
from llmx.core.errors import Unreachable

Probe = Callable[[str], Awaitable[str | None]]  # of a URL: None, or what it still waits for

PATHS = ("/health", "/v1/models")  # the second where there is no first


async def answers(url: str) -> str | None:
    """None where `/health`, or in its absence `/v1/models`, says yes, or wants an API key.

    That much every server here knows; a model that is loaded at the first request is loaded then.
    """
    async with ChatClient(url) as client:
        waits_for = "it was asked nothing"
        for path in PATHS:
            try:
                answer = await client.get(path)
            except Unreachable as error:
                return str(error)
            if answer.is_ok or answer.status in (401, 403):
                return None
            waits_for = _said(path, answer)
            if answer.status not in (404, 405):
                break
    return waits_for


def _said(path: str, answer: Answer) -> str:
    said = parse_health(answer.body)
    status = f" ({said.status})" if said is not None and said.status else ""
    return f"GET {path} answers HTTP {answer.status}{status}"
