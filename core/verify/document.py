"""The way back from a document of `Result.to_json` to the `Result`: strict, and it says what is
wrong and where. These classes are the form of version 1; `docs/test-cache.schema.json` is made
from them (`python -m tools.result_schema`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from llmx.core.errors import ConfigError
from llmx.core.types import Json
from llmx.core.verify.calibrate import Calibration, Problem
from llmx.core.verify.case import Fault, Finding
from llmx.core.verify.effect import Line
from llmx.core.verify.evidence import Role, Sample
from llmx.core.verify.rank import plan_of
from llmx.core.verify.result import (
    COMMAND,
    VERSION,
    Api,
    Basis,
    Channel,
    Channels,
    Effect,
    Probe,
    Profile,
    Result,
    Status,
    Target,
)
from llmx.core.verify.words import Name, Required

MOST_BYTES = 16 << 20  # a run has about a hundred samples of 300 bytes
MOST_SAMPLES = 500  # exact tests of more would take minutes; a run has at most 110
MOST_LOOKED_AT = 100  # hits; the longest plan has 24

Part = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Tokens = Annotated[int, Meta(ge=1, le=1 << 40)]
Said = Annotated[int, Meta(ge=-(1 << 53), le=1 << 53, description="The server's own word.")]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in a document, no more and no less."""


class TargetForm(Form, frozen=True, kw_only=True):
    """The server that was tested."""

    url: str
    api: Api
    server: Annotated[str | None, Meta(description="Its kind; null: not recognised.")]
    version: str | None
    model: str | None


class ChannelsForm(Form, frozen=True, kw_only=True):
    """Which ways of knowing gave an answer, and what it was."""

    usage: Channel
    timing: Channel
    counters: Channel


class EffectForm(Form, frozen=True, kw_only=True):
    """The saving that times show, and how sure that is."""

    saved: Annotated[float | None, Meta(description="Of the prefill: 1 is all of it.")]
    low: Annotated[float | None, Meta(description="Lower end of the 98 % interval of `saved`.")]
    high: float | None
    p: Annotated[
        Part | None, Meta(description="Exact one-sided Mann-Whitney, hits against controls.")
    ]
    ks_p: Annotated[Part | None, Meta(description="Kolmogorov-Smirnov, for comparison.")]
    cles: Annotated[
        Part | None, Meta(description="Probability that a hit is faster than a control.")
    ]
    hits: Count
    controls: Annotated[Count, Meta(description="Prompts never seen, primes among them.")]


class ProbeForm(Form, frozen=True, kw_only=True):
    """One probe of the catalogue, judged."""

    id: Annotated[str, Meta(min_length=1, description="Stable: A1, B2, C2.")]
    title: str
    status: Annotated[Status, Meta(description="skip: the server does not support it.")]
    why: str
    evidence: dict[str, Any]


class PlanForm(Form, frozen=True, kw_only=True):
    """When the samples are looked at, and the chance of a wrong yes over all looks."""

    alpha: Annotated[float, Meta(gt=0, lt=1)]
    looks: Annotated[
        list[Annotated[int, Meta(ge=1, le=MOST_LOOKED_AT)]], Meta(min_length=1, max_length=16)
    ]


class LineForm(Form, frozen=True, kw_only=True):
    """Time to first token of a cold prompt: overhead_s + s_per_token * tokens."""

    overhead_s: Seconds
    s_per_token: float


class CalibrationForm(Form, frozen=True, kw_only=True):
    """How long prompts had to be for their times to tell."""

    length: Tokens
    cold_s: Seconds | None
    floor_s: Seconds
    is_steady: bool
    line: LineForm | None
    problem: Annotated[Problem | None, Meta(description="Why times can tell nothing.")]


class FindingForm(Form, frozen=True, kw_only=True):
    """What a probe of correctness or isolation found wrong."""

    fault: Fault
    seen: str


class BasisForm(Form, frozen=True, kw_only=True):
    """What decides beside samples and probes."""

    plan: PlanForm
    calibration: CalibrationForm | None
    findings: list[FindingForm]
    spoiled: Annotated[str | None, Meta(description="Why the times of this run mean nothing.")]
    died: Annotated[str | None, Meta(description="How the server ended during the test.")]
    required: Required
    allowed: list[Name]
    required_probes: list[str]


