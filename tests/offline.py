"""The reference: bare mlx-lm without server, cache or batch, to which every answer is held."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import mlx.core as mx
import numpy as np
from mlx_lm import load
from mlx_lm.generate import generate_step
from mlx_lm.models.cache import make_prompt_cache


def load_offline(folder: Path) -> tuple[Any, Any]:
    """Model and tokenizer as mlx-lm loads them, evaluated on this thread."""
    model, tokenizer = load(str(folder))[:2]
    mx.eval(model.parameters())
    return model, tokenizer


def greedy(model: Any, prompt: Sequence[int], tokens: int) -> list[int]:
    """The `tokens` most likely continuations of a prompt, token ids, computed in one go."""
    steps = generate_step(mx.array(list(prompt)), model, max_tokens=tokens)
    return [int(token) for token, _ in steps]


def first_logprobs(model: Any, prompt: Sequence[int], state: Any = None) -> mx.array:
    """Log-probabilities [vocabulary] of the token after `prompt`, float32.

    `state` holds leading tokens of the prompt already, in the manner of a cache hit; None: cold.
    """
    cache = make_prompt_cache(model) if state is None else state
    logits = model(mx.array([list(prompt)]), cache=cache)[0, -1].astype(mx.float32)
    return logits - mx.logsumexp(logits)


@dataclass(frozen=True)
class Run:
    """What was generated, and what each token was drawn from."""

    tokens: tuple[int, ...]
    logprobs: np.ndarray  # [tokens, vocabulary], float32, after penalties, before temperature


def largest_difference(one: Run, other: Run) -> float:
    """Between the log-probabilities of two runs; infinite where their tokens differ."""
    if one.tokens != other.tokens:
        return float("inf")
    differs = one.logprobs != other.logprobs  # what is impossible to both is not: inf - inf
    return float(np.abs(one.logprobs[differs] - other.logprobs[differs]).max(initial=0.0))


def most_likely(logprobs: mx.array) -> mx.array:
    return mx.argmax(logprobs, axis=-1)


def generate(
    model: Any,
    prompt: Sequence[int],
    tokens: int,
    *,
    sampler: Callable[[mx.array], mx.array] = most_likely,
    processors: Sequence[Callable[[mx.array, mx.array], mx.array]] = (),
    forced: Sequence[int] | None = None,
    state: Sequence[Any] | None = None,
    held: int = 0,
) -> Run:
    """Continue a prompt by `tokens` tokens: those of `forced`, or what the sampler draws.

    The prompt is computed in one forward, then token by token; processors see the whole history.
    `state` is said to hold the first `held` tokens of the prompt already. It is not changed.
    """
    cache = make_prompt_cache(model) if state is None else copy.deepcopy(list(state))
    history, drawn, rows = list(prompt), [], []
    logits = model(mx.array([history[held:]]), cache=cache)[:, -1, :]
    while True:
        for process in processors:
            logits = process(mx.array(history), logits)
        logprobs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        if forced is not None:
            token = forced[len(drawn)]
        else:
            (token,) = cast(list[int], sampler(logprobs).tolist())
        rows.append(np.array(logprobs[0].astype(mx.float32)))
        drawn.append(token)
        history.append(token)
        if len(drawn) == tokens:
            return Run(tuple(drawn), np.stack(rows))
        logits = model(mx.array([[token]]), cache=cache)[:, -1, :]


def prefilled(model: Any, tokens: Sequence[int]) -> list[Any]:
    """A state that holds these tokens."""
    cache = make_prompt_cache(model)
    model(mx.array([list(tokens)]), cache=cache)
    mx.eval([layer.state for layer in cache])
    return cache
