"""`POST /v1/responses/input_tokens`: the prompt alone, and how long it is."""

from __future__ import annotations

from llmx.core.types import Json
from llmx.core.wire.body import check_body, parse_json
from llmx.core.wire.responses.body import CreateBody, PromptBody


def parse_input_tokens(raw: bytes) -> CreateBody:
    """The request that is meant, without what shows in its answer only, and to answer nothing.

    Raises `RequestError`.
    """
    given = parse_json(raw)
    check_body(given, PromptBody)
    prompt = {name: value for name, value in given.items() if name in PromptBody.model_fields}
    options = {"prewarm": True}
    return check_body({**prompt, "store": False, "prompt_cache_options": options}, CreateBody)


def input_tokens_object(count: int) -> dict[str, Json]:
    return {"object": "response.input_tokens", "input_tokens": count}
