"""One engine and its offline twin: ask, see what every token was drawn from, and compare.

The engine runs as it is. Two taps are set from outside: one on the samplers, which see the
log-probabilities of every row, and one on the forward of the model, which sees what is computed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import mlx.core as mx
import numpy as np
import pytest
from mlx_lm.models.cache import ArraysCache

from llmx.core.cache.layout import leaves
from llmx.core.engine.constraint import Constraint
from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine
from llmx.core.engine.sampling import Distribution, Sampler, Samplers, make_processors
from llmx.core.types import (
    Event,
    GenerationRequest,
    Message,
    OutputFormat,
    Prefilled,
    Prepared,
    TextDelta,
    ToolCalled,
    ToolChoice,
)
from tests import offline
from tests.asking import Answer, answer, request_of
from tests.models import make_model
from tests.offline import Run, load_offline

FAMILIES = (
    "qwen3",
    "llama",
    "gemma3_text",
    "gpt_oss",
    "qwen3_next",
    "qwen3_5",
    "mamba2",
    "granitemoehybrid",
    "falcon_h1",
)
ATTENTION = ("qwen3", "llama")  # can be restored at any token; the others at checkpoints
TOKENS = 12  # of every answer
CHUNK = 64  # tokens: a prompt of a test takes several
TOLERANCE = 1e-4  # of a log-probability: law 1 of the design
VISIBLE = 1e-3  # the least that a damage must move one

_LOOK = {
    "name": "look",
    "description": "Look at a place.",
    "parameters": {
        "type": "object",
        "properties": {"place": {"enum": ["here", "there"]}},
        "required": ["place"],
        "additionalProperties": False,
    },
}
_SAID = {
    "type": "object",
    "properties": {"said": {"type": "string"}},
    "required": ["said"],
    "additionalProperties": False,
}
MODES: dict[str, dict[str, Any]] = {
    "plain": {},
    "penalties": {"presence_penalty": 1.5, "frequency_penalty": 0.5, "repetition_penalty": 1.3},
    "seed": {"temperature": 0.8},
    "grammar": {"output": OutputFormat(_SAID), "temperature": 0.8},
    "logprobs": {"logprobs": 4, "presence_penalty": 1.5},
    "tools": {  # as many tokens as a call takes
        "tools": ({"type": "function", "function": _LOOK},),
        "tool_choice": ToolChoice("required", parallel=False),
        "max_tokens": 40,
    },
}

Conversation = Sequence[tuple[str, str] | Message]
_seeds = itertools.count(1)


def words(count: int, seed: int) -> str:
    """Words that do not repeat: on a repeating prompt a random model repeats one token."""
    rng = random.Random(seed)
    return " ".join(
        "".join(rng.choices("aeiounrstlm", k=rng.randrange(2, 8))) for _ in range(count)
    )


# ── taps ──────────────────────────────────────────────────────────────────────────────────────


class SampleTap:
    """What the sampler of each request was given and what it drew, by the request's seed.

    A request with a seed has a sampler of its own, so a seed names it, greedy ones too. Written on
    the MLX thread, read after the request has finished.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._seen: dict[int, list[tuple[np.ndarray, int]]] = {}
        make = Samplers.make

        def tapped(
            samplers: Samplers, distribution: Distribution, seed: int | None, drawn: int = 0
        ) -> Sampler:
            sampler = make(samplers, distribution, seed, drawn)
            return sampler if seed is None else self._tap(sampler, seed, drawn)

        self.make: Callable[[Distribution, int | None], Sampler] = lambda distribution, seed: make(
            Samplers(), distribution, seed
        )
        patch.setattr(Samplers, "make", tapped)

    def take(self, seed: int, tokens: int) -> Run:
        """What the first `tokens` tokens were drawn from; forgets it."""
        seen = self._seen.pop(seed, [])[:tokens]
        assert len(seen) == tokens, "the sampler was not asked for every token"
        rows = [row for row, _ in seen]
        return Run(tuple(token for _, token in seen), np.stack(rows) if rows else np.zeros((0, 0)))

    def _tap(self, sampler: Sampler, seed: int, drawn: int) -> Sampler:
        seen = self._seen.setdefault(seed, [])
        del seen[drawn:]  # a row that is resumed draws again what it had drawn ahead

        def sample(logprobs: mx.array) -> mx.array:
            tokens = sampler(logprobs)
            (token,) = np.array(tokens).tolist()
            seen.append((np.array(logprobs[0].astype(mx.float32)), token))
            return tokens

        return sample


