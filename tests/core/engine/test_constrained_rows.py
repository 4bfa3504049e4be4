"""Rows that are held to a grammar, on real models: valid in every lane, company and state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmx.core.engine.constraint import Constraint, Guide
from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.types import (
    Finished,
    GenerationRequest,
    Message,
    OutputFormat,
    SamplingParams,
    TextDelta,
    ToolCalled,
    ToolChoice,
)
from tests.constraining import object_of, tool
from tests.models import make_model

LoadEngine = Callable[..., MLXEngine]

WORD = {"type": "string", "maxLength": 8}
SCHEMA = object_of(
    title=WORD,
    rows={"type": "array", "items": object_of(n={"type": "integer"}, w=WORD), "maxItems": 2},
)
TOOLS = (tool("look", object_of(city=WORD, days={"type": "integer"})), tool("now"))
ENOUGH = 300  # tokens: more than the longest sentence of either


def asked(
    seed: int | None = 1, *, max_tokens: int = ENOUGH, length: int = 100, **more: Any
) -> GenerationRequest:
    """`length` of the prompt in short sentences."""
    sampling = SamplingParams(max_tokens=max_tokens, seed=seed, temperature=0.9)
    messages = (Message("system", "Be brief. " * length), Message("user", "What is it like?"))
    return GenerationRequest("r", messages, sampling=sampling, **more)


def for_json(seed: int = 1, **more: Any) -> GenerationRequest:
    return asked(seed, output=OutputFormat(SCHEMA), **more)


def for_call(seed: int = 1, **more: Any) -> GenerationRequest:
    return asked(seed, tools=TOOLS, tool_choice=ToolChoice("required"), **more)


class Said:
    """The text, the calls and the end of an answer."""

    def __init__(self, events: Sequence[Any]) -> None:
        self.text = "".join(e.text for e in events if isinstance(e, TextDelta))
        self.calls = [e for e in events if isinstance(e, ToolCalled)]
        (self.end,) = (e for e in events if isinstance(e, Finished))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Said) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def key(self) -> tuple[str, list[tuple[str, str]], str]:
        return self.text, [(call.name, call.arguments) for call in self.calls], self.end.reason

    def check(self) -> None:
        assert self.end.reason == "stop"
        assert self.end.flags == ()
        if not self.calls:
            jsonschema.validate(json.loads(self.text), SCHEMA)
        schemas = {"look": TOOLS[0]["function"]["parameters"], "now": object_of()}
        for call in self.calls:
            assert call.is_complete
            jsonschema.validate(json.loads(call.arguments), schemas[call.name])


def say(engine: MLXEngine, *requests: GenerationRequest) -> list[Said]:
    async def one(request: GenerationRequest) -> Said:
        prepared = await engine.prepare(request)
        return Said([event async for event in engine.generate(prepared)])

    async def all_at_once() -> list[Said]:
        return list(await asyncio.gather(*map(one, requests)))

    return asyncio.run(all_at_once())


@pytest.mark.parametrize(
    ("architecture", "options"),
    [("qwen3", {}), ("qwen3", {"exact": True}), ("gpt_oss", {}), ("qwen3_5", {}), ("llama4", {})],
    ids=["batched", "exact", "windows", "recurrent", "sequential"],
)
def test_answers_are_valid_warm_and_cold_alone_and_in_company(
    tmp_path: Path, load_engine: LoadEngine, architecture: str, options: dict[str, Any]
) -> None:
    engine = load_engine(make_model(architecture, tmp_path / "model"), **options)
    held = [for_json(), for_call()]
    free = [asked(seed, max_tokens=20) for seed in (5, 6)]
    cold = [said for request in held for said in say(engine, replace(request, cache=False))]
    free_alone = [said for request in free for said in say(engine, replace(request, cache=False))]
    together = say(engine, *held, *free)
    warm = say(engine, *held)
    for said in cold:
        said.check()
    assert cold[1].calls
    assert warm == cold
    assert warm[0].end.usage.cached_tokens > 0 or not engine.info.cacheable
    assert together == [*cold, *free_alone]


def test_a_row_that_gives_way_goes_on_in_its_grammar(
    noise: Path, load_engine: LoadEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    guides: list[Guide] = []
    make = Constraint.guide

    def counted(constraint: Constraint, prompt_tokens: int) -> Guide:
        guides.append(make(constraint, prompt_tokens))
        return guides[-1]

    monkeypatch.setattr(Constraint, "guide", counted)
    many = {"type": "array", "items": object_of(w=WORD), "minItems": 7, "maxItems": 7}
    requests = [asked(seed, length=45, output=OutputFormat(many)) for seed in range(3)]
    roomy = load_engine(noise)
    alone = say(roomy, *requests)
    assert len(guides) == len(requests)
    # Room for the prompts, not for the buffers that the answers grow into.
    tight = load_engine(noise, cache_ram=3 * roomy._layout.nbytes(256))
    assert say(tight, *requests) == alone
    assert len(guides) > 2 * len(requests), "nobody had to give way: the test is too easy"
    for said in alone:
        jsonschema.validate(json.loads(said.text), many)


def test_a_truncated_answer_says_so_and_gives_what_there_is(
    noise: Path, load_engine: LoadEngine
) -> None:
    engine = load_engine(noise)
    look = ToolChoice("required", names=("look",))
    (whole,) = say(engine, asked(tools=TOOLS, tool_choice=look))
    limit = whole.end.usage.completion_tokens - 9
    (cut,) = say(engine, asked(tools=TOOLS, tool_choice=look, max_tokens=limit))
    assert (cut.end.reason, cut.end.usage.completion_tokens) == ("length", limit)
    (call,) = cut.calls
    assert not call.is_complete
    assert call.name == whole.calls[0].name
    assert whole.calls[0].arguments.startswith(call.arguments)
    assert call.arguments, "the limit is too short for the test"
    (text,) = say(engine, for_json(max_tokens=5))
    assert (text.end.reason, bool(text.text)) == ("length", True)


def test_no_choice_of_tools_changes_the_prompt(noise: Path, load_engine: LoadEngine) -> None:
    engine = load_engine(noise)
    choices = [
        ToolChoice(),
        ToolChoice("none"),
        ToolChoice("required"),
        ToolChoice("required", names=("now",), parallel=False),
    ]

    async def prompts() -> set[tuple[int, ...]]:
        requests = [asked(tools=TOOLS, tool_choice=choice) for choice in choices]
        return {(await engine.prepare(request)).tokens for request in requests}

    assert len(asyncio.run(prompts())) == 1


@pytest.mark.parametrize("architecture", ["qwen3", "llama4"], ids=["batched", "sequential"])
def test_a_guide_that_fails_ends_its_own_request_with_an_error(
    tmp_path: Path, load_engine: LoadEngine, monkeypatch: pytest.MonkeyPatch, architecture: str
) -> None:
    """A grammar can meet a limit on the way. The answer must not go on, nor end, as if it were
    held: what a failed guide lets through is an end token."""
    find = Guide._allowed
    engine = load_engine(make_model(architecture, tmp_path / "model"))
    (prompt,) = say(engine, for_json(max_tokens=1))
    tokens = 0

    def limited(guide: Guide, matcher: Any) -> Any:
        if guide._seen < prompt.end.usage.prompt_tokens + tokens:
            return find(guide, matcher)
        guide.fault = "a limit"
        return None

    monkeypatch.setattr(Guide, "_allowed", limited)
    for tokens in (0, 4):
        failed, other = say(engine, for_json(), asked(max_tokens=20))
        assert failed.end.reason == "error"
        assert "a limit" in (failed.end.fault or "")
        assert failed.end.usage.completion_tokens in (tokens, tokens + 1)
        assert other.end.reason == "length"
    (cut,) = say(engine, for_json(max_tokens=tokens))
    assert cut.end.reason == "length", "the token after the last one is nobody's"
