"""Several choices: one prompt, one story, each answer as it would be alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from llmx.core.engine.choices import MOST
from llmx.core.engine.mlx_engine import MLXEngine
from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.errors import RequestError
from llmx.core.types import (
    ChoiceFinished,
    Delta,
    Engine,
    Event,
    Finished,
    GenerationRequest,
    OutputFormat,
    Started,
    TextDelta,
)
from tests.asking import request_of
from tests.core.engine.support import Desk, idle, words
from tests.models import make_model

LONG = [("system", words(60, 1)), ("user", words(5, 2))]
LoadEngine = Callable[..., MLXEngine]


@dataclass
class Heard:
    """What one request was told, its choices apart."""

    events: list[Event]
    texts: dict[int, str] = field(default_factory=dict)
    ends: dict[int, ChoiceFinished] = field(default_factory=dict)

    @property
    def started(self) -> Started:
        (started,) = (event for event in self.events if isinstance(event, Started))
        return started

    @property
    def end(self) -> Finished:
        assert isinstance(self.events[-1], Finished)
        return self.events[-1]


def request(messages: str | list[tuple[str, str]], choices: int, **asked: Any) -> GenerationRequest:
    return replace(request_of(messages, **asked), choices=choices)


async def hear(engine: Engine, asked: GenerationRequest) -> Heard:
    """Checks the protocol: one Started first, one end for each choice, nothing of it after that,
    one Finished last."""
    events = [event async for event in engine.generate(await engine.prepare(asked))]
    heard = Heard(events, dict.fromkeys(range(asked.choices), ""))
    assert isinstance(events[0], Started)
    assert sum(isinstance(event, Finished) for event in events) == 1
    for event in events:
        match event:
            case ChoiceFinished(choice):
                assert choice not in heard.ends
                heard.ends[choice] = event
            case TextDelta(text, choice):
                assert choice not in heard.ends
                heard.texts[choice] += text
            case _:
                assert not isinstance(event, Delta)
    assert isinstance(events[-1], Finished)
    return heard


def ask(engine: Engine, asked: GenerationRequest) -> Heard:
    return asyncio.run(hear(engine, asked))


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        desk = Desk("qwen3", tmp_path_factory.mktemp("qwen3"), patch)
        yield desk
        desk.close()


def test_the_prompt_is_computed_once(qwen: Desk) -> None:
    with qwen.forwards.heard() as forwards:
        heard = ask(qwen.engine, request(LONG, 5, max_tokens=6))
    computed = sum(forward.length for forward in forwards if forward.rows == 1)
    prompt = heard.started.prompt_tokens
    # The others need the last token for their first one; five alone for a while decode by ones.
    assert prompt + 4 <= computed <= prompt + 4 + 5 * 6
    usage = heard.end.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.written_tokens) == (prompt, 0, prompt)
    assert usage.completion_tokens == 5 * 6
    assert {end.reason for end in heard.ends.values()} == {"length"}
    assert len(set(heard.texts.values())) == 1  # greedy


def test_it_counts_as_one_request(qwen: Desk) -> None:
    before = qwen.engine.stats()
    usage = ask(qwen.engine, request("Count me", 4, max_tokens=3)).end.usage
    after = qwen.engine.stats()
    assert after.cache.lookups - before.cache.lookups == 1
    assert after.prompt_tokens - before.prompt_tokens == usage.prompt_tokens
    assert after.completion_tokens - before.completion_tokens == 12
    assert sum(after.finished.values()) - sum(before.finished.values()) == 1


@pytest.mark.parametrize("cached", [True, False])
def test_each_choice_draws_by_itself_and_the_first_as_if_it_was_alone(
    qwen: Desk, cached: bool
) -> None:
    asked = {"temperature": 1.0, "seed": 11, "cache": cached}
    alone = ask(qwen.engine, request(LONG, 1, **asked))
    heard = ask(qwen.engine, request(LONG, 4, **asked))
    fewer = ask(qwen.engine, request(LONG, 2, **asked))
    assert alone.ends == {}
    assert heard.texts[0] == alone.texts[0]
    assert len(set(heard.texts.values())) == 4
    assert fewer.texts == {choice: heard.texts[choice] for choice in range(2)}


@pytest.mark.parametrize(
    "options", [{"cache": False}, {"max_running": 2}], ids=["no cache", "two rows at once"]
)
def test_choices_say_the_same_however_they_are_served(
    qwen: Desk, options: dict[str, Any], load_engine: LoadEngine
) -> None:
    asked = request(LONG, 4, temperature=1.0, seed=11)
    engine = load_engine(qwen.folder, prefill_chunk=64, **options)
    assert ask(engine, asked).texts == ask(qwen.engine, asked).texts


def test_choices_of_a_model_that_is_not_batched(tmp_path: Path, load_engine: LoadEngine) -> None:
    engine = load_engine(make_model("llama4", tmp_path / "llama4"), prefill_chunk=64)
    heard = ask(engine, request(LONG, 3, temperature=1.0, seed=3))
    assert len(set(heard.texts.values())) == 3


def test_a_stop_string_ends_its_own_choice(qwen: Desk) -> None:
    asked = {"temperature": 1.0, "seed": 11, "max_tokens": 12}
    free = ask(qwen.engine, request(LONG, 3, **asked))
    stop = free.texts[1][8:12]
    assert not any(stop in free.texts[other] for other in (0, 2)), "another seed is needed"
    heard = ask(qwen.engine, request(LONG, 3, stop=(stop,), **asked))
    cut = free.texts[1][: free.texts[1].index(stop)]
    assert heard.texts == {**free.texts, 1: cut}
    assert (heard.ends[1].reason, heard.ends[1].stop) == ("stop", stop)
    assert (heard.end.reason, heard.end.stop) == ("length", None)  # those of the first
    assert heard.end.usage.completion_tokens < 3 * 12


def test_each_choice_is_held_to_the_grammar(qwen: Desk) -> None:
    schema = {
        "type": "object",
        "properties": {"answer": {"enum": ["yes", "no", "perhaps", "never", "often"]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    asked = request(LONG, 4, temperature=1.5, seed=2, max_tokens=40)
    heard = ask(qwen.engine, replace(asked, output=OutputFormat(schema)))
    said = [json.loads(text)["answer"] for text in heard.texts.values()]
    assert set(said) <= set(schema["properties"]["answer"]["enum"])
    assert len(set(said)) > 1
    assert {end.reason for end in heard.ends.values()} == {"stop"}


def test_a_client_that_leaves_ends_all_of_them(qwen: Desk) -> None:
    async def leave() -> None:
        asked = request("On and on", 3, max_tokens=10_000)
        events: AsyncGenerator[Event, None] = qwen.engine.generate(await qwen.engine.prepare(asked))
        async with contextlib.aclosing(events):
            async for event in events:
                if isinstance(event, TextDelta) and event.choice == 2:
                    break
        await idle(qwen.engine)

    before = qwen.engine.stats()
    asyncio.run(leave())
    after = qwen.engine.stats()
    assert after.finished.get("cancelled", 0) - before.finished.get("cancelled", 0) == 1
    assert (after.running, after.queued) == (0, 0)


def test_one_that_fails_ends_all_of_them(
    qwen: Desk, monkeypatch: pytest.MonkeyPatch, load_engine: LoadEngine
) -> None:
    """The fault of a step is that of every row in it; what could not be started ends as well."""
    engine = load_engine(qwen.folder, max_running=2)

    async def break_down() -> Heard:
        prepared = await engine.prepare(request(LONG, 4, max_tokens=1_000))
        events: list[Event] = []
        async for event in engine.generate(prepared):
            events.append(event)
            if isinstance(event, TextDelta) and event.choice == 1:
                model = type(qwen.model)
                monkeypatch.setattr(model, "__call__", lambda *_, **__: 1 / 0)
        return Heard(events)

    heard = asyncio.run(break_down())
    assert heard.end.reason == "error"
    assert "ZeroDivisionError" in (heard.end.fault or "")
    assert engine.stats().state == "ready"


@pytest.mark.parametrize("choices", [0, MOST + 1])
def test_more_choices_than_there_may_be_are_refused(qwen: Desk, choices: int) -> None:
    for engine in (qwen.engine, ScriptedEngine()):
        with pytest.raises(RequestError, match=f"n: {choices}, wanted 1 to {MOST}") as refused:
            asyncio.run(engine.prepare(request("Hi", choices)))
        assert refused.value.param == "n"


# ── the scripted engine keeps the same contract ───────────────────────────────────────────────


def test_a_script_is_played_for_each_choice() -> None:
    engine = ScriptedEngine(["a", "b", "c"], ["d"], ["e", "f"], cached_tokens=2)
    heard = ask(engine, request("Hi", 3))
    assert heard.texts == {0: "abc", 1: "d", 2: "ef"}
    spoken = [event.text for event in heard.events if isinstance(event, TextDelta)]
    assert spoken == ["a", "d", "e", "b", "f", "c"]  # they take turns
    usage = heard.end.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.written_tokens) == (3, 2, 1)
    assert usage.completion_tokens == 6
    assert engine.stats().finished == {"stop": 1}


def test_a_script_that_fails_ends_the_others() -> None:
    engine = ScriptedEngine(["a", "b", "c"], ["d", ValueError("broken")])
    events = [*_played(engine, request("Hi", 2))]
    assert isinstance(events[-1], Finished)
    assert (events[-1].reason, events[-1].fault) == ("error", "broken")
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["a", "d", "b"]


def test_a_scripted_request_that_is_left_ends_all_its_choices() -> None:
    gate = Gate()
    engine = ScriptedEngine(["a", gate, "b"])

    async def leave() -> None:
        asked = request("Hi", 2)
        events = engine.generate(await engine.prepare(asked))
        async with contextlib.aclosing(events):
            async for event in events:
                if isinstance(event, TextDelta) and event.choice == 1:
                    break

    asyncio.run(leave())
    assert len(engine.cancelled) == 1
    assert engine.stats().finished == {"cancelled": 1}


def test_scripted_logprobs_follow_their_rule() -> None:
    events = _played(ScriptedEngine(["a", "b"]), request_of("Hi", logprobs=2))
    told = [one for event in events if isinstance(event, TextDelta) for one in event.logprobs]
    assert [(one.token, one.logprob) for one in told] == [("a", -1 / 8), ("b", -2 / 8)]
    assert [(one.raw, one.logprob) for one in told[1].top] == [(b"b", -2 / 8), (b"~1", -10 / 8)]


def _played(engine: Engine, asked: GenerationRequest) -> list[Event]:
    async def play() -> list[Event]:
        return [event async for event in engine.generate(await engine.prepare(asked))]

    return asyncio.run(play())
