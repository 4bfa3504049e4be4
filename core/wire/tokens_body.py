"""The bodies of `POST /tokenize` and `/detokenize`, in the form that other local servers have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from llmx.core.errors import RequestError
from llmx.core.types import GenerationRequest, Json
from llmx.core.wire.body import Body, check_body, parse_body, parse_json
from llmx.core.wire.chat_request import parse_chat, prompt_only


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands."""

    text: str
    special_tokens: bool


class TokenizeBody(Body):
    prompt: str
    add_special_tokens: bool | None = None


class DetokenizeBody(Body):
    tokens: Annotated[list[int], Field(fail_fast=True)]


def parse_tokenize(raw: bytes, *, request_id: str) -> Text | GenerationRequest:
    """A text, or the conversation of a chat body. Raises `RequestError`."""
    body = parse_json(raw)
    if isinstance(body, dict) and "messages" in body:
        if "prompt" in body:
            raise RequestError("prompt: goes without `messages` beside it.", param="prompt")
        return prompt_only(parse_chat(raw, request_id=request_id).generation)
    checked = check_body(body, TokenizeBody)
    return Text(checked.prompt, checked.add_special_tokens is not False)


def parse_detokenize(raw: bytes) -> Sequence[int]:
    return parse_body(raw, DetokenizeBody).tokens


def tokenized_body(tokens: Sequence[int], context: int) -> Json:
    return {"count": len(tokens), "max_model_len": context, "tokens": tokens}


def detokenized_body(text: str) -> Json:
    return {"prompt": text}
