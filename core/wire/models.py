"""`GET /v1/models` and `GET /v1/models/{id}`, which two APIs have in common.

Anthropic's clients say so by a header; everybody else is answered in OpenAI's form.
"""

from __future__ import annotations

from datetime import UTC, datetime

from llmx.core.types import Json, ModelInfo
from llmx.core.wire.errors import Shape

ANTHROPIC_HEADER = "anthropic-version"


def models_list(info: ModelInfo, shape: Shape) -> Json:
    model = model_object(info, shape)
    if shape == "openai":
        return {"object": "list", "data": [model]}
    return {"data": [model], "has_more": False, "first_id": info.id, "last_id": info.id}


def model_object(info: ModelInfo, shape: Shape) -> Json:
    return _openai(info) if shape == "openai" else _anthropic(info)


def _anthropic(info: ModelInfo) -> Json:
    return {
        "type": "model",
        "id": info.id,
        "display_name": info.id,
        "created_at": datetime.fromtimestamp(info.created_at, UTC).isoformat(),
        "lifecycle": "active",
        "max_input_tokens": info.context,
        "max_tokens": info.context,
    }


def _openai(info: ModelInfo) -> Json:
    return {
        "id": info.id,
        "object": "model",
        "created": info.created_at,
        "owned_by": "llmx",
        "max_model_len": info.context,  # as other local servers name it
    }
