"""Which BLAS multiplies matrices on the CPU: put a fast one in front of MLX's own. Imports no MLX.

The Linux wheel of MLX brings the reference BLAS, which is 10 to 70 times slower in float32 than
OpenBLAS. The dynamic linker binds `cblas_sgemm` to the first library in the global scope that has
it, so a library opened with RTLD_GLOBAL before `mlx.core` is imported takes its place.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmx.core.errors import ConfigError

VARIABLE = "LLMX_BLAS"
SYMBOL = "cblas_sgemm"
SONAMES = (
    "libopenblasp.so.0",  # Fedora and its kin, POSIX threads
    "libopenblaso.so.0",  # the same, OpenMP
    "libopenblas_pthreads.so.0",  # openSUSE
    "libopenblas.so.0",  # Debian, Ubuntu, Arch; on Fedora the one without threads
)
ADVICE = (
    "float32 runs 10 to 70 times faster with OpenBLAS: apt-get install libopenblas0 (Debian, "
    "Ubuntu) or dnf install openblas-threads (Fedora), then start again"
)
TOO_LATE = "mlx was imported before a BLAS could be loaded: call load_fast_blas first"


@dataclass(frozen=True, slots=True)
class BlasReport:
    """The BLAS that MLX's CPU backend calls, or will call once it is imported."""

    name: str  # "OpenBLAS 0.3.21, 2 threads", "reference BLAS bundled with mlx", "Accelerate"
    path: str | None  # the library's file; None: not known, or part of the system
    fast: bool | None  # None: not known
    advice: str | None  # how to get a fast one; None: nothing to do


def load_fast_blas(environ: Mapping[str, str]) -> BlasReport:
    """Load the system's OpenBLAS for MLX; safe to call again, and then reports what is in use.

    `LLMX_BLAS` is `auto` (the default), `bundled` (load nothing) or the name or path of a library.
    Raises `ConfigError` where a library was named and cannot serve. Must run before `mlx.core` is
    imported: afterwards it changes nothing and the report says so.
    """
    if sys.platform == "darwin":
        return BlasReport("Accelerate", None, True, None)
    if sys.platform != "linux":
        return BlasReport("unknown", None, None, None)
    wanted = environ.get(VARIABLE, "auto")
    mlx = _position("libmlx.so")
    if "mlx.core" in sys.modules and mlx is not None:
        return _in_use_by_mlx(mlx, None if wanted == "bundled" else _missed(wanted))
    if (present := _global_provider()) is not None:  # LD_PRELOAD, or an earlier call
        return _describe(present)
    if wanted == "bundled":
        return _bundled(None)
    if wanted != "auto":
        return _describe(_load_named(wanted))
    for candidate in _candidates():
        if _refusal(candidate) is None:
            return _describe(_make_global(candidate))
    return _bundled(ADVICE)


def _candidates() -> Iterator[str]:
    yield from SONAMES
    found = ctypes.util.find_library("openblas")  # asks ldconfig: costs a process, so it is last
    if found is not None and found not in SONAMES:
        yield found


def _load_named(library: str) -> str:
    refusal = _refusal(library)
    if refusal is not None:
        raise ConfigError(
            f"{VARIABLE}: cannot use {library!r}, {refusal}; "
            "wanted auto, bundled, or a library that exports cblas_sgemm"
        )
    return _make_global(library)


def _refusal(library: str) -> str | None:
    """Why the library cannot be the BLAS; None: it can. Opens it for nobody else to see."""
    try:
        opened = ctypes.CDLL(library)  # RTLD_LOCAL
    except OSError as error:
        return str(error)
    if _symbol(opened, SYMBOL) is None:
        return f"it has no {SYMBOL}"
    if "USE64BITINT" in _openblas_config(opened):
        return "its integers have 64 bits, MLX passes 32"
    return None


def _make_global(library: str) -> str:
    return _origin(ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)) or library


def _in_use_by_mlx(mlx: int, advice: str | None) -> BlasReport:
    """MLX is bound already: a global BLAS counts only if it was there before `libmlx.so`."""
    provider = _global_provider()
    place = None if provider is None else _position(Path(provider).name)
    if provider is not None and place is not None and place < mlx:
        return _describe(provider)
    return _bundled(advice)


def _missed(wanted: str) -> str:
    libraries = _candidates() if wanted == "auto" else (wanted,)
    return TOO_LATE if any(_refusal(library) is None for library in libraries) else ADVICE


def _bundled(advice: str | None) -> BlasReport:
    spec = importlib.util.find_spec("mlx")
    roots = spec.submodule_search_locations if spec is not None else None
    for root in roots or ():
        for path in Path(root).parent.glob("mlx_cpu.libs/libblas-*"):
            return BlasReport("reference BLAS bundled with mlx", str(path), False, advice)
    return BlasReport("the one mlx was built with", None, None, None)


def _describe(path: str) -> BlasReport:
    opened = ctypes.CDLL(path)
    config = _openblas_config(opened).split()
    if config[:1] != ["OpenBLAS"]:
        return BlasReport(Path(path).name, path, None, None)
    threads = opened.openblas_get_num_threads()
    plural = "" if threads == 1 else "s"
    return BlasReport(f"{' '.join(config[:2])}, {threads} thread{plural}", path, True, None)


# ── the dynamic linker ────────────────────────────────────────────────────────────────────────


class _DlInfo(ctypes.Structure):
    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


class _PhdrInfo(ctypes.Structure):  # only the leading fields of dl_phdr_info
    _fields_ = (("base", ctypes.c_void_p), ("file", ctypes.c_char_p))


def _symbol(library: ctypes.CDLL, name: str) -> Any | None:
    try:
        return library[name]
    except AttributeError:
        return None


def _openblas_config(library: ctypes.CDLL) -> str:
    """As `OpenBLAS 0.3.21 DYNAMIC_ARCH ... MAX_THREADS=64`; empty where it is another BLAS."""
    function = _symbol(library, "openblas_get_config")
    if function is None:
        return ""
    function.restype = ctypes.c_char_p
    return (function() or b"").decode("ascii", "replace")


def _origin(library: ctypes.CDLL) -> str | None:
    """The file that provides `cblas_sgemm` when it is looked up from `library`."""
    function = _symbol(library, SYMBOL)
    if function is None:
        return None
    info = _DlInfo()
    address = ctypes.cast(function, ctypes.c_void_p)
    found = ctypes.CDLL(None).dladdr(address, ctypes.byref(info))
    return info.file.decode() if found and info.file else None


def _global_provider() -> str | None:
    return _origin(ctypes.CDLL(None))


def _position(file_name: str) -> int | None:
    """The place of a library in the order of loading; None: it is not loaded."""
    names: list[str] = []

    def note(info: ctypes._Pointer[_PhdrInfo], size: int, data: int | None) -> int:
        names.append(Path((info.contents.file or b"").decode()).name)
        return 0

    kind = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(_PhdrInfo), ctypes.c_size_t, ctypes.c_void_p
    )
    ctypes.CDLL(None).dl_iterate_phdr(kind(note), None)
    return names.index(file_name) if file_name in names else None
