"""`GET /v1/models` and `GET /v1/models/{id}`."""

from __future__ import annotations

from llmx.core.types import Json, ModelInfo


def models_list(info: ModelInfo) -> Json:
    return {"object": "list", "data": [model_object(info)]}


def model_object(info: ModelInfo) -> Json:
    return {
        "id": info.id,
        "object": "model",
        "created": info.created_at,
        "owned_by": "llmx",
        "max_model_len": info.context,  # as other local servers name it
    }