@dataclass(frozen=True)
class Forward:
    """One call of the model."""

    tokens: np.ndarray  # ids, [rows, length]
    start: int | None  # tokens that the state held before, by its own count; None: it has none

    @property
    def rows(self) -> int:
        return self.tokens.shape[0]

    @property
    def length(self) -> int:
        return self.tokens.shape[1]


Damage = Literal["replaced", "doubled"]


class ForwardTap:
    """Hears every forward of an architecture, and lies to it where a test asks for that.

    A lie makes a state that is stored under tokens which it does not hold: the model computes
    another token than the one that is there. Everything else takes its usual way.
    """

    def __init__(self, patch: pytest.MonkeyPatch, architecture: str) -> None:
        self._heard: list[Forward] | None = None
        self._damage: Damage | None = None
        self._marker = -1
        model = import_module(f"mlx_lm.models.{architecture}").Model
        forward = model.__call__

        def tapped(model: Any, inputs: mx.array, cache: Any = None, **named: Any) -> Any:
            if self._heard is not None:
                self._heard.append(Forward(np.array(inputs), _offset(cache or ())))
            return forward(model, self._told(inputs), cache, **named)

        patch.setattr(model, "__call__", tapped)

    @contextlib.contextmanager
    def heard(self) -> Iterator[list[Forward]]:
        """The calls of the block, in order."""
        self._heard = calls = []
        try:
            yield calls
        finally:
            self._heard = None

    @contextlib.contextmanager
    def lying(self, damage: Damage | None, marker: int) -> Iterator[None]:
        """`replaced`: another token stands where `marker` does. `doubled`: the marker stands twice,
        and the token after it is missing."""
        self._damage, self._marker = damage, marker
        try:
            yield
        finally:
            self._damage = None

    def _told(self, inputs: mx.array) -> mx.array:
        match self._damage:
            case "replaced":
                return mx.where(inputs == self._marker, self._marker + 1, inputs)
            case "doubled":
                before = mx.concatenate([inputs[:, :1], inputs[:, :-1]], axis=1)
                return mx.where(before == self._marker, self._marker, inputs)
            case None:
                return inputs


def _offset(state: Sequence[Any]) -> int | None:
    """Tokens that a state of one row holds; classes without a position do not know."""
    for cache in leaves(state):
        if not isinstance(cache, ArraysCache):
            (offset,) = np.array(cache.offset).reshape(-1)[:1].tolist()
            return offset
    return None


# ── a desk ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Heard:
    """An answer of the engine, with what its tokens were drawn from."""

    answer: Answer
    run: Run

    @property
    def prepared(self) -> Prepared:
        return self.answer.prepared

    @property
    def tokens(self) -> tuple[int, ...]:
        return self.answer.prepared.tokens

    @property
    def matched(self) -> int:
        return self.answer.cache.matched


