"""Log probabilities as Chat Completions tells them."""

from __future__ import annotations

from collections.abc import Iterable

from llmx.core.types import Json, TokenLogprob

LEAST = -9999.0  # what this API says of a token that could not come


def logprobs_body(tokens: Iterable[TokenLogprob]) -> list[Json]:
    """One for each token that was drawn. `bytes` of several joined are the text, exactly."""
    return [{**_token(token), "top_logprobs": [_token(t) for t in token.top]} for token in tokens]


def told_logprob(logprob: float) -> float:
    """JSON has no infinity, and no NaN."""
    return logprob if logprob > LEAST else LEAST


def _token(token: TokenLogprob) -> dict[str, Json]:
    return {
        "token": token.token,
        "logprob": told_logprob(token.logprob),
        "bytes": list(token.raw),
    }
