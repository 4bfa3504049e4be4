# pyright: reportMissingImports=false
"""Writes the trained weights in mlx-lm's standard format."""

from __future__ import annotations

import json
import os
from pathlib import Path

from safetensors.torch import save_file

from tools.demo_model.network import Network


def export(network: Network, folder: Path) -> None:
    """`config.json` and `model.safetensors` in `folder`."""
    config = {
        **network.shape.config(),
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    aside = folder / "model.safetensors.new"
    save_file(network.exported(), aside, metadata={"format": "mlx"})
    os.replace(aside, folder / "model.safetensors")
