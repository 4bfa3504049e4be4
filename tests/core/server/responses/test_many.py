"""Many stored responses and many readers on the program itself, which dies in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.program import Serving, serving

PATH = "/v1/responses"
STORED, READERS, WRITERS = 1000, 100, 16
MOST_ABOVE_IDLE = 300_000_000  # bytes

Bodies = dict[str, Any]  # Response objects by id


class Memory:
    """The largest resident size of a process, seen ten times a second; and that of its idleness."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._is_over = threading.Event()
        self.idle = self.most = self._now()

    def watch(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while not self._is_over.wait(0.1):
                self.most = max(self.most, self._now())

    def end(self) -> None:
        self._is_over.set()

    def _now(self) -> int:
        return self._process.memory_info().rss


@contextmanager
def watched(server: Serving) -> Iterator[Memory]:
    """From the first answer on, which loads what every answer needs."""
    httpx.post(server.url + PATH, json=asked(0), timeout=120).raise_for_status()
    memory = Memory(server.process.pid)
    thread = threading.Thread(target=memory.watch)
    thread.start()
    try:
        yield memory
    finally:
        memory.end()
        thread.join()


def asked(number: int) -> dict[str, Any]:
    """Each of 4 kB, which no other has."""
    text = f"{number} " + " ".join(f"{number * 7919 + at}" for at in range(500))
    metadata = {"number": str(number), "text": text[:500]}
    return {
        "input": f"What is {number}?",
        "instructions": "Be brief.",
        "metadata": metadata | {f"more {at}": text[at * 500 : at * 500 + 500] for at in range(7)},
        "max_output_tokens": 16,
    }


async def write(url: str, numbers: Sequence[int]) -> Bodies:
    """Responses by id, as they were answered."""
    waiting, written = iter(numbers), {}

    async def one(client: httpx.AsyncClient) -> None:
        for number in waiting:
            body = (await client.post(url + PATH, json=asked(number))).raise_for_status().json()
            written[body["id"]] = body

    async with httpx.AsyncClient(timeout=120) as client:
        await asyncio.gather(*(one(client) for _ in range(WRITERS)))
    return written


async def read(url: str, wanted: Bodies) -> None:
    """All of them, as objects and as streams, by readers at once; none may differ."""
    waiting = iter(wanted.items())

    async def one(client: httpx.AsyncClient, is_streamed: bool) -> None:
        for id, body in waiting:
            assert (await client.get(f"{url}{PATH}/{id}")).json() == body
            if is_streamed:
                text = (await client.get(f"{url}{PATH}/{id}", params={"stream": "true"})).text
                last = [line for line in text.splitlines() if line.startswith("data: {")][-1]
                assert json.loads(last[6:])["response"] == body

    limits = httpx.Limits(max_connections=READERS)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        await asyncio.gather(*(one(client, at % 2 == 0) for at in range(READERS)))


@pytest.mark.slow
def test_a_server_that_is_told_to_end_ends_the_background_first(tmp_path: Path) -> None:
    """Of the bundled model, whose text does not end by itself: at the limit, or by the grace."""
    limits = (16, 16_000)
    with serving(state=tmp_path) as server:
        ids = [
            httpx.post(
                server.url + PATH,
                json={"input": "Go on.", "background": True, "max_output_tokens": limit},
                timeout=60,
            ).json()["id"]
            for limit in limits
        ]
        assert server.end(signal.SIGTERM)[0] == 0
    with serving(state=tmp_path) as server:
        short, long = (httpx.get(f"{server.url}{PATH}/{id}", timeout=60).json() for id in ids)
        assert short["status"] in ("incomplete", "completed")
        assert long["status"] in ("failed", "incomplete", "completed")
        if long["status"] == "failed":
            assert long["error"]["code"] == "server_error"
            assert long["output"][0]["content"][0]["text"]  # what it said until then
            again = {"input": "Go on.", "previous_response_id": ids[1], "max_output_tokens": 16}
            assert httpx.post(server.url + PATH, json=again, timeout=60).status_code == 200


@pytest.mark.slow
def test_a_thousand_responses_a_hundred_readers_and_a_server_that_is_killed(tmp_path: Path) -> None:
    """Nothing that was answered is lost, and memory stays within 300 MB of the idle server."""
    args = ("--cache-ram", "64MB", "--no-traces", "--store", "responses.sqlite")
    half = STORED // 2
    with serving(*args, state=tmp_path) as server, watched(server) as memory:
        first = asyncio.run(write(server.url, range(1, half)))
        asyncio.run(read(server.url, first))
        endless = {"input": "Go on.", "background": True, "max_output_tokens": 4000}
        under_way = [
            httpx.post(server.url + PATH, json=endless, timeout=60).json()["id"] for _ in range(3)
        ]
        server.end(signal.SIGKILL)
    assert memory.most - memory.idle <= MOST_ABOVE_IDLE
    with serving(*args, state=tmp_path) as server, watched(server) as memory:
        for id in under_way:
            body = httpx.get(f"{server.url}{PATH}/{id}", timeout=60).json()
            assert body["status"] in ("failed", "completed", "incomplete")
        second = asyncio.run(write(server.url, range(half, STORED)))
        everything = dict(itertools.chain(first.items(), second.items()))
        assert len(everything) == STORED - 1  # one more of each server is not looked at
        asyncio.run(read(server.url, everything))
        chained = {"input": "And?", "previous_response_id": next(iter(first))}
        answer = httpx.post(server.url + PATH, json=chained | {"max_output_tokens": 16}, timeout=60)
        assert answer.status_code == 200
        scraped = httpx.get(f"{server.url}/metrics").text
        assert 'llmx_stored_responses_removed_total{reason="bytes"} 0.0' in scraped
        assert server.end(signal.SIGTERM)[0] == 0
    assert memory.most - memory.idle <= MOST_ABOVE_IDLE