class Desk:
    """An engine and bare mlx-lm on the same model."""

    def __init__(
        self,
        family: str,
        folder: Path,
        patch: pytest.MonkeyPatch,
        **options: Any,
    ) -> None:
        self.family = family
        self.folder = make_model(family, folder)
        self.samples = SampleTap(patch)
        self.forwards = ForwardTap(patch, family)
        self.model, self.tokenizer = load_offline(self.folder)
        self._runs: dict[tuple[object, ...], Run] = {}
        self._states: dict[tuple[int, ...], list[Any]] = {}
        # A random model draws a marker of reasoning now and then: here it is text like all others.
        plain = {"prefill_chunk": CHUNK, "reasoning_parser": "none"}
        self._options = {**plain, "max_running": 8, "cache_ram": 1 << 28, **options}
        self.engine = self.another()

    def another(self, **options: Any) -> MLXEngine:
        """Another engine on the same model; the caller closes it."""
        return MLXEngine.load(self.folder, EngineOptions(**{**self._options, **options}))

    def close(self) -> None:
        asyncio.run(self.engine.close())

    def request(self, messages: str | Conversation, **asked: Any) -> GenerationRequest:
        """A request with a seed of its own, by which its log-probabilities are found.

        `asked` are sampling parameters, and what a request says of tools and output.
        """
        asked.setdefault("max_tokens", TOKENS)
        whole = ("namespace", "tool_choice", "output")
        besides = {name: asked.pop(name) for name in whole if name in asked}
        asked.setdefault("seed", next(_seeds))
        if isinstance(messages, str):
            messages = [("user", messages)]
        plain = [("user", "") if isinstance(m, Message) else m for m in messages]
        request = request_of(plain, **asked)
        full = tuple(
            given if isinstance(given, Message) else made
            for given, made in zip(messages, request.messages, strict=True)
        )
        return replace(request, messages=full, **besides)

    async def ask(
        self, *requests: GenerationRequest, engine: MLXEngine | None = None
    ) -> list[Heard]:
        """The answers of requests that are made at the same time."""
        asked = engine or self.engine
        return list(await asyncio.gather(*(self._ask(asked, request) for request in requests)))

    async def _ask(self, engine: MLXEngine, request: GenerationRequest) -> Heard:
        heard = await answer(engine, request)
        assert request.sampling.seed is not None
        run = self.samples.take(request.sampling.seed, heard.end.usage.completion_tokens)
        return Heard(heard, run)

    async def leave_in_prefill(
        self, request: GenerationRequest, engine: MLXEngine | None = None
    ) -> Prepared:
        """A client that goes away when the first chunk of its prompt is computed."""
        asked = engine or self.engine
        prepared = await asked.prepare(request)
        events: AsyncGenerator[Event, None] = asked.generate(prepared)
        async with contextlib.aclosing(events):
            async for event in events:
                if isinstance(event, Prefilled):
                    break
        await idle(asked)
        return prepared

    def expected(self, heard: Heard) -> Run:
        """What bare mlx-lm says to the same tokens, computed in one go; greedy text, or the text
        that the engine has drawn.
        """
        asked = heard.prepared.request.sampling
        forced = None if asked.temperature == 0.0 else heard.run.tokens
        constraint = heard.prepared.constraint
        key = (heard.tokens, replace(asked, seed=None), forced, constraint)
        if key not in self._runs:
            processors = make_processors(asked, {}, len(heard.tokens))
            if isinstance(constraint, Constraint):
                processors.append(constraint.guide(len(heard.tokens)))
            self._runs[key] = offline.generate(
                self.model,
                heard.tokens,
                len(heard.run.tokens),
                processors=processors,
                forced=forced,
                state=self.offline_state(heard.tokens[:-1]),
                held=len(heard.tokens) - 1,
            )
        return self._runs[key]

    def offline_state(self, tokens: Sequence[int]) -> list[Any] | None:
        """Computed once for all the ways to sample; None for no tokens."""
        key = tuple(tokens)
        if key and key not in self._states:
            self._states[key] = offline.prefilled(self.model, key)
        return self._states.get(key)

    def difference(self, heard: Heard) -> float:
        """Of the log-probabilities to those of the offline run."""
        return offline.largest_difference(heard.run, self.expected(heard))

    def check(self, heard: Heard) -> None:
        """Raise unless the answer is that of the offline run (law 1).

        Greedy text is equal. A token that was drawn with a seed is the one that this draw of this
        seed gives: compared with another run's text it would say less, because a draw falls on the
        next token of the vocabulary where a log-probability is 1e-6 off (3 of 4,000 draws).
        """
        expected = self.expected(heard)
        assert heard.run.tokens == expected.tokens
        ended = heard.answer.end.reason == "stop"  # by a token that is not shown
        shown = expected.tokens[:-1] if ended else expected.tokens
        if heard.prepared.request.output is not None:
            assert heard.answer.text.startswith("{"), "no grammar is at work"
        if heard.prepared.request.tools:
            self._check_calls(heard, shown)
        else:
            assert heard.answer.text == self.tokenizer.decode(list(shown))
        assert self.difference(heard) <= TOLERANCE
        asked = heard.prepared.request.sampling
        if asked.logprobs is not None:
            self._check_logprobs(heard, len(shown), asked.logprobs)
        draw = self.samples.make(Distribution.of(asked, {}), asked.seed)
        drawn = [np.array(draw(mx.array(row[None]))).tolist() for row in heard.run.logprobs]
        assert drawn == [[token] for token in heard.run.tokens]

    def _check_calls(self, heard: Heard, shown: Sequence[int]) -> None:
        """What was called is what the offline run's tokens say, and something was."""
        parser = self.engine._syntax.parser(heard.prepared)
        deltas = [*parser.add(shown), *parser.finish(is_cut=heard.answer.end.reason != "stop")]
        said = [(one.name, one.arguments) for one in deltas if isinstance(one, ToolCalled)]
        assert said == [(one.name, one.arguments) for one in heard.answer.calls]
        assert [name for name, _ in said] == ["look"]
        text = "".join(one.text for one in deltas if isinstance(one, TextDelta))
        assert heard.answer.text == text

    def _check_logprobs(self, heard: Heard, shown: int, top: int) -> None:
        """Those of the bare model, before anything that changes what is drawn."""
        drawn = heard.run.tokens
        state, held = self.offline_state(heard.tokens[:-1]), len(heard.tokens) - 1
        bare = offline.generate(
            self.model, heard.tokens, len(drawn), forced=drawn, state=state, held=held
        )
        told = heard.answer.logprobs
        assert len(told) == shown
        for one, token, row in zip(told, drawn, bare.logprobs, strict=False):
            assert abs(one.logprob - row[token]) <= TOLERANCE
            likeliest = np.sort(row)[::-1][:top]
            assert (
                np.abs(np.array([next.logprob for next in one.top]) - likeliest).max() <= TOLERANCE
            )


