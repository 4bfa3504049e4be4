"""What this API says of its cache, over a model: reasons, counts, breakpoints, prewarm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI
from openai.types.responses import CompactedResponse, Response
from pydantic import TypeAdapter

from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.server.app import create_app
from llmx.core.types import GenerationRequest, Prepared
from llmx.core.wire.responses import compaction
from tests.serving import running

WEATHER: Any = {
    "type": "function",
    "name": "weather",
    "description": "Of a place.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    "strict": False,
}
TIME: Any = {**WEATHER, "name": "time"}
BOOK = " ".join(f"Row {n}: peas grow beside bean number {n * n}." for n in range(8))
HERE = {"prompt_cache_breakpoint": {"mode": "explicit"}}
RESPONSE: TypeAdapter[Any] = TypeAdapter(Response)


class Served:
    """A server of the demo model; knows the tokens of every prompt that it was asked."""

    def __init__(self, noise: Path) -> None:
        self.engine = MLXEngine.load(noise, EngineOptions())
        self.tokens: dict[str, tuple[int, ...]] = {}
        prepare = self.engine.prepare

        async def noted(request: GenerationRequest) -> Prepared:
            prepared = await prepare(request)
            self.tokens[request.id] = prepared.tokens
            return prepared

        self.engine.prepare = noted  # pyright: ignore[reportAttributeAccessIssue]
        self.url = ""

    def post(self, path: str = "", **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/v1/responses{path}", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def warm(self, **fields: Any) -> dict[str, Any]:
        """A response whose prompt is computed and that says nothing."""
        options = {"prewarm": True, **fields.pop("prompt_cache_options", {})}
        body = {**BASE, **fields, "prompt_cache_options": options}
        answer = self.post(**{name: value for name, value in body.items() if value is not None})
        RESPONSE.validate_python(answer, strict=False)
        assert (answer["output"], answer["status"]) == ([], "completed")
        return answer

    def compared(self, previous: str, **fields: Any) -> dict[str, Any]:
        options = {"comparison_response_id": previous, **fields.pop("prompt_cache_options", {})}
        answer = self.warm(prompt_cache_options=options, **fields)
        assert answer["prompt_cache_options"]["comparison_response_id"] == previous
        return answer

    def common(self, one: str, other: str) -> int:
        pairs = enumerate(zip(self.tokens[one], self.tokens[other], strict=False))
        shorter = min(len(self.tokens[one]), len(self.tokens[other]))
        return next((at for at, (a, b) in pairs if a != b), shorter)


BASE: dict[str, Any] = {
    "model": "noise",
    "instructions": "Be brief.",
    "input": f"What grows? {BOOK}",
    "tools": [WEATHER, TIME],
    "store": False,
}


@pytest.fixture(scope="module")
def served(noise: Path) -> Iterator[Served]:
    made = Served(noise)
    BASE["model"] = made.engine.info.id
    with running(create_app(made.engine, model_aliases=["another"])) as url:
        made.url = url
        yield made
    asyncio.run(made.engine.close())


def usage_of(answer: dict[str, Any]) -> tuple[int, int, int]:
    """Prompt, cached, written."""
    usage = answer["usage"]
    details = usage["input_tokens_details"]
    return usage["input_tokens"], details["cached_tokens"], details["cache_write_tokens"]


# ── why a prompt missed ───────────────────────────────────────────────────────────────────────

SCHEMA = {"type": "json_schema", "name": "x", "schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"model": "another"}, "model_changed"),
        ({"prompt_cache_key": "thread-2"}, "prompt_cache_key_changed"),
        ({"tools": [WEATHER]}, "tools_changed"),
        ({"tools": [TIME, WEATHER]}, "tools_changed"),
        ({"tools": [WEATHER, {**TIME, "description": "Now."}]}, "tools_changed"),
        ({"tools": None}, "tools_changed"),
        ({"text": {"format": SCHEMA}}, "text_format_changed"),
        ({"reasoning": {"effort": "none"}}, "reasoning_effort_changed"),
        ({"text": {"verbosity": "low"}}, "verbosity_changed"),
        ({"instructions": "Be very brief."}, "input_changed"),
        ({"instructions": None}, "input_changed"),
        ({"input": f"What grew? {BOOK}"}, "input_changed"),
        ({"input": "What grows?"}, "input_changed"),
        ({"service_tier": "flex"}, "service_tier_changed"),
        ({"model": "another", "tools": None, "instructions": "x"}, "model_changed"),
        ({"input": "x", "service_tier": "flex"}, "input_changed"),
    ],
    ids=range(16),
)
def test_the_one_thing_that_changed_is_named_with_exact_counts(
    served: Served, fields: dict[str, Any], reason: str
) -> None:
    before = served.warm()
    now = served.compared(before["id"], **fields)
    common, total = served.common(before["id"], now["id"]), len(served.tokens[before["id"]])
    assert now["prompt_cache_diagnostics"] == {
        "type": "cache_miss",
        "reason": reason,
        "cache_missed_tokens": total - common,
        "comparison_reusable_tokens": common,
    }
    assert usage_of(before)[0] == total


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tool_choice": "none"},
        {"temperature": 0.5, "metadata": {"a": "b"}, "user": "x", "parallel_tool_calls": False},
        {"service_tier": "auto", "text": {"verbosity": "medium", "format": {"type": "text"}}},
        {"input": [{"role": "user", "content": BASE["input"]}]},
        {"input": [{"role": "user", "content": BASE["input"]},
                   {"role": "assistant", "content": "Peas."}, {"role": "user", "content": "And?"}]},
        {"input": [{"role": "user", "content": [
            {"type": "input_text", "text": BASE["input"], **HERE}]}]},
    ],
    ids=range(7),
)  # fmt: skip
def test_what_goes_on_from_a_prompt_hits(served: Served, fields: dict[str, Any]) -> None:
    before = served.warm()
    now = served.compared(before["id"], **fields)
    assert now["prompt_cache_diagnostics"] == {"type": "cache_hit"}


def test_a_chained_turn_hits_and_one_with_other_instructions_does_not(served: Served) -> None:
    body = {**BASE, "store": True, "max_output_tokens": 16, "temperature": 0}
    first = served.post(**body)
    chained = {**body, "previous_response_id": first["id"], "input": "And?"}
    options = {"comparison_response_id": first["id"], "prewarm": True}
    hit = served.post(**chained, prompt_cache_options=options)
    assert hit["prompt_cache_diagnostics"] == {"type": "cache_hit"}
    assert usage_of(hit)[1] >= usage_of(first)[0]  # all of the first prompt, and its answer
    miss = served.post(**{**chained, "instructions": "Be."}, prompt_cache_options=options)
    assert miss["prompt_cache_diagnostics"]["reason"] == "input_changed"


def test_diagnostics_are_there_where_they_were_asked_and_in_every_state(served: Served) -> None:
    assert "prompt_cache_diagnostics" not in served.warm()
    before = served.warm()["id"]
    with OpenAI(base_url=f"{served.url}/v1", api_key="none") as client:
        options: Any = {"comparison_response_id": before}
        with client.responses.stream(
            **{**BASE, "max_output_tokens": 16}, prompt_cache_options=options
        ) as stream:
            events: list[Any] = list(stream)
    lifecycle = ("response.created", "response.in_progress", "response.incomplete")
    told = [event.response for event in events if event.type in lifecycle]
    assert len(told) == 3
    for response in told:
        found = response.prompt_cache_diagnostics
        assert found is not None
        assert found.type == "cache_hit"


def test_what_cannot_be_compared_says_so(served: Served) -> None:
    unknown = served.compared("resp_unknown")
    assert unknown["prompt_cache_diagnostics"] == {"type": "comparison_response_not_found"}
    before = served.warm()["id"]
    salted = served.compared(before, cache_salt="s")  # nobody learns of another's prompts
    assert salted["prompt_cache_diagnostics"] == {"type": "comparison_response_not_found"}
    kept = served.warm(store=True)["id"]
    salted = served.compared(kept, cache_salt="s")
    assert salted["prompt_cache_diagnostics"] == {"type": "unavailable"}
    uncached = served.compared(before, prompt_cache_options={"mode": "explicit"})
    assert uncached["prompt_cache_diagnostics"] == {"type": "unavailable"}


# ── breakpoints, modes, prewarm ───────────────────────────────────────────────────────────────


def parts(*texts: str, at: int = 0, **more: Any) -> list[dict[str, Any]]:
    """One message of the user; a breakpoint behind part `at`."""
    content: list[dict[str, Any]] = [{"type": "input_text", "text": text} for text in texts]
    content[at] = {**content[at], **HERE, **more}
    return [{"type": "message", "role": "user", "content": content}]


def salted(served: Served, salt: str) -> Callable[..., dict[str, Any]]:
    return lambda **fields: served.warm(cache_salt=salt, **fields)


def test_a_prewarmed_prompt_is_there(served: Served) -> None:
    warm = salted(served, "prewarm")
    first, again = warm(), warm()
    prompt = usage_of(first)[0]
    assert usage_of(first) == (prompt, 0, prompt)
    assert usage_of(again) == (prompt, prompt - 1, 0)  # the last token is always computed
    assert first["prompt_cache_options"] == {"mode": "implicit", "ttl": "30m"}
    turn = served.post(**BASE, cache_salt="prewarm", max_output_tokens=16)
    assert usage_of(turn)[:2] == (prompt, prompt - 1)
    other = served.warm(cache_salt="another")
    assert usage_of(other) == (prompt, 0, prompt)


def test_explicit_writes_up_to_the_last_breakpoint_and_nothing_without_one(served: Served) -> None:
    options = {"mode": "explicit", "ttl": "12h"}
    warm = salted(served, "explicit")
    none = warm(prompt_cache_options=options)
    assert usage_of(none)[1:] == (0, 0)
    assert usage_of(warm(prompt_cache_options=options))[1:] == (0, 0)
    assert none["prompt_cache_options"] == options
    book = parts(BOOK, " Why?")
    marked = warm(input=book, prompt_cache_options=options)
    prompt, cached, written = usage_of(marked)
    assert cached == 0
    assert 0 < written < prompt
    again = warm(input=book, prompt_cache_options=options)
    assert usage_of(again) == (prompt, written, 0)
    other = warm(input=parts(BOOK, " Who says so?"), prompt_cache_options=options)
    assert usage_of(other)[1:] == (written, 0)


@pytest.mark.parametrize(
    ("breakpoint_", "param"),
    [
        ({"mode": "implicit"}, "input[0].content[0].prompt_cache_breakpoint.mode"),
        ({"mode": "explicit", "ttl": "1s"}, "input[0].content[0].prompt_cache_breakpoint.ttl"),
        ("here", "input[0].content[0].prompt_cache_breakpoint"),
    ],
    ids=["mode", "ttl", "text"],
)
def test_a_wrong_breakpoint_is_refused_by_its_place(
    served: Served, breakpoint_: Any, param: str
) -> None:
    body = {**BASE, "input": parts(BOOK, prompt_cache_breakpoint=breakpoint_)}
    answer = httpx.post(f"{served.url}/v1/responses", json=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


# ── counted ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tools": None},
        {"instructions": None},
        {"reasoning": {"effort": "none"}},
        {"tool_choice": "required", "parallel_tool_calls": False},
        {"text": {"format": SCHEMA}},
        {"input": [{"role": "developer", "content": "Now."}, {"role": "user", "content": "Hi"}]},
    ],
    ids=range(7),
)
def test_the_count_is_the_prompt_of_the_same_request(served: Served, fields: Any) -> None:
    given = {n: v for n, v in {**BASE, **fields}.items() if v is not None and n != "store"}
    with OpenAI(base_url=f"{served.url}/v1", api_key="none") as client:
        counted = client.responses.input_tokens.count(**given)
    assert counted.object == "response.input_tokens"
    assert counted.input_tokens == usage_of(served.warm(**fields))[0]


def test_a_chain_is_counted_whole(served: Served) -> None:
    first = served.post(**{**BASE, "store": True}, max_output_tokens=16)
    chained = {"input": "And?", "previous_response_id": first["id"]}
    count = served.post("/input_tokens", model=BASE["model"], tools=BASE["tools"], **chained)
    real = served.warm(instructions=None, **chained)
    assert count == {"object": "response.input_tokens", "input_tokens": usage_of(real)[0]}


def test_a_prompt_that_is_too_long_is_counted(served: Served) -> None:
    """That is what a client wants to know of it."""
    long = "word " * (served.engine.info.context + 10)
    count = served.post("/input_tokens", input=long)
    assert count["input_tokens"] > served.engine.info.context


# ── compacted ─────────────────────────────────────────────────────────────────────────────────


def test_a_conversation_is_compacted_and_gone_on_from(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "MOST_TOKENS", 16)  # this model would never end
    talk: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "What grows?"},
        {"role": "assistant", "content": f"Peas. {BOOK}"},
        {"role": "user", "content": "And beans?"},
    ]
    before = served.warm(input=talk, instructions=None)
    with OpenAI(base_url=f"{served.url}/v1", api_key="none") as client:
        raw = client.responses.with_raw_response.compact(
            model=BASE["model"], input=talk, extra_body={"tools": BASE["tools"]}
        )  # pyright: ignore
    compacted, told = raw.parse(), raw.http_response.json()
    assert isinstance(compacted, CompactedResponse)
    assert compacted.object == "response.compaction"
    *users, item = told["output"]
    assert [one["content"][0]["text"] for one in users] == ["What grows?", "And beans?"]
    assert sorted(item) == ["encrypted_content", "id", "type"]
    assert "peas" not in item["encrypted_content"]
    # The conversation was computed once: its summary is asked for behind it.
    assert usage_of(told)[1] >= usage_of(before)[0] - 4
    after = [talk[0], *told["output"], {"role": "user", "content": "Go on."}]
    now = served.compared(before["id"], input=after, instructions=None)
    found = now["prompt_cache_diagnostics"]
    assert found["reason"] == "context_compacted"
    assert found["comparison_reusable_tokens"] == served.common(before["id"], now["id"])
    later = [*after, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "So?"}]
    hit = served.compared(now["id"], input=later, instructions=None)
    assert hit["prompt_cache_diagnostics"] == {"type": "cache_hit"}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": "Hi"}, "model"),
        ({"model": None, "input": "Hi"}, "model"),
        ({}, "model"),
        ({"model": "noise"}, "input"),
        ({"model": "noise", "input": 5}, "input"),
        ({"model": "noise", "input": [{"type": "compaction", "encrypted_content": "x"}]},
         "input[0].encrypted_content"),
        ({"model": "noise", "previous_response_id": "resp_x"}, "previous_response_id"),
        ({"model": "nobody", "input": "Hi"}, "model"),
        ({"model": "noise", "input": [{"role": "user", "content": 5}]}, "input[0].content"),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_cannot_be_compacted_is_refused(served: Served, body: Any, param: str) -> None:
    if body.get("model") == "noise":
        body = {**body, "model": BASE["model"]}
    answer = httpx.post(f"{served.url}/v1/responses/compact", json=body, timeout=60)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["param"] == param
