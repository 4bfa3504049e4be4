"""How an error looks on each API: status, body, headers. The one place that decides it.

`api_error` says what an error is, in OpenAI's form; `for_path` puts it into the form of the API
that the path belongs to, which is the same for a wrong path, method, key or body there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from llmx.core.errors import (
    BudgetExceeded,
    Busy,
    ContextLengthExceeded,
    LlmxError,
    NotReady,
    RequestError,
)
from llmx.core.types import Json

Shape = Literal["openai", "anthropic"]

MESSAGES = "/v1/messages"
ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
ANTHROPIC_PLACES = {"response_format": "output_config.format"}


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error as the client is to see it."""

    status: int
    message: str
    type: str
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    shape: Shape = "openai"
    request_id: str | None = None  # which Anthropic's shape repeats
    cause: LlmxError | None = field(default=None, repr=False, compare=False)

    def body(self) -> Json:
        """The same in a response and in a stream."""
        return self._openai() if self.shape == "openai" else self._anthropic()

    def as_anthropic(self, request_id: str | None) -> ApiError:
        """The same error as Anthropic's clients know it."""
        if self.shape == "anthropic":
            return self
        status = 529 if self.status == 429 else self.status  # they take a 429 for their own limit
        return replace(
            self,
            status=status,
            type=ANTHROPIC_TYPES.get(status, "invalid_request_error"),
            message=_anthropic_message(self),
            shape="anthropic",
            request_id=request_id,
        )

    def _anthropic(self) -> Json:
        """`{"type": "error", "error": {type, message[, details]}, "request_id"}`."""
        error: dict[str, Json] = {"type": self.type, "message": self.message}
        if self.code is not None:
            error["details"] = {"error_code": self.code}
        body: dict[str, Json] = {"type": "error", "error": error}
        if self.request_id is not None:
            body["request_id"] = self.request_id
        return body

    def _openai(self) -> Json:
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }

    def json(self) -> bytes:
        return msgspec.json.encode(self.body())


class BodyTooLarge(RequestError):
    """The body has more than `limit` bytes; the rest of it was not read."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The request body is larger than this server's limit of {limit} bytes.",
            code="body_too_large",
        )


class Unauthorized(LlmxError):
    """The request carries no API key, or a wrong one."""

    def __init__(self) -> None:
        super().__init__(
            "This server needs its API key: send it as `authorization: Bearer KEY` "
            "or as `x-api-key: KEY`."
        )


class NotFound(LlmxError):
    """The path, the method or the name is not known here."""

    def __init__(self, message: str, *, status: int, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


def api_error(error: LlmxError) -> ApiError:
    """The status and body for an error. Busy and loading are never a 500."""
    message = str(error)
    match error:
        case NotReady():
            retry = {"retry-after": str(error.retry_after_s)}
            return ApiError(503, message, "server_error", code="not_ready", headers=retry)
        case Busy():
            retry = {"retry-after": str(error.retry_after_s)}
            return ApiError(429, message, "rate_limit_error", code="queue_full", headers=retry)
        case BodyTooLarge():
            return ApiError(413, message, "invalid_request_error", code=error.code)
        case RequestError():
            return ApiError(
                400, message, "invalid_request_error", error.param, error.code, cause=error
            )
        case Unauthorized():
            challenge = {"www-authenticate": "Bearer"}
            return ApiError(
                401,
                message,
                "authentication_error",
                code="invalid_api_key",
                headers=challenge,
            )
        case NotFound():
            return ApiError(error.status, message, "invalid_request_error", error.param, error.code)
        case _:
            return server_error(message)


def server_error(message: str) -> ApiError:
    """A failure of the engine or of this server's own code."""
    return ApiError(500, message, "server_error", code="internal_error")


def for_path(error: ApiError, path: str, request_id: str | None) -> ApiError:
    """In the form of the API that `path` belongs to, whether anything is served there or not."""
    if path == MESSAGES or path.startswith(f"{MESSAGES}/"):
        return error.as_anthropic(request_id)
    return error


def _anthropic_message(error: ApiError) -> str:
    """With the place, which has no field of its own here; an engine names it by Chat's fields.

    Agents that speak this API recognise a prompt that is too long by these words.
    """
    cause = error.cause
    if isinstance(cause, ContextLengthExceeded):
        return f"prompt is too long: {cause.prompt_tokens} tokens > {cause.context} maximum"
    if isinstance(cause, BudgetExceeded) and cause.fitting is not None:
        limit = f"prompt is too long: {cause.prompt_tokens} tokens > {cause.fitting} maximum"
        return f"{limit}. {error.message}"
    if error.param is None:
        return error.message
    place = ANTHROPIC_PLACES.get(error.param, error.param)
    if error.message.startswith(f"{error.param}:"):
        return place + error.message.removeprefix(error.param)
    return error.message if place in error.message else f"{place}: {error.message}"
