"""Which MLX computes here, and which versions of it are installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import Literal

import mlx.core as mx


@dataclass(frozen=True, slots=True)
class Backend:
    name: Literal["cpu", "metal", "cuda"]
    device: str | None  # "Apple M3 Max"; None: the backend does not say
    mlx_version: str
    mlx_lm_version: str


def backend() -> Backend:
    """The backend of MLX's default device: what a model loaded now would run on."""
    device = mx.default_device()
    name: Literal["cpu", "metal", "cuda"] = "cpu"
    if device.type == mx.DeviceType.gpu:
        name = "metal" if mx.metal.is_available() else "cuda"
    said = mx.device_info(device).get("device_name")
    return Backend(
        name=name,
        device=str(said) if said else None,
        mlx_version=metadata.version("mlx"),
        mlx_lm_version=metadata.version("mlx-lm"),
    )
