"""Samplers and penalties of one row. Runs on the MLX thread.

Order: bias and penalties on the logits, then temperature, top-k, top-p, min-p, then one draw (the
order that vLLM documents; mlx-lm's own samplers filter before the temperature). A row with a seed
carries its own random key, so its text depends on nothing else in the batch; rows without one draw
from the thread's random state and share one sampler object per setting, which lets mlx-lm sample
them in a single call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import mlx.core as mx

from llmx.core.types import SamplingParams

Sampler = Callable[[mx.array], mx.array]  # log-probabilities [rows, vocabulary] -> tokens [rows]
Processor = Callable[[mx.array, mx.array], mx.array]  # (all tokens, logits [1, V]) -> logits

_GREEDY_BELOW = 1e-5  # dividing by less overflows float32, and draws the best token anyway


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a token is drawn; hashable, so that equal settings share a sampler."""

    temperature: float
    top_k: int  # 0: all
    top_p: float  # 1.0: all
    min_p: float  # 0.0: all

    @classmethod
    def of(cls, asked: SamplingParams, defaults: Mapping[str, float]) -> Distribution:
        """What was asked for, else what the model's `generation_config.json` says, else neutral."""
        return cls(
            temperature=_first(asked.temperature, defaults.get("temperature"), 1.0),
            top_k=int(_first(asked.top_k, defaults.get("top_k"), 0)),
            top_p=_first(asked.top_p, defaults.get("top_p"), 1.0),
            min_p=_first(asked.min_p, defaults.get("min_p"), 0.0),
        )


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def seed_of(seed: int | None, choice: int) -> int | None:
    """What a choice draws with: the first as if it was the only one, each other one by itself."""
    if seed is None or choice == 0:
        return seed
    digest = hashlib.blake2b(f"{seed} {choice}".encode(), digest_size=8).digest()
    return int.from_bytes(digest)


class Samplers:
    """Makes samplers; equal unseeded settings get the same object."""

    def __init__(self) -> None:
        self._shared: dict[Distribution, Sampler] = {}

    def make(self, distribution: Distribution, seed: int | None, drawn: int = 0) -> Sampler:
        """`drawn` tokens of this request were drawn already (it was put back and is resumed)."""
        if distribution.temperature < _GREEDY_BELOW:
            return greedy
        if seed is not None:
            return _SeededSampler(distribution, seed, drawn)
        if len(self._shared) > 256:  # clients that vary the temperature on every request
            self._shared.clear()
        return self._shared.setdefault(distribution, _shared_sampler(distribution))


def greedy(logprobs: mx.array) -> mx.array:
    return mx.argmax(logprobs, axis=-1)


def _shared_sampler(distribution: Distribution) -> Sampler:
    def sample(logprobs: mx.array) -> mx.array:
        return mx.random.categorical(_filtered(logprobs, distribution))

    return sample


class _SeededSampler:
    """A chain of keys from the seed: draw n of a request is the same in any company."""

    def __init__(self, distribution: Distribution, seed: int, drawn: int) -> None:
        self._distribution = distribution
        self._key = mx.random.key(seed % 2**64)
        for _ in range(drawn):
            self._key, _used = mx.random.split(self._key)

    def __call__(self, logprobs: mx.array) -> mx.array:
        self._key, key = mx.random.split(self._key)
        # Not `categorical`, which inverts the running sum: the noise of another chunking moves 3 of
        # 4,000 of its draws to the neighbouring token, and none of these (measured).
        scores = _filtered(logprobs, self._distribution)
        return mx.argmax(scores + mx.random.gumbel(scores.shape, key=key), axis=-1)


