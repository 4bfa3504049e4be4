"""What is built and committed: packages, fixtures in the wheel, no registry named."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_every_package_is_listed() -> None:
    """The editable install finds a package that is not listed; the wheel would lack it."""
    files = [f for top in ("cli", "core", "fixtures") for f in (ROOT / top).rglob("__init__.py")]
    there = {".".join(("llmx", *file.parent.relative_to(ROOT).parts)) for file in files}
    assert set(project()["tool"]["setuptools"]["packages"]) == there


def test_no_data_file_lies_directly_in_fixtures() -> None:
    """Only folders are package data."""
    files = {path.name for path in (ROOT / "fixtures").iterdir() if path.is_file()}
    assert files == {"__init__.py", "py.typed"}


def test_the_licence_and_the_oldest_python_are_stated() -> None:
    stated = project()["project"]
    assert stated["requires-python"] == ">=3.11"
    assert stated["license"] == "Apache-2.0"
    assert stated["license-files"] == ["LICENSE"]
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")


def test_the_sdist_gets_what_its_setup_runs() -> None:
    """A wheel is also built from an sdist, where only listed files are."""
    listed = (ROOT / "MANIFEST.in").read_text("utf-8")
    assert "include tools/demo_model/weights.py" in listed.splitlines()
    assert '"tools" / "demo_model" / "weights.py"' in (ROOT / "setup.py").read_text("utf-8")


def test_upper_bounds_stand_where_an_api_is_known_to_break() -> None:
    needs = project()["project"]["dependencies"]
    assert any(need.startswith("mlx-lm>=0.32.2,<0.33") for need in needs)
    assert any(need.startswith("mlx>=0.32.4,<0.33") for need in needs)


def test_no_file_names_a_package_registry_or_a_folder_of_the_makers_machine() -> None:
    hosts = "|".join(("py" + "pi.org", "python" + "hosted", "npm" + "js.org"))
    home = re.compile(rf"{hosts}|(?<![\w.])/(?:ro{'ot'}|wo{'rk'})/")
    for path in tracked():
        if (
            path.suffix in {".py", ".md", ".toml", ".json", ".jsonl", ".jinja", ""}
            and path.is_file()
        ):
            text = path.read_text("utf-8", errors="replace")
            found = home.search(text)
            assert found is None, f"{path.relative_to(ROOT)}: {found}"


def test_the_weights_of_the_demo_model_are_not_in_git() -> None:
    assert not [path for path in tracked() if path.suffix == ".safetensors"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "build",
    [["pip", "wheel", "-q", "--no-deps", "-w"], ["build", "--outdir"]],
    ids=["from the sources", "from the sdist"],
)
def test_a_wheel_holds_llmx_alone_with_its_fixtures_and_the_weights(
    build: list[str], tmp_path: Path
) -> None:
    """Built from a copy, as an install from git and a release are; needs the package index."""
    source = tmp_path / "source"
    for path in tracked():
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            target.symlink_to(path.readlink())
        elif path.exists():
            shutil.copy(path, target)
    subprocess.run([sys.executable, "-m", *build, tmp_path, source], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"llmx", "llmx-0.1.0.dist-info"}
    for wanted in (
        "llmx/core/engine/mlx_engine.py",
        "llmx/cli/main.py",
        "llmx/fixtures/demo-model/model.safetensors",
        "llmx/fixtures/demo-model/tokenizer.json",
        "llmx/fixtures/agent/tools.json",
        "llmx/fixtures/traces/sample.jsonl",
        "llmx/core/py.typed",
    ):
        assert wanted in names
