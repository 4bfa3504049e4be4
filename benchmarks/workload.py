"""What is asked of both servers: prompts over the sample agent, and how much of each measure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from llmx.core.types import Json
from llmx.fixtures import agent_system, agent_tools

Message = Mapping[str, Json]

QUESTIONS = (
    "Which file holds the settings, and which of them are read at start only?",
    "The import of the parser fails on Windows. Find out why, and change nothing yet.",
    "Rename the option for the time limit everywhere, and keep the old name working.",
    "Write a test for the empty key that fails today, then make it pass.",
    "What does the last release change for somebody who calls the library from threads?",
    "Explain how the scheduler picks the next job when two have the same priority.",
    "Remove the helper that nothing calls any more, and show how you know that.",
    "The nightly run got slower by a third within a week. Where would you look first?",
)


@dataclass(frozen=True, slots=True)
class Agent:
    """A system prompt. A nonce makes it one that no server has seen."""

    system: str

    def opening(self, nonce: str, question: str) -> list[Message]:
        """The nonce comes first: all that two nonces share is a few tokens of the template."""
        system = {"role": "system", "content": f"{nonce}\n{self.system}"}
        return [system, {"role": "user", "content": question}]


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a measure is. Lengths are tokens of a system prompt."""

    long: int
    brief: int  # where many cold prompts would take minutes
    ttft_tokens: int  # tokens of an answer where the first is what counts
    answer_tokens: int
    repeats: int  # warm questions, and exact repeats, per round
    depths: tuple[int, int, int]  # lengths between which a hit must not grow
    depth_hits: int  # at each of them
    turns: int
    long_turns: int  # of the one conversation that grows
    conversations: int  # at the same time, in turn or in parallel
    unrelated: int  # in two rounds: more than a cache of ten entries holds
    herd: int  # requests that start together
    herd_tokens: int
    herd_repeats: int  # on a known prefix, beside bare mlx-lm
    clients: int  # beside one client, for requests per second
    requests: int  # by one client; all clients together make twice as many
    residents: int  # conversations after which memory is read
    stream_tokens: int  # at most, of the stream whose gaps are measured
    left_tokens: int  # of an answer whose reader leaves
    held_tokens: int  # of each row beside a constrained one
    wire_tokens: int  # of an answer that a script gives
    trace_bytes: tuple[int, int]  # of two logs


def full_scale() -> Scale:
    return Scale(
        long=9_600,
        brief=2_600,
        ttft_tokens=4,
        answer_tokens=32,
        repeats=7,
        depths=(2_000, 9_000, 32_000),
        depth_hits=21,
        turns=5,
        long_turns=10,
        conversations=4,
        unrelated=12,
        herd=8,
        herd_tokens=64,
        herd_repeats=4,
        clients=16,
        requests=100,
        residents=30,
        stream_tokens=12_000,
        left_tokens=2_000,
        held_tokens=128,
        wire_tokens=32_000,
        trace_bytes=(10_000_000, 100_000_000),
    )


def quick_scale() -> Scale:
    """To see that everything runs, and to warm up; its figures mean little."""
    return Scale(
        long=1_500,
        brief=400,
        ttft_tokens=2,
        answer_tokens=8,
        repeats=1,
        depths=(200, 400, 800),
        depth_hits=3,
        turns=2,
        long_turns=3,
        conversations=2,
        unrelated=3,
        herd=3,
        herd_tokens=8,
        herd_repeats=1,
        clients=4,
        requests=10,
        residents=3,
        stream_tokens=4_000,
        left_tokens=1_000,
        held_tokens=16,
        wire_tokens=400,
        trace_bytes=(200_000, 2_000_000),
    )


def system_text() -> str:
    """What system prompts are cut from: the sample agent's, with its tools."""
    return f"{agent_system()}\n{json.dumps(agent_tools(), indent=1)}"


def question(number: int) -> str:
    """A question that differs from that of every other number."""
    return f"Question {number}. {QUESTIONS[number % len(QUESTIONS)]}"
