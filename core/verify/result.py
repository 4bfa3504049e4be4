"""What a run of `test-cache` found: the values that every output shows and that `--replay` reads.

The document (`Result.to_json`) is version 1 of the schema in `docs/test-cache.schema.json`. Every
number can be null: unknown is never shown as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from llmx.core.types import Json
from llmx.core.verify.evidence import Sample

VERSION = 1

Status = Literal["pass", "fail", "skip", "inconclusive"]
Channel = Literal["yes", "no", "unknown"]
Profile = Literal["smoke", "standard", "full", "audit"]
Api = Literal["chat", "messages", "responses"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe of the catalogue, judged."""

    id: str  # stable: "A1", "B2", "C2"
    title: str  # what it asks, in a few words
    status: Status
    why: str  # one sentence with its figures; of a skip, what was missing
    evidence: Mapping[str, Json]  # what the judgement rests on, as numbers and short texts


@dataclass(frozen=True, slots=True)
class Effect:
    """The saving that times show, and how sure that is."""

    saved: float | None  # of the prefill
    low: float | None  # of its 98 % interval
    high: float | None
    p: float | None  # exact Mann-Whitney, hits against controls
    ks_p: float | None  # Kolmogorov-Smirnov, for comparison
    cles: float | None  # probability that a hit is faster than a control
    hits: int
    controls: int


@dataclass(frozen=True, slots=True)
class Channels:
    """Which ways of knowing gave an answer, and what it was."""

    usage: Channel
    timing: Channel
    counters: Channel


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    api: Api
    server: str | None  # its kind, where it was recognised
    version: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Result:
    target: Target
    profile: Profile
    seed: int  # of the order of requests and of the bootstrap
    environment: Mapping[str, Json]  # chip, memory, operating system, power, versions
    verdict: str  # a name of `words.Name`
    sentence: str
    notes: tuple[str, ...]
    exit_code: int
    channels: Channels
    effect: Effect
    probes: tuple[Probe, ...]
    samples: tuple[Sample, ...]  # of A1, in the order they were asked
    length: int  # tokens of a prompt of A1
    shared: float  # the part of it that a prime and its hit share
    overhead_s: float | None  # what a request takes without a prompt
    requests: int  # of the whole run
    seconds: float  # of the whole run
