"""How an error looks on the OpenAI APIs: status, body, headers. The one place that decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from llmx.core.errors import Busy, LlmxError, NotReady, RequestError
from llmx.core.types import Json


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error as the client is to see it."""

    status: int
    message: str
    type: str
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> Json:
        """`{"error": {message, type, param, code}}`, the same in a response and in a stream."""
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

    def __init__(self, message: str, *, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


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
            return ApiError(400, message, "invalid_request_error", error.param, error.code)
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
            return ApiError(error.status, message, "invalid_request_error", code=error.code)
        case _:
            return server_error(message)


def server_error(message: str) -> ApiError:
    """A failure of the engine or of this server's own code."""
    return ApiError(500, message, "server_error", code="internal_error")
