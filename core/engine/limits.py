"""What no engine can do, said before anything is computed."""

from __future__ import annotations

from llmx.core.engine.choices import MOST
from llmx.core.errors import RequestError
from llmx.core.types import GenerationRequest


def check(request: GenerationRequest, vocabulary: int) -> None:
    """Raises `RequestError` that names the field; `vocabulary` is how many tokens the model has."""
    asked = request.sampling
    if not 1 <= request.choices <= MOST:
        raise RequestError(f"n: {request.choices}, wanted 1 to {MOST}.", param="n")
    if asked.top_k is not None and asked.top_k > vocabulary:
        raise RequestError(
            f"top_k is {asked.top_k}, but the model has {vocabulary} tokens", param="top_k"
        )
    unknown = next((token for token, _ in asked.logit_bias if not 0 <= token < vocabulary), None)
    if unknown is not None:
        raise RequestError(
            f"logit_bias: {unknown} is none of this model's {vocabulary} tokens.",
            param="logit_bias",
        )
