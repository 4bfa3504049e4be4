"""The reference: bare mlx-lm without server, cache or batch, to which every answer is held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
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
