"""Each error has one status, one body and, where clients retry, one delay."""

import json

import pytest

from llmx.core.errors import (
    BudgetExceeded,
    Busy,
    ContextLengthExceeded,
    LlmxError,
    ModelError,
    NotReady,
    RequestError,
)
from llmx.core.wire.errors import BodyTooLarge, NotFound, Unauthorized, api_error


@pytest.mark.parametrize(
    ("error", "status", "kind", "param", "code"),
    [
        (RequestError("x", param="stop"), 400, "invalid_request_error", "stop", None),
        (
            ContextLengthExceeded(9, 8),
            400,
            "invalid_request_error",
            "messages",
            "context_length_exceeded",
        ),
        (BudgetExceeded(9, 8), 400, "invalid_request_error", "messages", "kv_budget_exceeded"),
        (BodyTooLarge(8), 413, "invalid_request_error", None, "body_too_large"),
        (Unauthorized(), 401, "authentication_error", None, "invalid_api_key"),
        (
            NotFound("x", status=404, code="unknown_url"),
            404,
            "invalid_request_error",
            None,
            "unknown_url",
        ),
        (Busy("x"), 429, "rate_limit_error", None, "queue_full"),
        (NotReady("x"), 503, "server_error", None, "not_ready"),
        (ModelError("x"), 500, "server_error", None, "internal_error"),
    ],
)
def test_every_error_has_its_status_and_openai_body(
    error: LlmxError, status: int, kind: str, param: str | None, code: str | None
) -> None:
    answer = api_error(error)
    assert answer.status == status
    wanted = {"message": str(error), "type": kind, "param": param, "code": code}
    assert json.loads(answer.json()) == {"error": wanted}


@pytest.mark.parametrize("kind", [Busy, NotReady])
def test_a_refusal_for_now_says_when_to_come_back(kind: type[Busy]) -> None:
    assert api_error(kind("x", retry_after_s=3)).headers == {"retry-after": "3"}
