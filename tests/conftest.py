"""What many tests need: the demo model, and engines that end with their test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from llmx.core.engine.blas import load_fast_blas

# On matrices this small a second thread of OpenBLAS spins more than it computes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
load_fast_blas(os.environ)  # as `llmx serve` does, before anything imports MLX

from llmx.core.engine.mlx_engine import EngineOptions, MLXEngine  # noqa: E402
from llmx.fixtures import demo_model  # noqa: E402
from tools.noise_model import make_noise  # noqa: E402

# No test asserts times, not even by Hypothesis' own limits: machines are noisy.
settings.register_profile("llmx", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("llmx")


@pytest.fixture(scope="session")
def demo() -> Iterator[Path]:
    """The folder of the bundled model."""
    with demo_model() as folder:
        yield folder


@pytest.fixture(scope="session")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model whose greedy text depends on its prompt and never ends by itself."""
    return make_noise(tmp_path_factory.mktemp("noise"))


@pytest.fixture
def load_engine() -> Iterator[Callable[..., MLXEngine]]:
    """`load_engine(folder, **options)`; every engine is closed when the test ends."""
    engines: list[MLXEngine] = []

    def load(folder: Path, **options: object) -> MLXEngine:
        engine = MLXEngine.load(folder, EngineOptions(**options))  # pyright: ignore
        engines.append(engine)
        return engine

    yield load
    for engine in engines:
        asyncio.run(engine.close())
