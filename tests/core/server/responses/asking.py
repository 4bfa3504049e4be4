"""Create a response on a server under test, and look at what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx

from llmx.core.engine.scripted import Gate
from tests.core.server.support import House
from tests.serving import eventually

PATH = "/v1/responses"

Body = dict[str, Any]


def post(server: House, **body: Any) -> httpx.Response:
    return httpx.post(server.url + PATH, json={"input": "Hi", **body}, timeout=60)


def created(server: House, **body: Any) -> Body:
    """The Response object of a request that is taken."""
    answer = post(server, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def get(server: House, id: str, **query: Any) -> httpx.Response:
    return httpx.get(f"{server.url}{PATH}/{id}", params=query, timeout=60)


def told(server: House, id: str, **query: Any) -> list[Body]:
    """The events of a response that is asked for again, to their end."""
    answer = get(server, id, stream="true", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    return events_of(answer.text)


def events_of(text: str) -> list[Body]:
    assert text.endswith("data: [DONE]\n\n"), text[-200:]
    lines = text.splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def cancel(server: House, id: str) -> httpx.Response:
    return httpx.post(f"{server.url}{PATH}/{id}/cancel", timeout=60)


def delete(server: House, id: str) -> httpx.Response:
    return httpx.delete(f"{server.url}{PATH}/{id}", timeout=60)


def over(server: House, id: str) -> Body:
    """The Response object once it has ended."""
    seen: list[Body] = []

    def has_ended() -> bool:
        seen.append(get(server, id).json())
        return seen[-1]["status"] not in ("queued", "in_progress")

    eventually(has_ended)
    return seen[-1]


def refusal(answer: httpx.Response) -> tuple[int, str | None, str | None]:
    """Status, param and code of a typed error."""
    error = answer.json()["error"]
    assert error["message"]
    assert error["type"] == "invalid_request_error"
    return answer.status_code, error["param"], error["code"]


def texts(items: Sequence[Body]) -> list[str]:
    return [part["text"] for item in items for part in item.get("content") or ()]


def background(server: House, gate: Gate, **body: Any) -> str:
    """The id of a response whose engine stands at the gate."""
    id = created(server, background=True, **body)["id"]
    assert gate.reached.wait(20)
    return id
