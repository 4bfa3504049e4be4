"""The program itself, as a process: `run` to its end, or `serving` for the length of a `with`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE_S = 60.0  # a process that takes longer hangs
COMMAND = (sys.executable, "-c", "from llmx.cli.main import main; main()")


def environment(state: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """This process's, without settings for llmx, and with all of its state in `state`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LLMX_")}
    places = {"LLMX_HOME": str(state), "XDG_CONFIG_HOME": str(state), "HOME": str(state)}
    return {**kept, **places, **extra}


def start(*args: str, state: Path, **environ: str) -> subprocess.Popen[str]:
    """`llmx` with its output in pipes, in the folder `state`."""
    return subprocess.Popen(
        [*COMMAND, *args],
        cwd=state,
        env=environment(state, environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*args: str, state: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """`llmx` to its end."""
    with start(*args, state=state, **environ) as process:
        with killed_at_deadline(process):
            stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(args, process.returncode, stdout, stderr)


@dataclass(frozen=True)
class Serving:
    process: subprocess.Popen[str]
    url: str
    screen: str  # what it said on stderr until it was ready

    def end(self, signal: int) -> tuple[int, str]:
        """Send the signal and wait; the exit code, and what was said on stderr since."""
        self.process.send_signal(signal)
        with killed_at_deadline(self.process):
            _, stderr = self.process.communicate()
        return self.process.returncode, stderr


@contextmanager
def serving(*args: str, state: Path, **environ: str) -> Iterator[Serving]:
    """`llmx serve` on a free port, from the moment its start screen is complete."""
    with start("serve", "--port", "0", *args, state=state, **environ) as process:
        try:
            screen = _read_until(process, "Ctrl-C ends it")
            found = re.search(r" serves \S+ at (http://\S+)", screen)
            assert found, screen
            yield Serving(process, found[1], screen)
        finally:
            process.kill()  # nothing to kill where the test has ended it


def _read_until(process: subprocess.Popen[str], last: str) -> str:
    assert process.stderr is not None
    said = ""
    with killed_at_deadline(process):
        for line in process.stderr:
            said += line
            if last in line:
                return said
    raise AssertionError(f"it ended with {process.wait()} and said: {said}")


@contextmanager
def killed_at_deadline(process: subprocess.Popen[Any]) -> Iterator[None]:
    timer = threading.Timer(DEADLINE_S, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
