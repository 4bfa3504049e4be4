"""The document of a run: the schema that is published, what is written, what is read."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from llmx.core.errors import ConfigError
from llmx.core.verify.document import MOST_SAMPLES, read_result, result_from
from llmx.core.verify.result import Result
from tests.archetypes.recorded import recorded
from tests.archetypes.virtual import MODES
from tests.core.verify.results import RESULTS
from tools.result_schema import TARGET, schema

PUBLISHED = json.loads(TARGET.read_text("utf-8"))
VALIDATOR = Draft202012Validator(PUBLISHED)
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def written(result: Result) -> bytes:
    return json.dumps(result.to_json(), allow_nan=False).encode("utf-8")


def honest() -> dict[str, Any]:
    return asyncio.run(recorded(MODES[0])).to_json()


def test_the_published_schema_is_the_one_that_is_read() -> None:
    """`python -m tools.result_schema` makes it anew."""
    Draft202012Validator.check_schema(PUBLISHED)
    assert schema() == PUBLISHED


@FEW
@given(RESULTS)
def test_what_is_written_keeps_the_schema_and_comes_back(result: Result) -> None:
    VALIDATOR.validate(json.loads(written(result)))
    assert result_from(written(result)) == result


def test_a_run_keeps_the_schema() -> None:
    VALIDATOR.validate(honest())


def test_what_is_no_number_is_null() -> None:
    result = asyncio.run(recorded(MODES[0]))
    broken = replace(result, effect=replace(result.effect, saved=float("nan"), low=-float("inf")))
    effect = broken.to_json()["effect"]
    assert (effect["saved"], effect["low"]) == (None, None)
    assert effect["high"] == result.effect.high


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"not JSON", "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        (b"[1, 2]", "JSON, but no object"),
        (b"null", "JSON, but no object"),
        (b'{"v": 1}', "its `command` is None, wanted 'test-cache'"),
        (b'{"command": "test-cache", "v": 2}', "format version 2, wanted 1"),
        (b'{"command": "test-cache", "v": 1}', "missing required field"),
        (b'{"command": "test-cache", "v": 1, ', "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_result_is_told(data: bytes, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        result_from(data)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("verdict",), "GREAT", r"Invalid enum value 'GREAT' - at `\$.verdict`"),
        (("samples", 3, "ttft_s"), "0.3", r"at `\$.samples\[3\].ttft_s`"),
        (("samples", 3, "ttft_s"), -1, r"at `\$.samples\[3\].ttft_s`"),
        (("samples", 0, "length"), 0, r"at `\$.samples\[0\].length`"),
        (("samples", 0, "role"), "hit me", r"at `\$.samples\[0\].role`"),
        (("samples", 0, "colour"), "red", r"unknown field `colour` - at `\$.samples\[0\]`"),
        (("shared",), 1.5, r"at `\$.shared`"),
        (("effect", "hits"), 1.5, r"at `\$.effect.hits`"),
        (("basis", "plan", "looks"), [], r"at `\$.basis.plan.looks`"),
        (("basis", "plan", "looks"), [2], "can never pass"),
        (("basis", "plan", "looks"), [10, 6], "counts that grow"),
        (("basis", "findings"), [{"fault": "SLOW", "seen": ""}], r"at `\$.basis.findings\[0\]"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(
    path: tuple[str | int, ...], value: Any, why: str
) -> None:
    document = json.loads(json.dumps(honest()))
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(ConfigError, match=why):
        result_from(json.dumps(document).encode())


def test_more_samples_than_a_run_can_have_are_refused() -> None:
    """The exact tests of a million samples would never end."""
    document = honest()
    document["samples"] *= MOST_SAMPLES // len(document["samples"]) + 1
    with pytest.raises(ConfigError, match=r"\$.samples"):
        result_from(json.dumps(document).encode())


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path: Path) -> None:
    missing, folder, cut = tmp_path / "missing.json", tmp_path, tmp_path / "cut.json"
    cut.write_bytes(json.dumps(honest()).encode()[:-10])
    for path in (missing, folder, cut):
        with pytest.raises(ConfigError, match=path.name):
            read_result(path)
