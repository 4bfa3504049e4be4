"""How asking a server fails, beside `Unreachable`.

Unreachable        nobody answers, or the answer broke off          exit 4
└── TimedOut       it accepted the connection and stayed silent     exit 4
HttpError          it answered, but not with what was asked
"""

from __future__ import annotations

from typing import Literal

from llmx.core.errors import LlmxError, Unreachable


class TimedOut(Unreachable):
    """Something accepted the connection, but the answer was not complete in time."""


class HttpError(LlmxError):
    """An HTTP error status, an error inside a stream, or a body that is no answer.

    `status` is the HTTP status; below 400 where the error came later than the status. `said` is
    the server's own message, one line; `retry_after_s` what it asks for, in seconds, if it does.
    """

    def __init__(
        self, where: str, status: int, said: str, retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{where} answered HTTP {status}: {said}")
        self.status = status
        self.said = said
        self.retry_after_s = retry_after_s

    @property
    def kind(self) -> Literal["failed", "busy", "refused"]:
        """The server's own fault; not now, it is full or loading; not this, whenever."""
        if self.status in (429, 503):
            return "busy"
        return "refused" if 400 <= self.status < 500 else "failed"

    @property
    def asks_for_key(self) -> bool:
        return self.status in (401, 403)
