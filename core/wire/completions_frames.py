"""Events to what `POST /v1/completions` answers: one object, or a stream of its like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from llmx.core.types import (
    CacheReport,
    ChoiceFinished,
    Event,
    Finished,
    FinishReason,
    Json,
    Prefilled,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCalled,
    ToolCallStarted,
)
from llmx.core.wire.api import Head, failure_of
from llmx.core.wire.chat_logprobs import told_logprob
from llmx.core.wire.errors import ApiError
from llmx.core.wire.openai_frames import DONE, Frames, finish_reason, frame, head_body, usage_body

KIND = "text_completion"


@dataclass(frozen=True, slots=True)
class CompletionForm:
    """What the body asks of its answer's form."""

    choices: int = 1  # of all prompts
    with_logprobs: bool = False
    echoes: tuple[str, ...] = ()  # the prompt of each choice, to begin with

    def echo(self, choice: int) -> str:
        return self.echoes[choice] if self.echoes else ""


@dataclass(slots=True)
class _Choice:
    text: list[str] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    reason: str | None = None


class CompletionAnswer:
    """Puts the answer of a request without `stream` together."""

    def __init__(self, head: Head, form: CompletionForm) -> None:
        self._head = head
        self._form = form
        self._choices = [_Choice(text=[form.echo(at)]) for at in range(form.choices)]
        self._report: CacheReport | None = None

    def add(self, event: Event) -> bytes | ApiError | None:
        match event:
            case Started():
                self._report = event.cache
            case TextDelta():
                choice = self._choices[event.choice]
                choice.text.append(event.text)
                choice.logprobs += event.logprobs
            case ChoiceFinished():
                self._choices[event.choice].reason = finish_reason(event.reason)
            case Finished():
                return failure_of(event) or self._body(event)
            case Prefilled():
                pass
            case ReasoningDelta() | ToolCallStarted() | ToolCallDelta() | ToolCalled():
                pass  # a text to go on with has none
            case _:
                assert_never(event)
        return None

    def _body(self, finished: Finished) -> bytes:
        choices: list[Json] = []
        for index, choice in enumerate(self._choices):
            reason = choice.reason or finish_reason(finished.reason)
            logprobs = _logprobs(choice.logprobs, 0) if self._form.with_logprobs else None
            choices.append(_body(index, "".join(choice.text), logprobs, reason))
        usage = usage_body(finished.usage, self._report)
        body = {**head_body(self._head, KIND), "choices": choices, "usage": usage}
        return msgspec.json.encode(body)


class CompletionStream:
    """Makes the frames of a streamed answer; each is to be written by itself."""

    def __init__(self, head: Head, include_usage: bool, form: CompletionForm) -> None:
        self._head = head_body(head, KIND)
        self._frames = Frames(self._head, include_usage)
        self._include_usage = include_usage
        self._form = form
        self._report: CacheReport | None = None
        self._told = [0] * form.choices
        self._open = list(range(form.choices))

    def opening(self) -> list[bytes]:
        """Each prompt that is to be repeated, else a text of nothing: a sign of life."""
        if not self._form.echoes:
            return [self._text(0, "")]
        return [self._text(choice, self._form.echo(choice)) for choice in self._open]

    def keepalive(self) -> bytes:
        return self._text(self._open[0] if self._open else 0, "")

    def frames(self, event: Event) -> list[bytes]:
        match event:
            case Started():
                self._report = event.cache
                return []
            case TextDelta():
                return [self._delta(event)]
            case ChoiceFinished():
                return [self._end_of(event.choice, event.reason)]
            case Finished():
                return self._closing(event)
            case Prefilled():
                return []
            case ReasoningDelta() | ToolCallStarted() | ToolCallDelta() | ToolCalled():
                return []  # a text to go on with has none
            case _:
                assert_never(event)

    def failure(self, error: ApiError) -> bytes:
        """The last frame of a stream that cannot be completed; no `[DONE]` follows."""
        return frame(error.body())

    def _delta(self, event: TextDelta) -> bytes:
        at = self._told[event.choice]
        self._told[event.choice] += len(event.text)
        is_told = self._form.with_logprobs and event.logprobs
        logprobs = _logprobs(event.logprobs, at) if is_told else None
        return self._frames.of(_body(event.choice, event.text, logprobs, None))

    def _text(self, choice: int, text: str) -> bytes:
        return self._frames.of(_body(choice, text, None, None))

    def _closing(self, finished: Finished) -> list[bytes]:
        error = failure_of(finished)
        if error is not None:
            return [self.failure(error)]
        frames = [self._end_of(choice, finished.reason) for choice in tuple(self._open)]
        if self._include_usage:
            usage = usage_body(finished.usage, self._report)
            frames.append(frame({**self._head, "choices": [], "usage": usage}))
        return [*frames, DONE]

    def _end_of(self, choice: int, reason: FinishReason) -> bytes:
        self._open.remove(choice)
        return self._frames.of(_body(choice, "", None, finish_reason(reason)))


def _body(index: int, text: str, logprobs: Json, reason: str | None) -> Json:
    return {"index": index, "text": text, "logprobs": logprobs, "finish_reason": reason}


def _logprobs(tokens: tuple[TokenLogprob, ...] | list[TokenLogprob], at: int) -> Json:
    """`text_offset` are characters from the choice's beginning, of the tokens' own texts."""
    offsets: list[int] = []
    for token in tokens:
        offsets.append(at)
        at += len(token.token)
    return {
        "tokens": [token.token for token in tokens],
        "token_logprobs": [told_logprob(token.logprob) for token in tokens],
        "top_logprobs": [
            {likely.token: told_logprob(likely.logprob) for likely in token.top} for token in tokens
        ],
        "text_offset": offsets,
    }
