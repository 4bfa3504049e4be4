"""The models that are measured: made by seed, so small that a server's own work shows.

`python -m benchmarks.nano KIND FOLDER` writes one. The tokenizer and template are the demo model's;
weights are `normal / sqrt(fan_in)`, and the rows of the head are zero but for ordinary words, so
that greedy text never ends early and its text gives the same tokens again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args

from llmx.fixtures import demo_model
from tools.demo_model.weights import make, word_tokens

Kind = Literal["nano", "hybrid", "ten"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CONTEXT = 65_536  # tokens: a prompt of 32k and room for the answer
VOCABULARY = 3_744  # the demo tokenizer's

_COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "max_position_embeddings": CONTEXT,
    "rms_norm_eps": 1e-6,
    "rope_theta": 100_000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
_NANO: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 32,
}
_TEN: dict[str, Any] = {
    "hidden_size": 384,
    "intermediate_size": 1152,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 96,
}
_LINEAR: dict[str, Any] = {  # two gated delta layers, two of attention
    "num_hidden_layers": 4,
    "full_attention_interval": 2,
    "linear_num_value_heads": 2,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 32,
    "linear_value_head_dim": 32,
    "linear_conv_kernel_dim": 4,
    "partial_rotary_factor": 0.5,
    "rope_parameters": {"type": "default", "rope_theta": 1e5, "partial_rotary_factor": 0.5},
}
DESCRIPTIONS: dict[Kind, str] = {
    "nano": "qwen3, 2 layers x 2 heads, 0.6 M parameters, KV 1 KiB a token",
    "hybrid": "qwen3_5, 2 gated delta and 2 attention layers x 2 heads, 0.7 M parameters",
    "ten": "qwen3, 4 layers x 4 heads (2 of keys and values), 10 M parameters",
}


def make_apart(kind: Kind, folder: Path) -> Path:
    """`make_nano` in a process that ends: the one that measures loads no MLX. `folder` again.

    Raises `subprocess.CalledProcessError`; what went wrong stands on stderr.
    """
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks.nano", kind, str(folder)]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    return folder


def make_nano(kind: Kind, folder: Path) -> Path:
    """Write a model folder in float32 that `mlx_lm.load` takes; `folder` again."""
    folder.mkdir(parents=True, exist_ok=True)
    with demo_model() as demo:
        for name in ("tokenizer.json", "chat_template.jinja"):
            shutil.copy(demo / name, folder / name)
        tokenizer = json.loads((demo / "tokenizer_config.json").read_text("utf-8"))
    _write(folder / "tokenizer_config.json", {**tokenizer, "model_max_length": CONTEXT})
    _write(folder / "generation_config.json", {"eos_token_id": 2, "pad_token_id": 0})
    config = config_of(kind)
    _write(folder / "config.json", config)
    if kind == "hybrid":
        words = word_tokens(json.loads((folder / "tokenizer.json").read_text("utf-8")))
        _make_hybrid(config, words, folder / "model.safetensors")
    else:
        make(folder)  # the recipe of the demo model, which is a qwen3 too
    return folder


def config_of(kind: Kind) -> dict[str, Any]:
    match kind:
        case "nano":
            return {"model_type": "qwen3", **_COMMON, **_NANO}
        case "ten":
            return {"model_type": "qwen3", **_COMMON, **_TEN}
        case "hybrid":
            text = {"model_type": "qwen3_5_text", **_COMMON, **_NANO, **_LINEAR}
            return {"model_type": "qwen3_5", "text_config": text, "eos_token_id": 2}


def _make_hybrid(config: dict[str, Any], words: list[int], file: Path) -> None:
    """Matrices are drawn; vectors (norms, decays) keep the values that mlx-lm gives them."""
    import mlx.core as mx  # noqa: PLC0415 - heavy, and only this kind needs its parameters' names
    from mlx.utils import tree_flatten  # noqa: PLC0415
    from mlx_lm.models import qwen3_5  # noqa: PLC0415

    mx.random.seed(0)
    model = qwen3_5.Model(qwen3_5.ModelArgs.from_dict(config))
    named: list[tuple[str, mx.array]] = tree_flatten(model.parameters())  # pyright: ignore
    weights: dict[str, mx.array] = {}
    for name, default in named:
        shape = default.shape
        if len(shape) < 2:
            weights[name] = default.astype(mx.float32)
            continue
        fan_in = shape[1] * shape[2] if len(shape) == 3 else shape[-1]  # a convolution has three
        weights[name] = mx.random.normal(shape) * fan_in**-0.5
        if name.endswith("lm_head.weight"):
            kept = mx.zeros((shape[0], 1))
            kept[mx.array(words)] = 1.0
            weights[name] *= kept
    mx.save_safetensors(str(file), weights, metadata={"format": "mlx"})


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    by_name: dict[str, Kind] = {kind: kind for kind in KINDS}
    make_nano(by_name[sys.argv[1]], Path(sys.argv[2]))