async def idle(engine: MLXEngine) -> None:
    """Until nothing runs, nothing waits, and what was computed is stored."""
    while (stats := engine.stats()).running or stats.queued or stats.cache.running_bytes:
        await asyncio.sleep(0.001)


def common_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


# ── a scene ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Scene:
    """One way to a hit: what is stored on it, and who is served from that.

    What is stored may be damaged on its way in. Then every answer in `warm` must be a wrong one.
    """

    desk: Desk
    mode: str = "plain"
    damage: Damage | None = None
    engine: MLXEngine | None = None  # None: the desk's own
    first: list[Heard] = field(default_factory=list)
    warm: list[Heard] = field(default_factory=list)
    _marker: int | None = None

    def request(self, messages: Conversation) -> GenerationRequest:
        return self.desk.request(messages, **MODES[self.mode])

    async def store(self, *conversations: Conversation) -> list[Heard]:
        """Ask one after the other; the cache is filled by it."""
        heard: list[Heard] = []
        for messages in conversations:
            request = self.request(messages)
            with self.desk.forwards.lying(self.damage, await self._marked(request)):
                heard += await self.desk.ask(request, engine=self.engine)
        self.first += heard
        return heard

    async def ask(self, *conversations: Conversation) -> list[Heard]:
        """Ask at the same time; served from what was stored."""
        requests = [self.request(messages) for messages in conversations]
        heard = await self.desk.ask(*requests, engine=self.engine)
        self.warm += heard
        return heard

    async def ask_cold(self, *conversations: Conversation) -> list[Heard]:
        """Ask at the same time, with nothing stored before: one of them has to lead."""
        requests = [self.request(messages) for messages in conversations]
        with self.desk.forwards.lying(self.damage, await self._marked(requests[0])):
            heard = await self.desk.ask(*requests, engine=self.engine)
        self.first += [h for h in heard if h.matched == 0]
        self.warm += [h for h in heard if h.matched > 0]
        return heard

    async def leave_in_prefill(self, messages: Conversation) -> None:
        request = self.request(messages)
        with self.desk.forwards.lying(self.damage, await self._marked(request)):
            await self.desk.leave_in_prefill(request, engine=self.engine)

    def check(self) -> None:
        """Every answer is that of the offline run."""
        assert self.warm
        for heard in [*self.first, *self.warm]:
            self.desk.check(heard)

    def check_damage_is_seen(self) -> None:
        """Every answer that was restored over the damaged place is found to be wrong."""
        damaged = [h for h in self.warm if self._marker in h.tokens[: h.matched]]
        assert damaged, "nobody was served from what was damaged"
        differences = [self.desk.difference(heard) for heard in damaged]
        assert min(differences) > VISIBLE

    async def _marked(self, request: GenerationRequest) -> int:
        """The token that a lie is about: one of the first message, which occurs once."""
        if self._marker is None:
            tokens = (await (self.engine or self.desk.engine).prepare(request)).tokens
            middle = tokens[CHUNK // 2 : CHUNK - 4]  # of the first chunk, not at its edge
            self._marker = next(t for t in middle if tokens.count(t) == 1)
        return self._marker
