"""What goes over a WebSocket: a client's frames to bodies, and what is told besides events.

client   {"type": "response.create", ...the fields of POST /v1/responses...}
server   the events of the response, one per frame, as they are over HTTP
         {"type": "error", "status": 400, "error": {...}}     in place of a response
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from llmx.core.errors import RequestError
from llmx.core.types import Json
from llmx.core.wire.body import check_body, field_error, parse_json, unsupported
from llmx.core.wire.errors import ApiError
from llmx.core.wire.responses.body import CreateBody

CREATE = "response.create"
STEER = "response.steer"
OVER = "websocket_connection_limit_reached"


@dataclass(frozen=True, slots=True)
class Create:
    """A response is to be made. `lane` is a name of the client's that its frames repeat."""

    body: CreateBody
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class Steer:
    """Input for a response that is under way: nothing here can take it."""

    previous: str
    given: Json


class SocketBody(CreateBody):
    """Two fields are of this way to ask only."""

    generate: bool | None = None  # false: compute the prompt and answer nothing
    stream_id: str | None = None


def parse_frame(raw: bytes | str) -> Create | Steer:
    """Raises `RequestError` that names the field."""
    frame = parse_json(_bytes(raw))
    if not isinstance(frame, dict):
        raise field_error("", "must be an object", frame)
    match frame.get("type"):
        case "response.create":
            return _create(frame)
        case "response.steer":
            return Steer(str(frame.get("previous_response_id", "")), frame.get("input", ""))
        case None:
            raise RequestError("type: is required.", param="type")
        case other:
            raise field_error("type", f"must be '{CREATE}'", other)


def lane_of(raw: bytes | str) -> str | None:
    """Of a frame that cannot be taken, whose error is to be told there."""
    try:
        frame = parse_json(_bytes(raw))
    except RequestError:
        return None
    lane = frame.get("stream_id") if isinstance(frame, dict) else None
    return lane if isinstance(lane, str) else None


def _bytes(raw: bytes | str) -> bytes:
    """A text that is no UTF-8 is to be refused where JSON is read."""
    return raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw


def _create(frame: Mapping[str, Json]) -> Create:
    """A stream is what comes in any case, so `stream` says nothing."""
    body = check_body({**frame, "stream": True}, SocketBody)
    if body.background:
        raise unsupported("background", "must not be true over a WebSocket", True)
    if body.generate is False:
        options = frame.get("prompt_cache_options") or {}
        frame = {**frame, "prompt_cache_options": {**options, "prewarm": True}}
    return Create(check_body({**frame, "stream": True}, CreateBody), body.stream_id)


def error_frame(error: ApiError, lane: str | None = None) -> str:
    """In place of a response that was never made."""
    return _text({"type": "error", "status": error.status, **_told(error)}, lane)


def steer_frame(steer: Steer) -> str:
    """What was to be taken goes back."""
    message = "Responses cannot be steered here; send the input with the next response.create."
    failed: dict[str, Json] = {
        "type": "response.steer.failed",
        "sequence_number": 0,
        "error": {
            "type": "invalid_request_error",
            "code": "steering_not_supported",
            "message": message,
        },
        "steer": {"previous_response_id": steer.previous, "input": steer.given},
    }
    return _text(failed, None)


def limit_error(minutes: float) -> ApiError:
    """The connection has been open for as long as it may."""
    message = f"A connection may be open for {minutes:.0f} minutes; open a new one."
    return ApiError(400, message, "invalid_request_error", code=OVER)


def with_lane(event: Mapping[str, Json], lane: str | None) -> str:
    """An event, as text."""
    return _text(event, lane)


def _told(error: ApiError) -> Mapping[str, Json]:
    """A code, which clients decide by, is always there."""
    body = error.body()["error"]
    told: dict[str, Json] = {**body, "code": error.code or error.type}
    if error.headers:
        told["headers"] = dict(error.headers)
    return {"error": told}


def _text(frame: Mapping[str, Json], lane: str | None) -> str:
    told = frame if lane is None else {**frame, "stream_id": lane}
    return msgspec.json.encode(told).decode("utf-8")
