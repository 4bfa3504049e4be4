"""Only what pyproject.toml cannot say: the demo model's weights are made when llmx is built.

They come from a seed (`tools/demo_model/weights.py`) and are not in git, so a wheel, an editable
install and an install from git all get the same `fixtures/demo-model/model.safetensors`.
"""

import runpy
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class BuildWithWeights(build_py):
    def finalize_options(self) -> None:
        # Before the base class lists the package data, so that the file is among it.
        make = runpy.run_path(str(ROOT / "tools" / "demo_model" / "weights.py"))["make"]
        make(ROOT / "fixtures" / "demo-model")
        super().finalize_options()


setup(cmdclass={"build_py": BuildWithWeights})
