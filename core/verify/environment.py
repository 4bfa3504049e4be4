"""The machine that a test ran on: what its figures depend on, and nothing that names anybody.

No user, no host, no path. What cannot be read is None, which is unknown and not absent.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

from llmx.core.types import Json

CPU_INFO = Path("/proc/cpuinfo")
CHIP_KEYS = ("model name", "Model", "Hardware", "cpu model")  # of x86, and of some ARM boards
SYSCTL = ("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")
SYSCTL_S = 2.0


def environment() -> dict[str, Json]:
    """Numbers, texts and None; sizes in bytes."""
    return {
        "chip": _chip(),
        "machine": platform.machine() or None,
        "cores": os.cpu_count(),
        "cores_usable": _usable_cores(),
        "memory_bytes": psutil.virtual_memory().total,
        "memory_free_bytes": psutil.virtual_memory().available,
        "os": _os(),
        "power": _power(),
        "load_1m": _load(),
        "python": platform.python_version(),
        "llmx": version("llmx"),
    }


def chip_of(cpu_info: str) -> str | None:
    """The processor's name in a Linux `/proc/cpuinfo`."""
    for line in cpu_info.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in CHIP_KEYS and value.strip():
            return " ".join(value.split())
    return None


def _chip() -> str | None:
    if sys.platform == "darwin":
        try:
            done = subprocess.run(
                SYSCTL, capture_output=True, text=True, timeout=SYSCTL_S, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip() or None
    try:
        return chip_of(CPU_INFO.read_text("utf-8", "replace"))
    except OSError:  # not Linux
        return platform.processor() or None


def _usable_cores() -> int | None:
    """A container or `taskset` may leave fewer than there are; macOS and Windows do not say."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return None


def _os() -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.release()}"


def _power() -> str | None:
    """A laptop on its battery is slower; a machine without one does not say."""
    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, psutil.Error):  # not on every system
        return None
    if battery is None or battery.power_plugged is None:
        return None
    return "mains" if battery.power_plugged else "battery"


def _load() -> float | None:
    """Of the last minute: processes that wanted a core."""
    try:
        return round(psutil.getloadavg()[0], 2)
    except OSError:
        return None
