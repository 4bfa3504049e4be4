"""What a measure is given, and how it asks. Knows no measure."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.bare import Bare
from benchmarks.raw import Heard
from benchmarks.readings import Reading
from benchmarks.servers import Server
from benchmarks.tokens import Tokens
from benchmarks.workload import Agent, Message, Scale, question, system_text


@dataclass(frozen=True, slots=True)
class Task:
    """One measure of one server in one round."""

    server: Server
    scale: Scale
    tokens: Tokens
    nonce: str  # the same for both servers, so that they get the same prompts
    fixed: str  # a nonce that is the same in all rounds: bare mlx-lm keeps the state of its prompts
    bare: Bare | None  # None: not wanted by this measure

    def agent(self, length: int) -> Agent:
        """A system prompt of about that many tokens."""
        return Agent(self.tokens.cut(system_text(), length))

    def fresh(self, number: int | str = "") -> str:
        """A nonce that is unlike all others from its first character on, nearly always."""
        return _digest(f"{self.nonce}/{number}")

    def kept(self, name: str) -> str:
        """The same, for every round of a run."""
        return _digest(f"{self.fixed}/{name}")

    def bare_mlx(self) -> Bare:
        if self.bare is None:
            raise LookupError("this measure was not given a process of bare mlx-lm")
        return self.bare


Measure = Callable[[Task], Awaitable[list[Reading]]]


def continued(messages: Sequence[Message], heard: Heard, number: int) -> list[Message]:
    """The conversation with the answer as the server said it, and the next question."""
    answer = {"role": "assistant", "content": heard.text}
    return [*messages, answer, {"role": "user", "content": question(number)}]


def total(counts: Sequence[int | None]) -> int | None:
    """None where one is unknown: a sum of the rest would be no figure."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def middle(values: Sequence[float | None]) -> float | None:
    """The median; None where one is unknown."""
    known = [value for value in values if value is not None]
    return median(known) if known and len(known) == len(values) else None


def quotient(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def difference(more: float | None, less: float | None) -> float | None:
    return None if more is None or less is None else more - less


def times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
