"""Warming at start: what fails is told and left out, and a signal ends it at once."""

import asyncio
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from llmx.cli.warming import warm_from_file
from llmx.core.engine.scripted import Gate, ScriptedEngine
from llmx.core.server.app import create_app
from llmx.core.server.warm_file import WarmPrompt

FILE = Path("warm.jsonl")


def prompts(*texts: str) -> list[WarmPrompt]:
    bodies = [{"messages": [{"role": "user", "content": text}]} for text in texts]
    return [WarmPrompt(line, json.dumps(body).encode()) for line, body in enumerate(bodies, 1)]


def warm(engine: ScriptedEngine, given: list[WarmPrompt], api_key: str | None = None) -> None:
    app = create_app(engine, api_key=api_key)
    asyncio.run(warm_from_file(app, FILE, given, api_key))


def test_what_was_computed_and_what_was_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    warm(ScriptedEngine(remembers=True), prompts("12345", "12399"), api_key="s3cret")
    assert capsys.readouterr().err.splitlines() == [
        "llmx: warming prompt 1 of 2",
        "llmx: warming prompt 2 of 2",
        "llmx: warmed 2 of 2 prompts: 9 tokens computed, 3 were there already",  # 6 + 6 - 3
    ]


def test_a_prompt_that_fails_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    warm(ScriptedEngine([RuntimeError("gone")], ["x"]), prompts("1", "2"))
    said = capsys.readouterr().err
    assert "llmx: --warm: warm.jsonl, line 1 is left out: gone\n" in said
    assert "warmed 1 of 2 prompts" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_the_handlers_are_as_before(number: signal.Signals) -> None:
    gate, before = Gate(), signal.getsignal(number)
    engine = ScriptedEngine([gate])

    def interrupt() -> None:
        gate.reached.wait(20)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        warm(engine, prompts("1", "2"))
    thread.join()
    assert len(engine.cancelled) == len(engine.requests) == 1
    assert signal.getsignal(number) == before
