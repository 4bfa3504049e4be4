"""The body of `POST /v1/completions` to `GenerationRequest`s: texts to go on with, no conversation.

A body may have several prompts. Each is a request of its own to the engine; of their answers the
first `n` choices are those of the first prompt, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from llmx.core.errors import RequestError
from llmx.core.types import GenerationRequest, Prepared
from llmx.core.wire.api import Head, Remarks
from llmx.core.wire.body import field_error, parse_body, unsupported
from llmx.core.wire.completions_frames import CompletionAnswer, CompletionForm, CompletionStream
from llmx.core.wire.namespace import namespace
from llmx.core.wire.sampling_body import MOST_LIKELY, SamplingBody, sampling_of

MOST_PROMPTS = 64
MAX_TOKENS = 16  # of this API, where the body does not say

Prompt = str | tuple[int, ...]


def _prompt_tag(value: Any) -> str:
    if not isinstance(value, list):
        return ":prompt"
    match value[:1]:
        case [str()]:
            return ":texts"
        case [list()]:
            return ":batch"
        case _:
            return ":tokens"


Token = Annotated[int, Field(ge=0, le=2**31 - 1)]
Tokens = Annotated[list[Token], Field(fail_fast=True, min_length=1)]


class CompletionBody(SamplingBody):
    prompt: Annotated[
        Annotated[str, Tag(":prompt")]
        | Annotated[list[str], Field(fail_fast=True, max_length=MOST_PROMPTS), Tag(":texts")]
        | Annotated[Tokens, Tag(":tokens")]
        | Annotated[list[Tokens], Field(fail_fast=True, max_length=MOST_PROMPTS), Tag(":batch")],
        Discriminator(_prompt_tag),
    ]
    echo: bool | None = None
    logprobs: Annotated[int, Field(ge=0, le=MOST_LIKELY)] | None = None
    best_of: int | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    generations: tuple[GenerationRequest, ...]  # one for each prompt, at least one
    stream: bool
    include_usage: bool
    user: str | None
    conversation: str | None
    with_echo: bool
    echo: tuple[str, ...] | None = None  # the prompts' texts, where they are to be repeated
    remarks: Remarks = field(default_factory=Remarks)

    @property
    def generation(self) -> GenerationRequest:
        """The first; what holds for all of them can be seen of it."""
        return self.generations[0]

    def whole(self, prepared: Prepared, head: Head) -> CompletionAnswer:
        return CompletionAnswer(head, self._form())

    def streamed(self, prepared: Prepared, head: Head) -> CompletionStream:
        return CompletionStream(head, self.include_usage, self._form())

    def _form(self) -> CompletionForm:
        each = self.generation.choices
        echoes = tuple(text for text in self.echo or () for _ in range(each))
        return CompletionForm(
            choices=each * len(self.generations),
            with_logprobs=self.generation.sampling.logprobs is not None,
            echoes=echoes,
        )


def parse_completion(
    raw: bytes, *, request_id: str, keys: Iterable[bytes] = ()
) -> CompletionRequest:
    """Raises `RequestError` that names the first field that is wrong or not supported."""
    body = parse_body(raw, CompletionBody)
    _refuse_unsupported(body)
    prompts = _prompts(body)
    sampling = sampling_of(body, max_tokens=body.max_tokens or MAX_TOKENS, logprobs=body.logprobs)
    shared = namespace(body.cache_salt, keys)
    generations = [
        GenerationRequest(
            id=request_id if index == 0 else f"{request_id}-{index}",
            messages=(),
            prompt=prompt,
            sampling=sampling,
            choices=body.n or 1,
            cache=body.cache is not False,
            namespace=shared,
        )
        for index, prompt in enumerate(prompts)
    ]
    options = body.stream_options
    return CompletionRequest(
        generations=tuple(generations),
        stream=body.stream is True,
        include_usage=options is not None and options.include_usage is True,
        user=body.user,
        conversation=body.prompt_cache_key,
        with_echo=body.echo is True,
    )


def _refuse_unsupported(body: CompletionBody) -> None:
    if body.suffix:
        wanted = "must be empty: this server does not fill in the middle"
        raise unsupported("suffix", wanted, body.suffix)
    if body.best_of not in (None, body.n or 1):
        raise unsupported("best_of", "must be `n`: every choice is told", body.best_of)
    if body.echo and body.logprobs is not None:
        wanted = "must not be given with `echo`: a prompt's are not computed"
        raise unsupported("logprobs", wanted, body.logprobs)


def _prompts(body: CompletionBody) -> list[Prompt]:
    given = body.prompt
    if isinstance(given, str):
        return [_filled(given, "prompt")]
    if not given:
        raise RequestError("prompt: must not be empty.", param="prompt")
    prompts: list[Prompt] = []
    tokens: list[int] = []
    for index, one in enumerate(given):
        if isinstance(one, int):
            tokens.append(one)
        elif isinstance(one, str):
            prompts.append(_filled(one, f"prompt[{index}]"))
        else:
            prompts.append(tuple(one))
    return prompts or [tuple(tokens)]


def _filled(text: str, path: str) -> str:
    if not text:
        raise field_error(path, "must not be empty", text)
    return text
