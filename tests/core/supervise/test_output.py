"""What is kept of a child's output, and what a file gets of it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from llmx.core.errors import ConfigError
from llmx.core.supervise.output import LogFile, Output


def tail_of(written: bytes, lines: int = 5) -> tuple[str, ...]:
    async def read() -> tuple[str, ...]:
        reading, writing = os.pipe()
        output = Output(reading)
        os.write(writing, written)
        os.close(writing)
        output.close()
        output.close()  # again is no harm
        return output.tail(lines)

    return asyncio.run(read())


def test_the_tail_is_what_a_person_would_have_seen_last() -> None:
    assert tail_of(b"") == ()
    assert tail_of(b"one\n\n  \ntwo") == ("one", "two")
    assert tail_of(b"a\r\nb\r\n") == ("a", "b")
    assert tail_of(b"10 %\r50 %\r100 %\n") == ("100 %",)
    assert tail_of(b"\x1b[1;31mred\x1b[0m\x07\x00\n") == ("red",)
    assert tail_of("half \xe4".encode("latin-1")) == ("half �",)
    assert tail_of(b"x" * 1000) == ("x" * 239 + "…",)
    assert tail_of(b"\n".join(b"%d" % i for i in range(99)), 2) == ("97", "98")


def test_a_log_has_everything_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_bytes(b"before\n")
    log = LogFile(path)
    log.write(b"after\n")
    log.close()
    log.write(b"too late\n")
    assert path.read_bytes() == b"before\nafter\n"
    new = tmp_path / "new.log"
    LogFile(new).close()
    assert new.stat().st_mode & 0o777 == 0o600


def test_a_log_takes_no_more_than_twice_its_limit(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log", limit=10)
    for portion in (b"12345678", b"abcdefgh", b"ABCDEFGH"):
        log.write(portion)
    log.close()
    assert sorted(tmp_path.iterdir()) == [tmp_path / "log", tmp_path / "log.1"]
    assert (tmp_path / "log").read_bytes() == b"ABCDEFGH"
    assert (tmp_path / "log.1").read_bytes() == b"abcdefgh"


def test_a_log_that_cannot_be_opened_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written: No such file"):
        LogFile(tmp_path / "none" / "log")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
def test_a_full_disk_ends_the_log_and_not_the_child() -> None:
    log = LogFile(Path("/dev/full"))
    log.write(b"x")
    log.write(b"y")
    assert log.fault == "the log /dev/full ends early: No space left on device"
