"""Reads the session logs of Claude Code: usage alone, no system prompt and no tools.

While an answer streams, each of its blocks is a line with the usage as far as it is known; the
lines of a sub-agent may repeat answers of its parent under another request id. A request is what
has one message id and one request id. Where a prompt broke cannot be known from these logs; that
the client summarised the conversation can.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from llmx.core.names import FinishReason, Json
from llmx.core.trace.readers.answers import finish_of
from llmx.core.trace.readers.documents import Document
from llmx.core.trace.readers.found import (
    Found,
    Head,
    Passed,
    Repeated,
    identity,
    messages_usage,
    moment,
    origin,
    text,
)
from llmx.core.trace.record import Mark, Origin, Source, TraceRecord, TraceRequest, TraceUsage

KEYS = frozenset({"sessionId", "uuid", "parentUuid", "leafUuid", "snapshot", "isSidechain"})


class _Message(msgspec.Struct):
    id: Json = None
    model: Json = None
    usage: Json = None
    stop_reason: Json = None


class _Line(msgspec.Struct):
    type: Json = None
    subtype: Json = None
    message: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()
    requestId: Json = None
    sessionId: Json = None
    agentId: Json = None
    uuid: Json = None
    timestamp: Json = None
    isSidechain: Json = None
    isCompactSummary: Json = None
    isApiErrorMessage: Json = None


class _Progress(msgspec.Struct):
    """What a tool that is a sub-agent tells of its own lines."""

    message: msgspec.Raw = msgspec.Raw()
    agentId: Json = None


@dataclass(slots=True)
class _Answer:
    """One answer, of all of its lines."""

    message: str | None
    request: str | None
    session: str | None
    agent: str | None
    model: str | None
    begun: float | None
    is_sidechain: bool
    usage: TraceUsage
    finish: FinishReason | None
    origin: Origin
    uuids: set[str] = field(default_factory=set)

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The line that came last has the whole usage, in whatever order they are read."""
        return (self.finish is not None, self.usage.out or 0, self.usage.prompt or 0)

    def join(self, other: _Answer) -> None:
        times = [at for at in (self.begun, other.begun) if at is not None]
        self.begun = min(times) if times else None
        self.is_sidechain = self.is_sidechain and other.is_sidechain
        self.uuids |= other.uuids
        sessions = [name for name in (self.session, other.session) if name is not None]
        self.session = min(sessions, default=None)  # a resumed session has copies of the lines
        if other.rank > self.rank:
            self.usage, self.finish, self.origin = other.usage, other.finish, other.origin


class ClaudeCodeReader:
    """Keeps the usage of every answer until the end: only then are all of its lines known."""

    source: Source = "claude-code"

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], _Answer] = {}
        self._compactions: dict[str, set[float]] = {}  # by session

    def claims(self, head: Head) -> bool:
        return "type" in head and not KEYS.isdisjoint(head)

    def read(self, document: Document, head: Head) -> Iterator[Found]:
        line = msgspec.json.decode(document.data, type=_Line)
        session, at = text(line.sessionId), moment(line.timestamp)
        is_compaction = line.subtype == "compact_boundary" or line.isCompactSummary is True
        if is_compaction and session is not None and at is not None:
            self._compactions.setdefault(session, set()).add(at)
        is_replay = False
        if line.type == "progress":
            line, is_replay = _of_agent(line), True
        answer = _answer(line, session, document, is_replay)
        if answer is None:
            yield Passed(f"claude-code: {_kind(line)} line")
            return
        key = (
            answer.message or f"uuid {text(line.uuid)}",
            answer.request or f"session {answer.session}",
        )
        known = self._answers.setdefault(key, answer)
        if known is not answer:
            is_copy = not known.uuids.isdisjoint(answer.uuids)
            known.join(answer)
            yield Repeated() if is_copy else Passed("claude-code: another line of an answer")

    def end(self) -> Iterator[Found]:
        self._join_nameless()
        own = {answer.message for answer in self._answers.values() if not answer.is_sidechain}
        kept: list[_Answer] = []
        for answer in self._answers.values():
            if answer.is_sidechain and answer.message is not None and answer.message in own:
                yield Repeated()
            else:
                kept.append(answer)
        after = _first_after(kept, self._compactions)
        for number, answer in enumerate(kept):
            yield _record(answer, is_after=number in after)

    def _join_nameless(self) -> None:
        """Some lines of an answer may lack the request id that others have."""
        named: dict[tuple[str | None, str | None], _Answer] = {}
        for answer in self._answers.values():
            if answer.request is not None:
                named.setdefault((answer.message, answer.session), answer)
        for key, answer in list(self._answers.items()):
            other = named.get((answer.message, answer.session))
            if answer.request is None and answer.message is not None and other is not None:
                other.join(answer)
                del self._answers[key]