def _filtered(logprobs: mx.array, distribution: Distribution) -> mx.array:
    """Scaled by temperature, with everything outside top-k, top-p and min-p at minus infinity."""
    # In float32: a running sum over 150,000 tokens in bf16 ends far from where it should.
    scores = logprobs.astype(mx.float32) / distribution.temperature
    if 0 < distribution.top_k < scores.shape[-1]:
        kth = mx.topk(scores, distribution.top_k, axis=-1).min(axis=-1, keepdims=True)
        scores = mx.where(scores < kth, -mx.inf, scores)
    if distribution.top_p < 1.0:
        order = mx.argsort(-scores, axis=-1)
        ranked = mx.softmax(mx.take_along_axis(scores, order, axis=-1), axis=-1)
        before = mx.cumsum(ranked, axis=-1) - ranked  # the first token is always kept
        drop = mx.put_along_axis(mx.zeros_like(ranked), order, before, axis=-1)
        scores = mx.where(drop >= distribution.top_p, -mx.inf, scores)
    if distribution.min_p > 0.0:
        floor = scores.max(axis=-1, keepdims=True) + mx.log(mx.array(distribution.min_p))
        scores = mx.where(scores < floor, -mx.inf, scores)
    return scores


def make_processors(
    asked: SamplingParams, defaults: Mapping[str, float], prompt_tokens: int
) -> list[Processor]:
    """Bias and penalties, as a request asks for them. `prompt_tokens`: where the output begins."""
    repetition = _first(asked.repetition_penalty, defaults.get("repetition_penalty"), 1.0)
    processors: list[Processor] = []
    if asked.logit_bias:
        processors.append(_Bias(asked.logit_bias))
    if repetition != 1.0:
        processors.append(_RepetitionPenalty(repetition))
    if asked.presence_penalty or asked.frequency_penalty:
        processors.append(
            _OutputPenalty(asked.presence_penalty, asked.frequency_penalty, prompt_tokens)
        )
    return processors


class _Bias:
    """Adds to the logits of some tokens, each of which the model must have."""

    def __init__(self, bias: Sequence[tuple[int, float]]) -> None:
        self._bias = bias
        self._prepared: mx.array | None = None  # [vocabulary]

    def __call__(self, history: mx.array, logits: mx.array) -> mx.array:
        if self._prepared is None:
            tokens, added = zip(*self._bias, strict=True)
            empty = mx.zeros((logits.shape[-1],), dtype=logits.dtype)
            self._prepared = empty.at[mx.array(tokens)].add(mx.array(added, dtype=logits.dtype))
        return logits + self._prepared


class _Counts:
    """How often each token occurred; reads each token of the growing history once."""

    def __init__(self, start: int) -> None:
        self._seen = start
        self._counts: mx.array | None = None

    def update(self, history: mx.array, vocabulary: int) -> mx.array:
        """Counts over `history[start:]`, shape [vocabulary], float32."""
        if self._counts is None:
            self._counts = mx.zeros((vocabulary,), dtype=mx.float32)
        if history.size > self._seen:
            self._counts = self._counts.at[history[self._seen :]].add(1.0)
            self._seen = history.size
        return self._counts


class _RepetitionPenalty:
    """Over prompt and output: positive logits are divided, negative ones multiplied (CTRL)."""

    def __init__(self, penalty: float) -> None:
        self._penalty = penalty
        self._counts = _Counts(0)

    def __call__(self, history: mx.array, logits: mx.array) -> mx.array:
        seen = self._counts.update(history, logits.shape[-1]) > 0
        punished = mx.where(logits > 0, logits / self._penalty, logits * self._penalty)
        return mx.where(seen, punished, logits)


class _OutputPenalty:
    """OpenAI's presence and frequency penalties, over the generated tokens only."""

    def __init__(self, presence: float, frequency: float, prompt_tokens: int) -> None:
        self._presence = presence
        self._frequency = frequency
        self._counts = _Counts(prompt_tokens)

    def __call__(self, history: mx.array, logits: mx.array) -> mx.array:
        counts = self._counts.update(history, logits.shape[-1])
        punished = logits - self._frequency * counts - self._presence * (counts > 0)
        return punished.astype(logits.dtype)  # a wider row would widen its neighbours in the batch
