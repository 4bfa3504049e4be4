"""The report about the BLAS is what the dynamic linker really did, with and without OpenBLAS.

Each case is a process of its own: what is loaded cannot be unloaded. The linker's own log
(`LD_DEBUG=bindings`) says to which library MLX's calls were bound.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from llmx.core.engine.blas import ADVICE, TOO_LATE, load_fast_blas

linux = pytest.mark.skipif(sys.platform != "linux", reason="the linker trick is for Linux")

LOAD = "from llmx.core.engine.blas import load_fast_blas; r = load_fast_blas(os.environ);"
SHOW = "print(r.path, r.fast, r.advice, sep='|')"
MULTIPLY = (
    "import mlx.core as mx;"
    "a = mx.arange(4.0).reshape(2, 2);"
    "assert (a @ a).tolist() == [[2.0, 3.0], [6.0, 11.0]];"  # [0 1; 2 3] squared
)


def run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key != "LLMX_BLAS"}
    return subprocess.run(
        [sys.executable, "-c", "import os;" + code],
        env=clean | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def bound_by_mlx(tmp_path: Path, code: str, **environ: str) -> tuple[str, str]:
    """The line that the code printed, and the file to which libmlx's cblas_sgemm was bound."""
    done = run(code, LD_DEBUG="bindings", LD_DEBUG_OUTPUT=str(tmp_path / "ld"), **environ)
    assert done.returncode == 0, done.stderr
    log = "".join(path.read_text(errors="replace") for path in tmp_path.glob("ld.*"))
    binding = r"binding file \S*libmlx\.so \[0\] to (\S+) \[0\]: normal symbol `cblas_sgemm'"
    (file,) = set(re.findall(binding, log))
    return done.stdout.strip(), file


def bundled_library() -> str:
    done = run(LOAD + SHOW, LLMX_BLAS="bundled")
    return done.stdout.split("|")[0]


@linux
def test_mlx_calls_the_library_that_the_report_names(tmp_path: Path) -> None:
    line, file = bound_by_mlx(tmp_path, LOAD + SHOW + ";" + MULTIPLY)
    path, fast, advice = line.split("|")
    assert os.path.realpath(file) == os.path.realpath(path)
    if fast == "True":  # this machine has an OpenBLAS
        assert "openblas" in os.path.realpath(path)
        assert advice == "None"
    else:
        assert fast == "False"
        assert advice == ADVICE


@linux
def test_bundled_is_used_where_it_is_asked_for_and_nothing_is_advised(tmp_path: Path) -> None:
    line, file = bound_by_mlx(tmp_path, LOAD + SHOW + ";" + MULTIPLY, LLMX_BLAS="bundled")
    path, fast, advice = line.split("|")
    assert (fast, advice) == ("False", "None")
    assert os.path.realpath(file) == os.path.realpath(path)
    assert "mlx_cpu.libs" in path


@linux
def test_a_named_library_is_used_and_unknown_in_speed(tmp_path: Path) -> None:
    """Any library with the symbol will do: here a copy of the one that MLX brings."""
    copy = tmp_path / "libmyblas.so"
    copy.write_bytes(Path(bundled_library()).read_bytes())
    libraries = os.path.dirname(bundled_library())  # its own Fortran library lies there
    environ = {"LLMX_BLAS": str(copy), "LD_LIBRARY_PATH": libraries}
    line, file = bound_by_mlx(tmp_path, LOAD + SHOW + ";" + MULTIPLY, **environ)
    assert file == str(copy)
    assert line == f"{copy}|None|None"


@linux
@pytest.mark.parametrize(
    ("named", "why"),
    [("/nowhere/libblas.so", "No such file"), ("libm.so.6", "it has no cblas_sgemm")],
)
def test_a_named_library_that_cannot_serve_is_refused(named: str, why: str) -> None:
    done = run(LOAD, LLMX_BLAS=named)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("llmx.core.errors.ConfigError: LLMX_BLAS: cannot use")
    assert named in last
    assert why in last


@linux
def test_asked_too_late_it_tells_what_mlx_uses_and_changes_nothing(tmp_path: Path) -> None:
    line, file = bound_by_mlx(tmp_path, MULTIPLY + LOAD + SHOW)
    path, fast, advice = line.split("|")
    assert fast == "False"
    assert os.path.realpath(file) == os.path.realpath(path)
    assert advice in (TOO_LATE, ADVICE)  # ADVICE: there was nothing to load anyway


@linux
def test_asked_twice_it_says_the_same_before_and_after_mlx_is_imported() -> None:
    again = "b = load_fast_blas(os.environ); assert b == r, (b, r);"
    done = run(LOAD + again + MULTIPLY + again)
    assert done.returncode == 0, done.stderr


def test_the_report_needs_no_mlx() -> None:
    done = run(LOAD + "import sys; assert 'mlx.core' not in sys.modules")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "darwin", reason="Accelerate is part of macOS")
def test_on_macos_it_is_accelerate() -> None:
    report = load_fast_blas({})
    assert (report.name, report.fast, report.advice) == ("Accelerate", True, None)
