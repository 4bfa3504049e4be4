"""Makes the demo model's weights from a seed. Runs where llmx is built: numpy and safetensors only.

    python tools/demo_model/weights.py

`normal / sqrt(fan_in)`, norms at one (queries at two), an untied head. With mlx-lm's own
initialisation a model repeats one token, and a test of a cache on it proves nothing. Rows of the
head are zero but for ordinary words: greedy text is made of words and does not end early.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

RECIPE = 1  # raise it when the weights of a given config and seed change

# Random attention over thousands of tokens is their average, whatever they are. Twice the usual
# scale makes it look at few: one replaced token of 4,000 then moves a logprob by 0.03.
_FOCUS = np.float32(2.0)

Array = NDArray[np.float32]


def make(folder: Path, *, seed: int = 0) -> Path:
    """Write `folder/model.safetensors` unless it is there already; its path.

    The file's metadata holds a digest of config, vocabulary, recipe and seed; a file with another
    digest, or a damaged one, is replaced.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    words = word_tokens(json.loads((folder / "tokenizer.json").read_text("utf-8")))
    digest = hashlib.sha256(
        json.dumps([RECIPE, seed, config, words], sort_keys=True).encode()
    ).hexdigest()
    target = folder / "model.safetensors"
    if target.exists() and _digest_of(target) == digest:
        return target
    aside = folder / f"model.safetensors.{os.getpid()}"
    # One entry only: their order in the file is not fixed, and the same seed is to give the same
    # bytes.
    save_file(_weights(config, words, seed), aside, metadata={"digest": digest})
    aside.chmod(0o644)
    os.replace(aside, target)
    return target


def word_tokens(tokenizer: dict[str, dict[str, dict[str, int]]]) -> list[int]:
    """Ids of a space and at least two letters (`Ġ` is the space in the byte alphabet)."""
    vocabulary = tokenizer["model"]["vocab"]
    return sorted(
        token
        for text, token in vocabulary.items()
        if len(text) > 2 and text[0] == "Ġ" and text[1:].isascii() and text[1:].isalpha()
    )


def _digest_of(file: Path) -> str | None:
    try:
        with safe_open(file, framework="numpy") as opened:
            return (opened.metadata() or {}).get("digest")
    except SafetensorError:  # truncated
        return None


def _weights(config: dict[str, int], words: list[int], seed: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    width, vocabulary = config["head_dim"], config["vocab_size"]

    def linear(rows: int, columns: int) -> Array:
        drawn = rng.standard_normal((rows, columns)) / np.sqrt(columns)
        return drawn.astype(np.float32)

    def ones(size: int) -> Array:
        return np.ones(size, np.float32)

    head = np.zeros((vocabulary, hidden), np.float32)
    head[words] = linear(len(words), hidden)
    weights = {
        "model.embed_tokens.weight": linear(vocabulary, hidden),
        "model.norm.weight": ones(hidden),
        "lm_head.weight": head,
    }
    for number in range(config["num_hidden_layers"]):
        layer = f"model.layers.{number}"
        weights |= {
            f"{layer}.input_layernorm.weight": ones(hidden),
            f"{layer}.post_attention_layernorm.weight": ones(hidden),
            f"{layer}.self_attn.q_proj.weight": linear(heads * width, hidden),
            f"{layer}.self_attn.k_proj.weight": linear(kv_heads * width, hidden),
            f"{layer}.self_attn.v_proj.weight": linear(kv_heads * width, hidden),
            f"{layer}.self_attn.o_proj.weight": linear(hidden, heads * width),
            f"{layer}.self_attn.q_norm.weight": _FOCUS * ones(width),
            f"{layer}.self_attn.k_norm.weight": ones(width),
            f"{layer}.mlp.gate_proj.weight": linear(inner, hidden),
            f"{layer}.mlp.up_proj.weight": linear(inner, hidden),
            f"{layer}.mlp.down_proj.weight": linear(hidden, inner),
        }
    return weights


if __name__ == "__main__":
    print(make(Path(__file__).parents[2] / "fixtures" / "demo-model"))