def _of_agent(line: _Line) -> _Line:
    """The line that a progress line repeats, else itself."""
    try:
        progress = msgspec.json.decode(line.data or b"{}", type=_Progress)
        inner = msgspec.json.decode(progress.message or b"{}", type=_Line)
    except msgspec.MsgspecError:
        return line
    inner.agentId = progress.agentId
    inner.timestamp = inner.timestamp or line.timestamp
    return inner


def _answer(
    line: _Line, session: str | None, document: Document, is_replay: bool
) -> _Answer | None:
    """None where the line is no answer of a model, or has no usage."""
    if line.type != "assistant" or line.isApiErrorMessage is True or not line.message:
        return None
    message = msgspec.json.decode(line.message, type=_Message)
    if not isinstance(message.usage, dict) or message.model == "<synthetic>":
        return None
    is_sidechain = line.isSidechain is True or is_replay
    uuid = text(line.uuid)
    return _Answer(
        message=text(message.id),
        request=text(line.requestId),
        session=session,
        agent=text(line.agentId),
        model=text(message.model),
        begun=moment(line.timestamp),
        is_sidechain=is_sidechain,
        usage=messages_usage(message.usage),
        finish=finish_of(message.stop_reason),
        origin=origin("claude-code", document),
        uuids=set() if uuid is None else {uuid},
    )


def _kind(line: _Line) -> str:
    named = text(line.type)
    return named if named is not None and named.replace("-", "").isalnum() else "another"


def _first_after(answers: list[_Answer], compactions: dict[str, set[float]]) -> set[int]:
    """The numbers of the first answers of their session after each compaction."""
    by_session: dict[str, list[tuple[float, int]]] = {}
    for number, answer in enumerate(answers):
        if answer.session in compactions and answer.begun is not None and not answer.is_sidechain:
            by_session.setdefault(answer.session, []).append((answer.begun, number))
    found: set[int] = set()
    for session, times in by_session.items():
        times.sort()
        for at in compactions[session]:
            index = bisect_left(times, (at, 0))
            if index < len(times):
                found.add(times[index][1])
    return found


def _record(answer: _Answer, *, is_after: bool) -> TraceRecord:
    session = answer.session
    if answer.is_sidechain and session is not None and answer.agent is not None:
        session = f"{session}/{answer.agent}"
    marks: list[Mark] = ["usage_only"]
    if answer.is_sidechain:
        marks.append("sidechain")
    if is_after:
        marks.append("after_compaction")
    return TraceRecord(
        id=f"{answer.message or 'claude-code'}-"
        + identity(answer.message or sorted(answer.uuids), answer.request or answer.session),
        session=session,
        api="messages",
        model=answer.model,
        t0=answer.begun,  # the first of its lines: when the request began is not in these logs
        finish=answer.finish,
        req=TraceRequest(path="/v1/messages"),
        usage=answer.usage,
        origin=msgspec.structs.replace(answer.origin, marks=tuple(marks)),
    )
