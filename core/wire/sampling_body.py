"""The fields about drawing tokens that Chat Completions and Completions have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag

from llmx.core.types import Json, SamplingParams
from llmx.core.wire.body import Body, field_error
from llmx.core.wire.namespace import MAX_SALT

MOST_CHOICES = 16  # each is a row of the batch, and holds KV state for its own answer
MOST_LIKELY = 20  # tokens told at one place
MOST_BIAS = 100

StopString: TypeAlias = Annotated[str, Field(min_length=1, max_length=1024)]


def _stop_tag(value: Any) -> str:
    return ":list" if isinstance(value, list) else ":one"


Penalty: TypeAlias = Annotated[float, Field(ge=-2, le=2)]
Limit: TypeAlias = Annotated[int, Field(ge=1)]


class StreamOptions(Body):
    include_usage: bool | None = None


class SamplingBody(Body):
    """None always means: not given."""

    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Limit | None = None
    n: Annotated[int, Field(ge=1, le=MOST_CHOICES)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=-1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: int | None = None
    stop: (
        Annotated[
            Annotated[StopString, Tag(":one")]
            | Annotated[list[StopString], Field(fail_fast=True, max_length=16), Tag(":list")],
            Discriminator(_stop_tag),
        ]
        | None
    ) = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    repetition_penalty: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    logit_bias: dict[str, Any] | None = None
    user: str | None = None
    cache: bool | None = None  # our own: false neither reads nor fills the prefix cache
    cache_salt: Annotated[str, Field(min_length=1, max_length=MAX_SALT)] | None = None
    prompt_cache_key: str | None = None


def sampling_of(
    body: SamplingBody, *, max_tokens: int | None, logprobs: int | None
) -> SamplingParams:
    """What the body says of it. Raises `RequestError` for a `logit_bias` that is none."""
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    return SamplingParams(
        max_tokens=max_tokens,
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=0 if body.top_k == -1 else body.top_k,
        min_p=body.min_p,
        seed=body.seed,
        stop=stop,
        presence_penalty=body.presence_penalty or 0.0,
        frequency_penalty=body.frequency_penalty or 0.0,
        repetition_penalty=body.repetition_penalty,
        logit_bias=_bias(body.logit_bias or {}),
        logprobs=logprobs,
    )


_TOKEN_ID = re.compile(r"0|[1-9][0-9]{0,9}")


def _bias(given: Mapping[str, Json]) -> tuple[tuple[int, float], ...]:
    """Sorted by id. Whether the model has the token is for the engine to say."""
    pairs: list[tuple[int, float]] = []
    for token, value in given.items():
        if _TOKEN_ID.fullmatch(token) is None:
            raise field_error("logit_bias", "must have ids of tokens as names", token)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not -MOST_BIAS <= value <= MOST_BIAS:
            wanted = f"must be a number from -{MOST_BIAS} to {MOST_BIAS}"
            raise field_error(f"logit_bias.{token}", wanted, value)
        pairs.append((int(token), float(value)))
    return tuple(sorted(pairs))
