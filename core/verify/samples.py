"""What one run of the protocol saw, before anybody judges it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from llmx.core.client.chat import Reply

Role = Literal[
    "tiny",  # a few tokens: what a request costs without a prompt
    "control",  # the workload under a nonce of its own: never seen, so it must miss
    "cold",  # question 1, the first under the run's nonce: primes the cache
    "hit",  # another question under that nonce
    "repeat",  # question 1 again, word for word
    "reference",  # the same prompt past the cache, where the server can be told so
]


@dataclass(frozen=True, slots=True)
class Sample:
    role: Role
    question: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Fault:
    """What ended the run early."""

    role: Role
    question: str
    kind: Literal["gone", "failed", "busy", "refused"]  # of these, only refused is our own doing
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    url: str
    server: str | None
    version: str | None
    model: str | None  # None: none was named, the server took its own
    has_bypass: bool  # the server can be told to answer without its cache
    samples: tuple[Sample, ...]  # in the order they were asked
    fault: Fault | None = None

    def replies(self, *roles: Role) -> list[Reply]:
        return [sample.reply for sample in self.of(*roles)]

    def of(self, *roles: Role) -> Iterator[Sample]:
        return (sample for sample in self.samples if sample.role in roles)
