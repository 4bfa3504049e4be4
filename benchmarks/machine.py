"""What the figures were taken on. Figures without it mean nothing."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.servers import Server
from llmx.core.engine.blas import BlasReport

SETTINGS = ("LLMX_BLAS", "OPENBLAS_", "OMP_", "MLX_")  # what begins so and is set, counts for both
PACKAGES = ("llmx", "mlx", "mlx-lm", "transformers", "tokenizers", "uvicorn")


def machine(blas: BlasReport) -> dict[str, str]:
    """Name to value, in the order to be shown."""
    memory = psutil.virtual_memory()
    found = {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {memory.total / 2**30:.0f} GiB",
        "system": platform.platform(terse=True),
        "BLAS": f"{blas.name}, for both servers",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES)
        + f", Python {platform.python_version()}",
    }
    settings = [
        f"{name}={value}" for name, value in os.environ.items() if name.startswith(SETTINGS)
    ]
    if settings:
        found["environment"] = " ".join(sorted(settings))
    if sys.platform != "win32":
        found["load before"] = f"{psutil.getloadavg()[0]:.1f} (mean of one minute)"
    return found


def blas_difference(servers: Sequence[Server]) -> str | None:
    """What is wrong where the servers have mapped unlike BLAS libraries; None: all is well."""
    files = [server.blas_files() for server in servers]
    if len(set(files)) == 1:
        return None
    said = "; ".join(
        f"{server.kind.name}: {', '.join(sorted(found or ())) or 'none'}"
        for server, found in zip(servers, files, strict=True)
    )
    return f"the servers do not use the same BLAS: {said}"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
