"""Where a run was made: what times depend on, and no name of a person or a machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version

import psutil

from llmx.core.types import Json


def environment() -> Mapping[str, Json]:
    """Of the machine that asks; the server's is another one where it is remote."""
    battery = psutil.sensors_battery()
    return {
        "llmx": version("llmx"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "chip": platform.processor() or None,
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "on_battery": None if battery is None else not battery.power_plugged,
    }
