"""Tiny models of nine architectures, and two that cannot be batched, made by seed.

0.6 to 0.9 M parameters each (0.5 M of them the embedding and the untied head), float32, with the
demo model's tokenizer and template. Weights are `normal / sqrt(fan_in)`, and the rows of the head
are zero but for ordinary words, so that greedy text varies with the prompt and never ends early.
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten

from llmx.fixtures import demo_model
from tools.demo_model.weights import word_tokens

VOCABULARY = 4096
_AVERSION = (
    0.5  # of a word's row of the head to its embedding: or a chain meets a word that repeats
)
_FAINT = 0.3  # length of what is no word, where the embedding is the head as well
_FOCUS = 2.0  # scale of queries: attention looks at few tokens, not at the average of all
_EMBEDDINGS = ("embed_tokens.weight", "backbone.embeddings.weight", "model.embedding.weight")
WINDOW = 32  # tokens: short, so that a test's prompt wraps it

_COMMON: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 16384,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
    "eos_token_id": [2, 0],
}
_LINEAR = {  # gated delta layers of Qwen3-Next and Qwen3.5
    "num_hidden_layers": 4,
    "full_attention_interval": 2,
    "linear_num_value_heads": 2,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 32,
    "linear_value_head_dim": 32,
    "linear_conv_kernel_dim": 4,
    "partial_rotary_factor": 0.5,
}
_CONFIGS: dict[str, dict[str, Any]] = {
    "qwen3": {},
    "llama": {},
    "gemma3_text": {
        "num_hidden_layers": 4,
        "sliding_window": WINDOW,
        "sliding_window_pattern": 2,
        "query_pre_attn_scalar": 32,
    },
    "gpt_oss": {
        "sliding_window": WINDOW,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "layer_types": ["sliding_attention", "full_attention"],
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},  # for transformers
    },
    "qwen3_5": _LINEAR,
    "qwen3_next": {
        **_LINEAR,
        "num_experts": 4,
        "num_experts_per_tok": 2,
        "decoder_sparse_step": 1,
        "shared_expert_intermediate_size": 64,
        "mlp_only_layers": [],
        "moe_intermediate_size": 64,
        "norm_topk_prob": True,
    },
    "granitemoehybrid": {
        "attention_bias": False,
        "embedding_multiplier": 1.0,
        "attention_multiplier": 32**-0.5,
        "logits_scaling": 1.0,
        "residual_multiplier": 1.0,
        "layer_types": ["mamba", "attention"],
        "shared_intermediate_size": 128,
        "mamba_n_heads": 4,
        "mamba_d_head": 32,
        "mamba_proj_bias": False,
        "mamba_d_state": 16,
        "mamba_d_conv": 4,
        "mamba_n_groups": 1,
        "mamba_conv_bias": True,
        "position_embedding_type": "nope",
    },
    "mamba2": {
        "num_heads": 4,
        "head_dim": 32,
        "intermediate_size": 128,
        "state_size": 16,
        "layer_norm_epsilon": 1e-6,
        "conv_kernel": 4,
        "n_groups": 1,
        "use_bias": False,
        "use_conv_bias": True,
        "time_step_limit": [0.001, 100.0],
        "time_step_rank": "auto",
    },
    "falcon_h1": {  # attention and a state space in the same layer: a `CacheList`
        "mamba_d_ssm": 128,
        "mamba_n_heads": 4,
        "mamba_d_head": 32,
        "mamba_d_state": 16,
        "mamba_d_conv": 4,
        "mamba_n_groups": 1,
    },
    "afm7": {  # its last layers read the keys and values of another one
        "hidden_dim": 64,
        "num_layers": 3,
        "num_kv_reuse_layers": 1,
        "num_heads": 2,
        "num_kv_heads": 2,
    },
    "llama4": {
        "attention_bias": False,
        "attention_chunk_size": 8192,
        "interleave_moe_layer_step": 2,
        "intermediate_size_mlp": 128,
        "num_hidden_layers": 4,
        "num_experts_per_tok": 1,
        "num_local_experts": 2,
        "rope_scaling": None,
        "use_qk_norm": False,
    },
}
_ONE_PLUS = {"gemma3_text"}  # their norms scale by 1 + weight
_NESTED = {"qwen3_5", "llama4"}  # their settings stand in `text_config`

UNBATCHABLE = ("llama4", "afm7")
ARCHITECTURES = tuple(name for name in _CONFIGS if name not in UNBATCHABLE)


def make_model(architecture: str, folder: Path, *, seed: int = 0) -> Path:
    """Write a model folder that `mlx_lm.load` takes; `folder` again."""
    folder.mkdir(parents=True, exist_ok=True)
    config = config_of(architecture)
    (folder / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
    with demo_model() as demo:
        for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
            shutil.copy(demo / name, folder / name)
        words = word_tokens(json.loads((demo / "tokenizer.json").read_text("utf-8")))
    weights = _weights(config, words, seed)
    mx.save_safetensors(str(folder / "model.safetensors"), weights, metadata={"format": "mlx"})
    return folder


def config_of(architecture: str) -> dict[str, Any]:
    inner = {**_COMMON, "model_type": architecture, **_CONFIGS[architecture]}
    if architecture not in _NESTED:
        return inner
    if architecture == "qwen3_5":
        rope = {"type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5}
        inner = {**inner, "model_type": "qwen3_5_text", "rope_parameters": rope}
    return {"model_type": architecture, "text_config": inner, "eos_token_id": [2, 0]}


def _weights(config: dict[str, Any], words: list[int], seed: int) -> dict[str, mx.array]:
    architecture = import_module(f"mlx_lm.models.{config['model_type']}")
    model = architecture.Model(architecture.ModelArgs.from_dict(config))
    named: list[tuple[str, mx.array]] = tree_flatten(model.parameters())  # pyright: ignore
    only_words = np.zeros((VOCABULARY, 1), np.float32)
    only_words[words] = 1.0
    weights: dict[str, np.ndarray] = {}
    for name, default in named:
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        weights[name] = _drawn(name, default, rng)
        if name.endswith("norm.weight") and config["model_type"] in _ONE_PLUS:
            weights[name] -= 1.0
    (embedding,) = (w for name, w in weights.items() if name.endswith(_EMBEDDINGS))
    heads = [w for name, w in weights.items() if name.endswith("lm_head.weight")]
    if heads:
        (head,) = heads
        head -= _AVERSION * embedding
        head *= only_words
    else:  # tied: the embedding is the head, and words are ahead of all others
        embedding *= np.maximum(only_words, _FAINT)
    return {name: mx.array(weight) for name, weight in weights.items()}


def _drawn(name: str, default: mx.array, rng: np.random.Generator) -> np.ndarray:
    """A matrix is drawn; a vector keeps a value that its layer is made for."""
    shape = default.shape
    for ending, value in _VECTORS.items():
        if name.endswith(ending):
            return value(shape, rng)
    if default.ndim < 2:
        return np.array(default.astype(mx.float32))
    fan_in = int(np.prod(shape[1:])) if "conv" in name else shape[-1]
    scale = _FOCUS if "q_proj" in name else 1.0
    return (scale * rng.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)


# What a recurrent state keeps of a token is exp(-A dt) a step, dt about 0.1: some heads forget at
# once, some remember a thousand tokens, so that a damaged state shows far from the damage.
_VECTORS: dict[str, Callable[[tuple[int, ...], np.random.Generator], np.ndarray]] = {
    "A_log": lambda shape, rng: rng.uniform(np.log(0.01), np.log(2), shape).astype(np.float32),
    "dt_bias": lambda shape, rng: rng.uniform(-3, -1, shape).astype(np.float32),
    "bias": lambda shape, _: np.zeros(shape, np.float32),
    "sinks": lambda shape, _: np.zeros(shape, np.float32),
    "q_norm.weight": lambda shape, _: np.full(shape, _FOCUS, np.float32),
}


def make_adapter(model: Path, folder: Path, seed: int) -> Path:
    """A LoRA adapter for `make_model`'s folder, in mlx-lm's form, that changes what it says."""
    from mlx_lm import load  # noqa: PLC0415 - tests without an engine do without it
    from mlx_lm.tuner.utils import linear_to_lora_layers  # noqa: PLC0415

    lora = {"rank": 4, "scale": 20.0, "dropout": 0.0}
    adapted = load(str(model))[0]
    adapted.freeze()
    linear_to_lora_layers(adapted, 2, lora)
    draws = np.random.default_rng(seed)
    trained: list[tuple[str, mx.array]] = tree_flatten(adapted.trainable_parameters())  # pyright: ignore
    weights = {
        name: mx.array(draws.normal(size=array.shape).astype(np.float32) / 8)
        for name, array in trained
    }
    mx.save_safetensors(str(folder / "adapters.safetensors"), weights)
    config = {"fine_tune_type": "lora", "num_layers": 2, "lora_parameters": lora}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder
