"""The whole house: official client, real socket, real engine, traces on disk, their analysis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from llmx.core.analysis.report import analyze
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from llmx.core.trace.reader import Reading
from llmx.core.trace.writer import TraceWriter
from llmx.fixtures import agent_system, agent_tools
from tests.asking import request_of
from tests.offline import greedy, load_offline
from tests.serving import eventually, running

SYSTEM = " ".join(f"Rule {n}: plant row {n * n % 97} after row {n}." for n in range(40))
PROMPTS = [f"Question {n}: what grows in row {n * 13 % 29}?" + " And then?" * n for n in range(8)]


House = tuple[str, MLXEngine, Path]  # URL, engine and trace folder of a server


def houses(model: Path, folder: Path) -> Iterator[House]:
    engine = MLXEngine.load(model, EngineOptions(model_id="llmx-demo"))
    writer = TraceWriter(folder / "traces")
    try:
        with running(create_app(engine, recorder=writer)) as url:
            yield url, engine, folder / "traces"
    finally:
        writer.close()
        asyncio.run(engine.close())


@pytest.fixture
def house(demo: Path, tmp_path: Path) -> Iterator[House]:
    yield from houses(demo, tmp_path)


@pytest.fixture
def endless(noise: Path, tmp_path: Path) -> Iterator[House]:
    """A house whose model never ends by itself."""
    yield from houses(noise, tmp_path)


def messages(prompt: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": prompt}]


async def whole(client: openai.AsyncOpenAI, prompt: str) -> str:
    got = await client.chat.completions.create(
        model="llmx-demo", messages=messages(prompt), temperature=0, max_tokens=20  # pyright: ignore
    )  # fmt: skip
    assert got.choices[0].index == 0
    assert got.usage is not None
    assert got.usage.completion_tokens == 20
    return got.choices[0].message.content or ""


async def streamed(client: openai.AsyncOpenAI, prompt: str) -> str:
    stream = await client.chat.completions.create(
        model="llmx-demo", messages=messages(prompt), temperature=0, max_tokens=20, stream=True,  # pyright: ignore
    )  # fmt: skip
    return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])


def test_eight_clients_at_once_streamed_and_not_get_what_each_gets_alone(
    endless: House, noise: Path
) -> None:
    url, engine, _ = endless

    async def ask() -> tuple[list[str], list[str], list[str]]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none") as client:
            together = await asyncio.gather(*(whole(client, p) for p in PROMPTS))
            streams = await asyncio.gather(*(streamed(client, p) for p in PROMPTS))
            alone = [await whole(client, p) for p in PROMPTS]
        return together, streams, alone

    together, streams, alone = asyncio.run(ask())
    model, tokenizer = load_offline(noise)
    conversations = [request_of([("system", SYSTEM), ("user", p)]) for p in PROMPTS]
    prompts = [asyncio.run(engine.prepare(c)).tokens for c in conversations]
    expected = [tokenizer.decode(greedy(model, tokens, 20)) for tokens in prompts]
    assert together == expected
    assert streams == expected
    assert alone == expected
    assert len(set(expected)) > 2


def test_an_agents_system_prompt_is_cached_and_the_traces_tell_why_one_missed(
    house: House,
) -> None:
    url, _, traces = house
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none")
    changed = agent_system().replace("\n", "\nToday is Monday.\n", 1)
    turns = [
        (agent_system(), "Who are you?"),
        (agent_system(), "Tell me a joke"),
        (changed, "Tell me a joke"),
    ]
    cached: list[int] = []
    prompt = 0
    for system, question in turns:
        got = client.chat.completions.create(
            model="llmx-demo",
            messages=[{"role": "system", "content": system}, {"role": "user", "content": question}],
            tools=agent_tools()[:2],  # pyright: ignore
            temperature=0,
            max_tokens=4,
        )
        assert got.usage is not None
        assert got.usage.prompt_tokens_details is not None
        prompt = got.usage.prompt_tokens
        assert prompt > 3_000
        cached.append(got.usage.prompt_tokens_details.cached_tokens or 0)
    assert cached[0] == 0
    assert cached[1] > 0.99 * prompt
    assert cached[2] < 0.1 * prompt, "a line near the begin moves all that follows"

    eventually(lambda: sum(f.read_bytes().count(b"\n") for f in traces.glob("*.jsonl")) == 3)
    rows = analyze(Reading(traces)).rows
    assert [row.cached for row in rows] == cached
    assert all(row.ttft_s is not None for row in rows)
    place = len(agent_system()[: agent_system().index("\n") + 1].encode())
    assert (rows[2].where or "").startswith(f"system, byte {place}"), "where the prompts part"


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_the_work(endless: House, stream: bool) -> None:
    url, engine, _ = endless
    body = {
        "messages": messages("Go on for ever"), "max_tokens": 15_000, "stream": stream,
        "temperature": 0,
    }  # fmt: skip
    with (
        contextlib.suppress(httpx.ReadTimeout),
        httpx.Client(timeout=1.0) as client,
        client.stream("POST", f"{url}/v1/chat/completions", json=body) as got,
    ):
        next(got.iter_raw())  # a whole answer has no first part: the client's patience ends
    eventually(lambda: dict(engine.stats().finished) == {"cancelled": 1})
    assert engine.stats().running == 0
    assert engine.stats().completion_tokens < 15_000
