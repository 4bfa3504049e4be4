"""Chat and Messages over one engine: the same prompt, each a full hit after the other."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmx.core.analysis.report import Report, analyze
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from llmx.core.types import HygieneRule
from tests.agents import agent_body, on_chat
from tests.core.server.support import Records
from tests.serving import running

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
SHARE = 0.15  # of the size of a real agent's prompt


@dataclass(frozen=True)
class Seen:
    """A prompt in tokens: whole, from the cache, written. On Messages also as it was counted."""

    prompt: int
    cached: int
    written: int


@dataclass
class House:
    url: str
    records: Records

    def post(self, path: str, body: dict[str, Any], salt: str = "one") -> dict[str, Any]:
        answer = httpx.post(self.url + path, json=body | {"cache_salt": salt}, timeout=120)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def chat(self, body: dict[str, Any], salt: str) -> Seen:
        usage = self.post(CHAT, on_chat(body), salt)["usage"]
        details = usage["prompt_tokens_details"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        return Seen(usage["prompt_tokens"], details["cached_tokens"], details["cache_write_tokens"])

    def messages(self, body: dict[str, Any], salt: str) -> Seen:
        counted = self.post(f"{MESSAGES}/count_tokens", body, salt)["input_tokens"]
        usage = self.post(MESSAGES, body, salt)["usage"]
        read, made = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
        assert counted == usage["input_tokens"] + read + made
        return Seen(counted, read, made)

    def report(self, count: int) -> Report:
        return analyze(self.records.wait(count))


def houses(noise: Path, *off: HygieneRule) -> Iterator[House]:
    engine, records = MLXEngine.load(noise, EngineOptions(hygiene_off=off)), Records()
    try:
        with running(create_app(engine, recorder=records)) as url:
            yield House(url, records)
    finally:
        asyncio.run(engine.close())


@pytest.fixture
def house(noise: Path) -> Iterator[House]:
    yield from houses(noise)


@pytest.fixture
def house_without(noise: Path) -> Iterator[House]:
    yield from houses(noise, "attribution_line")


def looped(body: dict[str, Any]) -> dict[str, Any]:
    """The conversation one step on: a call, its result, a word of the user's."""
    body = copy.deepcopy(body)
    call = {
        "type": "tool_use",
        "id": "call_1",
        "name": "Tool03",
        "input": {"option_0": "a", "n": 1},
    }
    result = {"type": "tool_result", "tool_use_id": "call_1", "content": "no such file"}
    body["messages"] += [
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]},
        {"role": "user", "content": [result, {"type": "text", "text": "Go on."}]},
    ]
    return body


def test_each_api_hits_what_the_other_has_stored(house: House) -> None:
    """Twice: with either of them as the first."""
    body = looped(agent_body("Why does the import fail?", None, share=SHARE))
    for salt, first, second in [
        ("one", house.chat, house.messages),
        ("two", house.messages, house.chat),
    ]:
        cold, warm, again = first(body, salt), second(body, salt), first(body, salt)
        assert cold.cached == 0
        assert cold.prompt - cold.written in (0, 1)  # Messages tells the last one as input
        assert warm.prompt == again.prompt == cold.prompt
        assert warm.cached == again.cached == cold.prompt - 1


def test_a_generated_call_comes_back_on_either_api_as_it_was_generated(house: House) -> None:
    """The next turn goes on from the tokens of the answer, though a template writes it otherwise
    and a tokenizer cuts it otherwise. Under another salt they are not known."""
    body = agent_body("Why does the import fail?", None, share=SHARE)
    body |= {"max_tokens": 400, "temperature": 1.0}
    schema = {
        "type": "object",
        "properties": {"path": {"type": "string", "maxLength": 30}, "n": {"enum": [1, 2]}},
        "required": ["path", "n"],
        "additionalProperties": False,
    }
    body["tools"][0] |= {"name": "Read", "input_schema": schema, "strict": True}
    body["tool_choice"] = {"type": "tool", "name": "Read"}
    answer = house.post(MESSAGES, body)
    usage = answer["usage"]
    assert answer["stop_reason"] == "tool_use"
    held = (
        usage["input_tokens"] + usage["cache_read_input_tokens"]
        + usage["cache_creation_input_tokens"] + usage["output_tokens"]
    )  # fmt: skip
    (call,) = (block for block in answer["content"] if block["type"] == "tool_use")
    body["messages"] += [
        {"role": "assistant", "content": answer["content"]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "peas"}],
        },
    ]
    turned = copy.deepcopy(body)  # other order of keys, other id: the same values
    (sent,) = (b for b in turned["messages"][-2]["content"] if b["type"] == "tool_use")
    sent |= {"input": dict(reversed(call["input"].items())), "id": "toolu_other"}
    turned["messages"][-1]["content"][0]["tool_use_id"] = "toolu_other"
    first = house.messages(turned, "one")
    second = house.chat(body, "one")
    assert first.cached >= held - 2  # the end token is counted, and the last need not be stored
    assert (second.prompt, second.cached) == (first.prompt, first.prompt - 1)
    assert house.messages(body, "two").cached == 0
    one, *others = house.records.wait(4)
    assert one.server.seam is None
    assert [record.server.seam for record in others] == ["generated", "generated", None]
    assert [record.server.rules for record in others] == [
        ["generated_history"],
        ["generated_history"],
        [],
    ]


QUESTIONS = (("Why does the import fail?", "a1b"), ("Write a test for the parser.", "77f"))


def test_other_questions_share_the_head_whatever_their_attribution(house: House) -> None:
    first, second = (
        house.messages(agent_body(question, hash, share=SHARE), "one")
        for question, hash in QUESTIONS
    )
    assert first.cached == 0
    assert second.cached >= 0.9 * second.prompt
    report = house.report(2)
    assert all(cause.cause != "billing_header" for cause in report.causes)
    assert report.rows[1].where is not None
    assert report.rows[1].where.startswith("message 0 (user), byte ")
    rules = httpx.get(f"{house.url}/v1/cache").json()["rules"]
    applied = {rule["name"]: rule for rule in rules}["attribution_line"]
    assert applied["on"] is True
    assert applied["applied"] == 4  # two requests, each counted before


def test_without_the_rule_the_loss_has_its_name(house_without: House) -> None:
    house = house_without
    _, second = (
        house.messages(agent_body(question, hash, share=SHARE), "one")
        for question, hash in QUESTIONS
    )
    assert second.cached <= 0.02 * second.prompt
    report = house.report(2)
    (lost,) = (cause for cause in report.causes if cause.side == "client")
    assert lost.cause == "billing_header"
    assert lost.tokens is not None
    assert lost.tokens >= 0.85 * second.prompt
    assert report.rows[1].where is not None
    assert report.rows[1].where.startswith("system, byte ")
    assert httpx.get(f"{house.url}/v1/cache").json()["rules"][0]["on"] is False