class SampleForm(Form, frozen=True, kw_only=True):
    """One request of probe A1."""

    role: Role
    prefix: Annotated[str, Meta(description="The nonce that begins the prompt.")]
    suffix: Annotated[str, Meta(description="The nonce in what follows the shared part.")]
    length: Annotated[Tokens, Meta(description="Of the prompt, as near as it could be made.")]
    ttft_s: Annotated[Seconds | None, Meta(description="Null: no token came.")]
    prompt_tokens: Said | None
    cached_tokens: Annotated[Said | None, Meta(description="Null: the server does not say.")]
    server_s: Annotated[float | None, Meta(description="The server's own prefill time.")]
    error: str | None
    ended_s: Annotated[
        Seconds | None, Meta(description="To the end of the answer. Absent: not recorded.")
    ] = None


class ResultForm(Form, frozen=True, kw_only=True):
    """What a run of `llmx test-cache` found, with the raw samples it was judged by."""

    v: Literal[1]
    command: Literal["test-cache"]
    target: TargetForm
    profile: Profile
    verdict: Name
    sentence: str
    notes: list[str]
    exit_code: Annotated[int, Meta(ge=0, le=255)]
    channels: ChannelsForm
    effect: EffectForm
    probes: list[ProbeForm]
    basis: BasisForm
    length: Annotated[Count, Meta(description="Tokens of a prompt of A1; 0: none was asked.")]
    shared: Annotated[Part, Meta(description="Of a prompt, what a prime and its hit share.")]
    overhead_s: Annotated[Seconds | None, Meta(description="Of a request without a prompt.")]
    seed: int
    requests: Count
    seconds: Seconds
    environment: dict[str, str | int | float | bool | None]
    decided: Annotated[
        str, Meta(description="What made the exit code that; empty: passed, or not recorded.")
    ] = ""
    samples: Annotated[
        list[SampleForm], Meta(max_length=MOST_SAMPLES, description="In the order of asking.")
    ]


def read_result(path: Path) -> Result:
    """Raises `ConfigError`, one line: what is wrong with the file, and at which place in it."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    try:
        return result_from(data)
    except ConfigError as error:
        raise ConfigError(f"{path} is no result of llmx test-cache --json: {error}") from error


def result_from(data: bytes) -> Result:
    """Of the bytes of a document. Raises `ConfigError` with what is wrong."""
    if len(data) > MOST_BYTES:
        raise ConfigError(f"it has more than {MOST_BYTES >> 20} MiB")
    if not data.strip():
        raise ConfigError("it is empty")
    try:
        _check_head(msgspec.json.decode(data))
        return _result(msgspec.json.decode(data, type=ResultForm))
    except msgspec.ValidationError as error:
        raise ConfigError(str(error)) from error
    except (UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ConfigError(f"not JSON that can be read ({type(error).__name__})") from error
    except ValueError as error:  # msgspec's of what is no JSON at all
        raise ConfigError(f"not JSON ({error})") from error


def _check_head(document: Json) -> None:
    """What it is comes before what is wrong with it."""
    if not isinstance(document, dict):
        raise ConfigError("JSON, but no object")
    if document.get("command") != COMMAND:
        raise ConfigError(f"its `command` is {document.get('command')!r}, wanted {COMMAND!r}")
    if document.get("v") != VERSION:
        raise ConfigError(f"format version {document.get('v')!r}, wanted {VERSION}")


def _result(form: ResultForm) -> Result:
    return Result(
        target=Target(**asdict(form.target)),
        profile=form.profile,
        seed=form.seed,
        environment=form.environment,
        verdict=form.verdict,
        sentence=form.sentence,
        notes=tuple(form.notes),
        exit_code=form.exit_code,
        channels=Channels(**asdict(form.channels)),
        effect=Effect(**asdict(form.effect)),
        probes=tuple(Probe(**asdict(probe)) for probe in form.probes),
        samples=tuple(Sample(**asdict(sample)) for sample in form.samples),
        length=form.length,
        shared=form.shared,
        overhead_s=form.overhead_s,
        requests=form.requests,
        seconds=form.seconds,
        basis=_basis(form.basis),
        decided=form.decided,
    )


def _basis(form: BasisForm) -> Basis:
    return Basis(
        plan=plan_of(form.plan.alpha, form.plan.looks),
        calibration=_calibration(form.calibration) if form.calibration else None,
        findings=tuple(Finding(**asdict(finding)) for finding in form.findings),
        spoiled=form.spoiled,
        died=form.died,
        required=form.required,
        allowed=tuple(form.allowed),
        required_probes=tuple(form.required_probes),
    )


def _calibration(form: CalibrationForm) -> Calibration:
    line = Line(**asdict(form.line)) if form.line else None
    return Calibration(
        length=form.length,
        cold_s=form.cold_s,
        floor_s=form.floor_s,
        is_steady=form.is_steady,
        line=line,
        problem=form.problem,
    )
