"""Block streams as files for others: the same curves, keyed ids, and nobody else may read them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from benchmarks.block_traces import agent
from llmx.core.analysis.anonymous import Format, keyed_ids, lines_of, local_salt, write_stream
from llmx.core.analysis.blocks import BlockStream, in_order, stream_of
from llmx.core.analysis.bounds import bounds
from llmx.core.analysis.prompt_blocks import Shared, stream_of_shared, streams_of_records
from llmx.core.errors import ConfigError
from llmx.core.trace.mooncake import MooncakeTrace
from llmx.core.trace.reader import Reading
from tests.core.analysis.block_streams import streams

SALT = b"s" * 32
OTHER = b"t" * 32


def read_back(stream: BlockStream, folder: Path) -> BlockStream:
    file = folder / "out.jsonl"
    assert write_stream(stream, file, SALT) == len(stream)
    return stream_of(MooncakeTrace(file), block_tokens=stream.block_tokens)


def two_turns() -> BlockStream:
    """The second turn begins with the first's prompt (10 tokens) and answer (9)."""
    turns = [Shared(None, 0, 10, 9, 100.0), Shared(0, 19, 30, 2, 103.5), Shared(None, 0, 5)]
    return stream_of_shared(turns, block_tokens=4)


@given(streams())
def test_what_was_written_has_the_same_curves(drawn: BlockStream) -> None:
    if not len(drawn):
        return
    with TemporaryDirectory() as folder:
        again = read_back(drawn, Path(folder))
    sizes = range(drawn.distinct + 1)
    assert bounds(again, sizes=sizes) == bounds(drawn, sizes=sizes)


@pytest.mark.parametrize("form", ["mooncake", "bailian", "weka"])
def test_every_form_is_read_again_by_its_own_reader(tmp_path: Path, form: Format) -> None:
    made = stream_of(in_order(agent(1, 60)), block_tokens=16 if form == "bailian" else 64)
    write_stream(made, tmp_path / "out.jsonl", SALT, form)
    records = list(Reading(tmp_path))
    assert {record.source for record in records} == {form}
    (again,) = streams_of_records(records)
    assert again.block_tokens == made.block_tokens
    assert bounds(again).curve == bounds(made).curve


def test_agent_traffic_has_the_same_curves(tmp_path: Path) -> None:
    made = stream_of(in_order(agent(1, 300)), block_tokens=64)
    again = read_back(made, tmp_path)
    assert bounds(again).curve == bounds(made).curve
    assert again.prompt_tokens == made.prompt_tokens
    assert again.output_tokens == made.output_tokens
    times = [(at or 0.0) - (made.at_s[0] or 0.0) for at in made.at_s]
    assert list(again.at_s) == pytest.approx(times, abs=0.001)


def test_answers_are_not_told(tmp_path: Path) -> None:
    made = two_turns()
    assert bounds(made).infinite.blocks == 4  # 19 // 4
    again = read_back(made, tmp_path)
    assert bounds(again).infinite == bounds(made.prompts_only()).infinite
    assert [len(chain) for chain in again.chains] == [3, 8, 2]
    assert again.at_s == (0.0, 3.5, 3.5)


def test_ids_are_those_of_a_salt_and_of_the_blocks_before() -> None:
    made = stream_of(agent(2, 50), block_tokens=64)
    ids = keyed_ids(made, SALT)
    assert len(set(ids)) == made.distinct
    assert keyed_ids(made, SALT) == ids
    assert not set(keyed_ids(made, OTHER)) & set(ids)
    assert min(ids) >= 0
    assert max(ids) < 2**53


def test_bailian_lines_name_the_request_that_they_continue() -> None:
    found = [json.loads(line) for line in lines_of(two_turns(), SALT, "bailian")]
    assert [(line["chat_id"], line["parent_chat_id"], line["turn"]) for line in found] == [
        (0, -1, 1),
        (1, 0, 2),
        (2, -1, 1),
    ]
    assert [line["timestamp"] for line in found] == [0.0, 3.5, 3.5]
    assert found[0]["hash_ids"] == found[1]["hash_ids"][:3]


# ── files ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def salt_file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "export-salt"


def test_the_salt_is_made_once_and_for_its_owner_alone(salt_file: Path) -> None:
    salt = local_salt(salt_file)
    assert len(salt) == 32
    assert salt_file.stat().st_mode & 0o777 == 0o600
    assert local_salt(salt_file) == salt


def test_a_salt_that_others_may_read_is_refused(salt_file: Path) -> None:
    local_salt(salt_file)
    salt_file.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read"):
        local_salt(salt_file)


def test_a_salt_that_is_something_else_is_refused(salt_file: Path) -> None:
    local_salt(salt_file)
    salt_file.write_bytes(b"short")
    with pytest.raises(ConfigError, match="5 bytes, wanted 32"):
        local_salt(salt_file)


def test_a_file_is_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    write_stream(two_turns(), file, SALT)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="not overwritten"):
        write_stream(two_turns(), file, SALT)
    with pytest.raises(ConfigError, match="cannot write"):
        write_stream(two_turns(), tmp_path / "none" / "out.jsonl", SALT)
