"""A model of seeded noise, for tests and measurements of a cache: its text never ends by itself.

    python -m tools.noise_model FOLDER

Tokenizer and template are the demo model's, the weights of `tools/demo_model/weights.py`: greedy
text is made of words, depends on the whole prompt, and does not end early.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from llmx.fixtures import demo_model
from tools.demo_model.weights import make

CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 64,
    "vocab_size": 4096,
    "max_position_embeddings": 16384,
    "rms_norm_eps": 1e-6,
    "rope_theta": 100000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
"""1.4 million parameters; KV state of 1,024 bytes a token."""


def make_noise(folder: Path, *, seed: int = 0) -> Path:
    """A folder that mlx-lm loads, of `CONFIG`; `folder` again."""
    folder.mkdir(parents=True, exist_ok=True)
    with demo_model() as demo:
        for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
            shutil.copy(demo / name, folder / name)
    _write(folder / "config.json", CONFIG)
    _write(folder / "generation_config.json", {"eos_token_id": [2, 0], "pad_token_id": 0})
    make(folder, seed=seed)
    return folder


def _write(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=1), "utf-8")


if __name__ == "__main__":
    print(make_noise(Path(sys.argv[1])))
