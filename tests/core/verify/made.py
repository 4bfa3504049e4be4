"""Runs made by hand, for the pure parts."""

from __future__ import annotations

from typing import Any

from llmx.core.client.chat import Reply
from llmx.core.verify.samples import Fault, Role, Run, Sample
from llmx.core.verify.workload import QUESTIONS

FIRST, SECOND, THIRD = QUESTIONS


def reply(
    *,
    text: str = "the answer",
    prompt: int | None = 10_000,
    cached: int | None = 0,
    ttft: float | None = 1.0,
) -> Reply:
    return Reply(
        text=text,
        reasoning="",
        calls=(),
        finish_reason="length",
        model="m",
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=32,
        ttft_s=ttft,
        total_s=2.0,
        status=200,
        headers={},
    )


def sample(role: Role, question: str, **fields: Any) -> Sample:
    return Sample(role, question, reply(**fields))


def good(**hit: Any) -> list[Sample]:
    """An honest server's samples; `hit` changes what both hits say."""
    hits = {"cached": 9_990, "ttft": 0.1, **hit}
    return [
        sample("tiny", "Say hi.", prompt=20, ttft=0.01),
        sample("tiny", "Say hi.", prompt=20, ttft=0.02),
        sample("control", FIRST, cached=5),
        sample("cold", FIRST, cached=5),
        sample("hit", SECOND, **hits),
        sample("hit", THIRD, **hits),
        sample("repeat", FIRST, cached=9_999, ttft=0.1),
        sample("control", SECOND, cached=5),
    ]


def run_of(samples: list[Sample], *, has_bypass: bool = False, fault: Fault | None = None) -> Run:
    return Run("http://x", None, None, "m", has_bypass, tuple(samples), fault)


def changed(samples: list[Sample], role: Role, **fields: Any) -> list[Sample]:
    """The samples with every one of that role made anew."""
    return [sample(role, one.question, **fields) if one.role == role else one for one in samples]
