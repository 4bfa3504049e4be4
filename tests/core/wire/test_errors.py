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
from llmx.core.wire.errors import BodyTooLarge, NotFound, Unauthorized, api_error, for_path


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


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (RequestError("stop: x", param="stop"), 400, "invalid_request_error", None),
        (BodyTooLarge(8), 413, "request_too_large", "body_too_large"),
        (Unauthorized(), 401, "authentication_error", "invalid_api_key"),
        (NotFound("x", status=404, code="unknown_url"), 404, "not_found_error", "unknown_url"),
        (NotFound("x", status=405, code="y"), 405, "invalid_request_error", "y"),
        (Busy("x"), 529, "overloaded_error", "queue_full"),
        (NotReady("x"), 503, "api_error", "not_ready"),
        (ModelError("x"), 500, "api_error", "internal_error"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens", "/v1/messages/x"])
def test_every_error_has_its_anthropic_form_too(
    error: LlmxError, status: int, kind: str, code: str | None, path: str
) -> None:
    plain = api_error(error)
    answer = for_path(plain, path, "msg_1")
    assert (answer.status, answer.headers) == (status, plain.headers)
    details = {} if code is None else {"details": {"error_code": code}}
    assert json.loads(answer.json()) == {
        "type": "error",
        "error": {"type": kind, "message": str(error), **details},
        "request_id": "msg_1",
    }
    assert for_path(answer, path, "msg_2") == answer  # done once


@pytest.mark.parametrize("path", ["/", "/v1/messages_of_mine", "/v1/chat/completions", "/v1"])
def test_other_paths_are_openais(path: str) -> None:
    plain = api_error(Busy("x"))
    assert for_path(plain, path, "x") == plain


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ContextLengthExceeded(9, 8), "prompt is too long: 9 tokens > 8 maximum"),
        (
            RequestError("response_format: x", param="response_format"),
            "output_config.format: x",
        ),
        (
            RequestError("The schema is wrong.", param="response_format"),
            "output_config.format: The schema is wrong.",
        ),
        (RequestError("tools[3]: x", param="tools[3]"), "tools[3]: x"),
        (RequestError("top_k is 9", param="top_k"), "top_k is 9"),
        (
            RequestError("It cannot be rendered", param="messages"),
            "messages: It cannot be rendered",
        ),
    ],
)
def test_places_and_lengths_are_said_as_this_apis_clients_know_them(
    error: LlmxError, message: str
) -> None:
    assert for_path(api_error(error), "/v1/messages", None).message == message
