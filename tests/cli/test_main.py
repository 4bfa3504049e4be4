"""The border of the program: help, version, completion, and how failures leave it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from llmx.cli.main import Border, app
from llmx.cli.show import exit_code
from llmx.core.errors import (
    Busy,
    ConfigError,
    LlmxError,
    ModelError,
    RequestError,
    Unreachable,
    UnreadableTrace,
)
from tests.program import environment, killed_at_deadline, run, start

COMMANDS = ("serve", "health", "monitor", "test-cache", "analyze-traces")
HEAVY = ("mlx", "mlx_lm", "transformers", "httpx", "starlette", "uvicorn", "rich")


def test_help_names_every_command(tmp_path: Path) -> None:
    done = run("--help", state=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("args", [(), *((command,) for command in COMMANDS)])
def test_help_imports_nothing_that_takes_long(args: tuple[str, ...], tmp_path: Path) -> None:
    """A server library or MLX costs a second; help must answer at once."""
    code = (
        "import sys\n"
        "from llmx.cli.main import app\n"
        "try: app(prog_name='llmx')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('heavy:', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args, "--help"],
        env=environment(tmp_path, {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: llmx" in done.stdout
    assert done.stdout.splitlines()[-1].strip() == "heavy:"


def test_version_names_mlx_its_backend_and_the_blas(tmp_path: Path) -> None:
    done = run("--version", state=tmp_path)
    assert done.returncode == 0
    first, second, third, fourth = done.stdout.splitlines()
    assert first.startswith("llmx ")
    assert "mlx " in second
    assert "mlx-lm " in second
    assert third.split()[:2][1] in ("cpu", "metal", "cuda")
    assert fourth.startswith("BLAS ")


def test_a_wrong_variable_is_one_line_for_the_version_too(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("LLMX_BLAS is for Linux")
    done = run("--version", state=tmp_path, LLMX_BLAS="/nowhere")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("llmx: LLMX_BLAS: cannot use '/nowhere'")


def test_an_unknown_command_is_wrong_usage(tmp_path: Path) -> None:
    done = run("sevre", state=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'sevre'" in done.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("serve", "--prot", "1"), ("--prot", "--port", "(llmx serve --help)")),
        (("serve", "--port", "x"), ("--port: cannot use 'x', wanted a whole number",)),
        (("serve", "--port", "65536"), ("--port: cannot use '65536', wanted a whole number",)),
        (("health", "--deadline", "soon"), ("'--deadline'", "(llmx health --help)")),
        (("monitor", "wach"), ("'wach'", "(llmx monitor --help)")),
    ],
)
def test_wrong_usage_is_one_line_as_any_other_error(
    args: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = CliRunner().invoke(app, args)
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("llmx: ")
    assert all(word in line for word in words)


def test_a_group_without_a_command_shows_its_help() -> None:
    assert "watch" in CliRunner().invoke(app, ["monitor"]).output


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    asked = {"_LLMX_COMPLETE": "complete_bash", "COMP_WORDS": "llmx ser", "COMP_CWORD": "1"}
    assert run(state=tmp_path, **asked).stdout.split() == ["serve"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("c"), 2),
        (ModelError("m"), 2),
        (UnreadableTrace("t"), 2),
        (RequestError("r"), 2),
        (Busy("b"), 3),
        (Unreachable("u"), 4),
    ],
)
def test_each_error_is_one_line_on_stderr_and_its_exit_code(error: LlmxError, code: int) -> None:
    app = typer.Typer(cls=Border)
    app.callback()(lambda: None)

    @app.command()
    def fail() -> None:
        raise type(error)(f"what was seen\n  and what was wanted: {error}")

    done = CliRunner().invoke(app, ["fail"])
    assert done.exit_code == code == exit_code(error)
    assert done.stdout == ""
    assert done.stderr == f"llmx: what was seen and what was wanted: {error}\n"


def test_a_reader_that_leaves_is_no_error_and_no_verdict(tmp_path: Path) -> None:
    with start("serve", "--show-config", state=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        with killed_at_deadline(process):
            stderr = process.stderr.read()
            code = process.wait()
    assert (code, stderr) == (141, "")


def test_output_in_a_pipe_has_no_colours_even_where_a_terminal_is_claimed(tmp_path: Path) -> None:
    environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    for args in (("--help",), ("serve", "--show-config"), ("serve", "--port", "x")):
        done = run(*args, state=tmp_path, **environ)
        assert "\x1b" not in done.stdout + done.stderr
    assert os.linesep in done.stderr
