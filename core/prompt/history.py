"""The rule `generated_history`: an answer that comes back is rendered from its own tokens.

        prompt of turn n        answer         rest of turn n + 1
        tokens as they were  │  tokens drawn │ tokenized
                             ▲ at            ▲ end: a token that ends turns

A client sends back what an answer said: text, reasoning, calls. The template may write that
otherwise than the model did, and a tokenizer cuts a text otherwise than a model draws it. Either
way the cache would miss from `at` on. So what was generated is kept with its prompt, and used where

- the values are the same: text and reasoning but for blanks around them, names and arguments of
  calls as JSON values; ids are links and do not count;
- the template renders what came before as it did for that prompt;
- the template's own text of the answer ends where a token ends turns, says all the values and
  nothing that belongs to another message.

Answers are kept within one namespace and within `LIMIT_BYTES` in all; least recently used go first.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from llmx.core.prompt.encoder import Encoded
from llmx.core.prompt.late import Arrangement
from llmx.core.prompt.places import Places
from llmx.core.types import Boundary, Message

LIMIT_BYTES = 32 * 2**20  # an agent's prompt of 10,000 tokens takes a quarter of a megabyte
_LARGEST = 256 * 2**10  # characters of arguments: longer ones take milliseconds of the event loop
_ALIKE = 8  # answers with the same values that are kept: "Done." is said in many conversations
_NUMBER_BYTES = 8

Decode = Callable[[Sequence[int]], str]
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt as it was rendered. `plain` is what the template made, before answers in it were
    written as they were generated; `places` are of `plain`."""

    plain: str
    text: str
    encoded: Encoded
    places: Places
    boundaries: tuple[Boundary, ...]
    tools: Arrangement = field(default_factory=Arrangement)
    # Of each item of the conversation: how much further on it stands in `text` than in `plain`.
    shifts: tuple[int, ...] = ()  # none for the last ones: not at all

    @property
    def nbytes(self) -> int:
        texts = sys.getsizeof(self.text)
        if self.plain is not self.text:
            texts += sys.getsizeof(self.plain)
        return texts + self.encoded.nbytes + self.places.nbytes


@dataclass(frozen=True, slots=True)
class Values:
    """What an answer says, in a form in which equal answers are equal."""

    content: str
    reasoning: str
    calls: tuple[tuple[str, str], ...]  # name, arguments

    @classmethod
    def of(cls, message: Message) -> Values:
        calls = ((call.name, _canonical(call.arguments)) for call in message.tool_calls)
        return cls(message.content.strip(), (message.reasoning or "").strip(), tuple(calls))

    def are_in(self, text: str) -> bool:
        """Whether the text can be of an answer that says all this."""
        return (
            self.content in text
            and self.reasoning in text
            and all(name in text for name, _ in self.calls)
        )


@dataclass(slots=True)
class Answer:
    """What was generated for a prompt; the end token is no part of it."""

    prompt: Written
    ids: tuple[int, ...]
    _text: str | None = field(default=None, repr=False)

    def text(self, decode: Decode) -> str:
        """Decoded by the first who asks, which is not the one who generates."""
        if self._text is None:
            self._text = decode(self.ids)
        return self._text

    @property
    def nbytes(self) -> int:
        return self.prompt.nbytes + _NUMBER_BYTES * len(self.ids)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Message `index` of a conversation may be this answer: the values are the same."""

    index: int
    values: Values
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Key:
    namespace: str
    index: int  # of the message in its conversation
    values: Values


class History:
    """Answers by what they say. Thread-safe; adding costs little more than the hash of the text."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._answers: OrderedDict[_Key, list[Answer]] = OrderedDict()  # the newest last, in both
        self._nbytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        return self._nbytes

    def __len__(self) -> int:
        return sum(map(len, self._answers.values()))

    def add(self, namespace: str, index: int, message: Message, answer: Answer) -> None:
        """`message` is the answer as a client would send it back, as message `index`."""
        if answer.nbytes > self._limit or not answer.ids:
            return
        if sum(len(call.arguments) for call in message.tool_calls) > _LARGEST:
            return
        key = _Key(namespace, index, Values.of(message))
        with self._lock:
            alike = self._answers.pop(key, [])
            same = [known for known in alike if known.prompt.plain == answer.prompt.plain]
            kept = [known for known in alike if known not in same][-_ALIKE + 1 :]
            self._nbytes += answer.nbytes - sum(known.nbytes for known in alike)
            self._nbytes += sum(known.nbytes for known in kept)
            self._answers[key] = [*kept, answer]
            while self._nbytes > self._limit:
                self._drop_oldest()

    def candidates(self, namespace: str, messages: Sequence[Message]) -> Iterator[Candidate]:
        """Answers that say what messages of this conversation say, the last message first."""
        if not self._answers:
            return
        for index in range(len(messages) - 1, -1, -1):
            if messages[index].role != "assistant":
                continue
            values = Values.of(messages[index])
            key = _Key(namespace, index, values)
            with self._lock:
                if key in self._answers:
                    self._answers.move_to_end(key)
                found = tuple(reversed(self._answers.get(key, ())))
            for answer in found:
                yield Candidate(index, values, answer)

    def _drop_oldest(self) -> None:
        key, alike = next(iter(self._answers.items()))
        self._nbytes -= alike.pop(0).nbytes
        if not alike:
            del self._answers[key]


def _canonical(arguments: str) -> str:
    """The same text for the same JSON value."""
    try:
        return json.dumps(json.loads(arguments), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return arguments


# ── the seam ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Seam:
    """In the template's text, the answer stands from `at` to `end`."""

    candidate: Candidate
    at: int
    end: int


def seam(
    candidate: Candidate, plain: str, decode: Decode, ends: Sequence[str], next_start: int | None
) -> Seam | None:
    """Where the answer stands in `plain`, the template's text of a longer conversation.

    `ends` are the texts of the tokens that end turns, `next_start` is where the next message says
    something (None: not known, or there is none). None: it cannot be shown to stand anywhere.
    """
    prompt = candidate.answer.prompt
    at = len(prompt.plain)
    if not plain.startswith(prompt.plain):
        return None
    generated = candidate.answer.text(decode)
    if plain.startswith(generated, at) and plain.startswith(tuple(ends), at + len(generated)):
        return Seam(candidate, at, at + len(generated))
    found = [place for text in ends if (place := plain.find(text, at)) >= 0]
    if not found or next_start is None or next_start < min(found):
        return None
    if not candidate.values.are_in(plain[at : min(found)]):
        return None
    return Seam(candidate, at, min(found))
