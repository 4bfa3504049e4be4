"""The environment says what figures depend on, and names nobody."""

from __future__ import annotations

import getpass
import json
import platform
from importlib.metadata import version
from pathlib import Path

from llmx.core.verify.environment import chip_of, environment

WANTED = {"chip", "machine", "cores", "memory_bytes", "os", "power", "load_1m", "python", "llmx"}


def test_it_has_every_name_and_plain_values() -> None:
    seen = environment()
    assert seen.keys() >= WANTED
    assert all(value is None or isinstance(value, str | int | float) for value in seen.values())
    assert (seen["python"], seen["llmx"]) == (platform.python_version(), version("llmx"))
    assert seen["memory_bytes"] > 0


def test_it_names_no_host_and_no_user() -> None:
    values = [str(value) for value in environment().values()]
    assert platform.node() not in values
    assert getpass.getuser() not in values
    assert str(Path.home()) not in json.dumps(values) or str(Path.home()) == "/"


def test_the_chip_is_read_from_what_linux_tells() -> None:
    assert chip_of("processor\t: 0\nmodel name\t: A  Chip @ 2 GHz\n") == "A Chip @ 2 GHz"
    assert chip_of("processor\t: 0\nBogoMIPS\t: 48.00\n") is None
