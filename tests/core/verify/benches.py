"""A probe's bench whose server is a function: what a rare model says can be said at will."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from random import Random
from typing import Any

from llmx.core.client.chat import ChatClient
from llmx.core.client.failures import HttpError
from llmx.core.client.identity import Identity
from llmx.core.client.odds import TokenOdds
from llmx.core.client.reply import Reply
from llmx.core.client.servers import generic, llmx
from llmx.core.types import Json
from llmx.core.verify.asking import Said, Speaker
from llmx.core.verify.bench import Bench
from llmx.core.verify.effect import Line
from llmx.core.verify.prompts import Lengths
from llmx.core.verify.result import Api
from llmx.core.verify.workload import Prompt

Answerer = Callable[[Prompt, Mapping[str, Json]], Said]  # of a prompt and the body's extra fields


@cache  # quick, where many are asked one after another
def nobody() -> ChatClient:
    return ChatClient("http://127.0.0.1:9")


def said(
    text: str = "x",
    *,
    cached: int | None = None,
    prompt: int | None = 1000,
    ttft_s: float = 1.0,
    odds: tuple[TokenOdds, ...] = (),
) -> Said:
    reply = Reply(
        text, "", (), "stop", None, prompt, cached, 1, ttft_s, ttft_s, 200, {}, odds=odds
    )  # fmt: skip
    return Said(reply, None, cached)


def failed(status: int) -> Said:
    return Said(None, f"HTTP {status}: no", refusal=HttpError("POST x", status, "no"))


class Scripted(Speaker):
    def __init__(self, answer: Answerer) -> None:
        super().__init__(nobody(), "chat")
        self.answer = answer
        self.asked: list[Prompt] = []

    async def ask(
        self, prompt: Prompt, *, extra: Mapping[str, Json] | None = None, **_: Any
    ) -> Said:
        self.asked.append(prompt)
        return self.answer(prompt, extra or {})

    def over(self, client: ChatClient, api: Api | None = None) -> Scripted:
        return self


def bench(
    answer: Answerer, *, bypass: bool = False, line: Line | None = None, seed: int = 0
) -> Bench:
    async def pause(seconds: float) -> None:
        waited.append(seconds)

    waited: list[float] = []
    numbers = count()
    kind = llmx.KIND if bypass else generic.KIND
    return Bench(
        speaker=Scripted(answer),
        identity=Identity(kind.name if bypass else None, None, None, None, kind),
        lengths=Lengths(),
        length=1024,
        line=line,
        cold_s=1.0,
        connect=nobody,
        rng=Random(seed),
        nonce=lambda: f"nonce-{seed}-{next(numbers)}",
        pause=pause,
    )
