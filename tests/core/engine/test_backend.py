"""The backend that is named is the one on which MLX computes."""

from __future__ import annotations

from importlib import metadata

import mlx.core as mx

from llmx.core.engine.backend import backend


def test_the_backend_is_that_of_the_default_device() -> None:
    found = backend()
    on_gpu = mx.default_device().type == mx.DeviceType.gpu
    assert (found.name == "cpu") == (not on_gpu)
    assert (found.name == "metal") == (on_gpu and mx.metal.is_available())


def test_the_versions_are_the_installed_ones() -> None:
    found = backend()
    assert found.mlx_version == metadata.version("mlx")
    assert found.mlx_lm_version == metadata.version("mlx-lm")
