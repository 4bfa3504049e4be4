"""Results made by chance, for what has to hold of every one of them."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from llmx.core.verify.calibrate import Calibration, Problem
from llmx.core.verify.case import Fault, Finding
from llmx.core.verify.effect import Line
from llmx.core.verify.evidence import Role, Sample
from llmx.core.verify.looks import ALPHA, PLAN
from llmx.core.verify.rank import plan_of
from llmx.core.verify.result import (
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

# Every text can come from a server: markup, control characters and half characters, too.
TEXTS = st.one_of(
    st.sampled_from(["", "a|b`c", "<script>alert(1)</script>", "]]>", "\x00\x1b[31m", "é\u2028"]),
    st.text(st.characters(codec="utf-8"), max_size=30),
)
SECONDS = st.floats(0, 1e6, allow_nan=False)
PARTS = st.floats(0, 1)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SAID = st.integers(-(1 << 53), 1 << 53)
SCALARS = st.one_of(TEXTS, st.integers(-(1 << 60), 1 << 60), NUMBERS, st.booleans(), st.none())


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), strategy)


SAMPLES = st.builds(
    Sample,
    role=st.sampled_from(get_args(Role)),
    prefix=TEXTS,
    suffix=TEXTS,
    length=st.integers(1, 1 << 40),
    ttft_s=maybe(SECONDS),
    prompt_tokens=maybe(SAID),
    cached_tokens=maybe(SAID),
    server_s=maybe(NUMBERS),
    error=maybe(TEXTS),
)
PROBES = st.builds(
    Probe,
    id=st.sampled_from(["A1", "A2", "B1", "C1", "E3", "I1", "R1"]),
    title=TEXTS,
    status=st.sampled_from(get_args(Status)),
    why=TEXTS,
    evidence=st.dictionaries(TEXTS, SCALARS | st.lists(SCALARS, max_size=3), max_size=3),
)
BASES = st.builds(
    Basis,
    plan=st.sampled_from([PLAN, plan_of(ALPHA, (6, 10, 16))]),
    calibration=maybe(
        st.builds(
            Calibration,
            length=st.integers(1, 8192),
            cold_s=maybe(SECONDS),
            floor_s=SECONDS,
            is_steady=st.booleans(),
            line=maybe(st.builds(Line, SECONDS, NUMBERS)),
            problem=maybe(st.sampled_from(get_args(Problem))),
        )
    ),
    findings=st.lists(st.builds(Finding, st.sampled_from(get_args(Fault)), TEXTS), max_size=2).map(
        tuple
    ),
    spoiled=maybe(TEXTS),
    died=maybe(TEXTS),
    required=st.sampled_from(get_args(Required)),
    allowed=st.lists(st.sampled_from(get_args(Name)), max_size=2).map(tuple),
    required_probes=st.lists(st.sampled_from(["A1", "C2"]), max_size=2).map(tuple),
)
RESULTS = st.builds(
    Result,
    target=st.builds(
        Target,
        url=TEXTS,
        api=st.sampled_from(get_args(Api)),
        server=maybe(TEXTS),
        version=maybe(TEXTS),
        model=maybe(TEXTS),
    ),
    profile=st.sampled_from(get_args(Profile)),
    seed=st.integers(0, 1 << 60),
    environment=st.dictionaries(TEXTS, SCALARS, max_size=3),
    verdict=st.sampled_from(get_args(Name)),
    sentence=TEXTS,
    notes=st.lists(TEXTS, max_size=2).map(tuple),
    exit_code=st.integers(0, 5),
    channels=st.builds(Channels, *[st.sampled_from(get_args(Channel))] * 3),
    effect=st.builds(
        Effect,
        saved=maybe(NUMBERS),
        low=maybe(NUMBERS),
        high=maybe(NUMBERS),
        p=maybe(PARTS),
        ks_p=maybe(PARTS),
        cles=maybe(PARTS),
        hits=st.integers(0, 100),
        controls=st.integers(0, 100),
    ),
    probes=st.lists(PROBES, max_size=4).map(tuple),
    samples=st.lists(SAMPLES, max_size=12).map(tuple),
    length=st.integers(0, 1 << 20),
    shared=PARTS,
    overhead_s=maybe(SECONDS),
    requests=st.integers(0, 1000),
    seconds=SECONDS,
    basis=BASES,
)
