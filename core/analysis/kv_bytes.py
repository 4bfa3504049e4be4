"""What a token of a cached prefix costs in bytes, from a model's `config.json`. Imports no MLX.

    dense     2 x layers x KV heads x head_dim x bytes of an element
    latent    layers x (kv_lora_rank + qk_rope_head_dim) x bytes of an element

What is not understood is `UnknownKV` with a reason: then sizes are told in tokens. The engine reads
the same off a real forward (`cache/layout.py`), and a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmx.core.analysis.kv_layers import Keeps, UnknownLayers, layers_of, window_of
from llmx.core.errors import ModelError

_ELEMENT_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "half": 2}
_EXPANDED = {"deepseek_v2", "minicpm3", "youtu_llm"}  # mlx-lm stores their keys and values whole


@dataclass(frozen=True, slots=True)
class KVBytes:
    """Bytes of what one sequence keeps."""

    token_bytes: int  # of each token; 0 where no layer keeps all
    window_bytes: int  # of each of the last `window` tokens, beside it
    window: int  # 0 where no layer has one
    state_layers: int  # layers with a state: a prefix cannot be cut where none was stored
    state_bytes: int | None  # of all of them together, for each stored position; None: not known
    notes: tuple[str, ...] = ()  # what was assumed

    @property
    def is_trimmable(self) -> bool:
        """A stored sequence can be cut at any token."""
        return not (self.state_layers or self.window)

    def nbytes(self, tokens: int) -> int | None:
        """Of a sequence of that many tokens; None where its states are not known."""
        if self.state_bytes is None:
            return None
        kept = min(tokens, self.window)
        return tokens * self.token_bytes + kept * self.window_bytes + self.state_bytes


@dataclass(frozen=True, slots=True)
class UnknownKV:
    why: str  # "openelm has layers of different widths"


def read_kv_bytes(
    path: Path, *, bits: int | None = None, group_size: int = 64
) -> KVBytes | UnknownKV:
    """The same of a model folder, or of its `config.json`. Raises `ModelError` if it is none."""
    file = path / "config.json" if path.is_dir() else path
    try:
        config = json.loads(file.read_bytes())
    except OSError as error:
        raise ModelError(f"cannot read {file}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{file} is no JSON, wanted a model's config.json") from error
    if not isinstance(config, dict):
        raise ModelError(f"{file} is no JSON object, wanted a model's config.json")
    return kv_bytes(config, bits=bits, group_size=group_size)


def kv_bytes(
    config: Mapping[str, Any], *, bits: int | None = None, group_size: int = 64
) -> KVBytes | UnknownKV:
    """What the model with this config keeps.

    `bits`: to how many its keys and values are quantized, in groups of `group_size`: 64 in mlx-lm,
    32 in `llmx serve --kv-bits`.
    """
    text = _text(config)
    try:
        return _kv_bytes(config, text, bits, group_size)
    except UnknownLayers as error:
        return UnknownKV(str(error))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return UnknownKV(f"a value of its config has another form: {error}")


def _text(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part about the language model, in models that also see or hear."""
    for key in ("text_config", "llm_config", "language_config"):
        inner = config.get(key)
        if isinstance(inner, Mapping) and inner:
            return inner
    return config


def _kv_bytes(
    config: Mapping[str, Any], text: Mapping[str, Any], bits: int | None, group_size: int
) -> KVBytes:
    layers = layers_of(text)
    element, notes = _element(config, text)
    whole, windows = layers.count(Keeps.ALL), layers.count(Keeps.WINDOW)
    states = layers.count(Keeps.STATE)
    if bits is not None and text.get("kv_lora_rank"):
        raise UnknownLayers("how latents are quantized is not known")
    width = _width(text, notes) if whole or windows else 0
    all_width = _global_width(text, width) if windows else width
    if bits is None:
        token_bytes = whole * all_width * element
    else:
        token_bytes = whole * _quantized(all_width, _head_dim(text), element, bits, group_size)
    return KVBytes(
        token_bytes=token_bytes,
        window_bytes=windows * width * element,
        window=window_of(text) if windows else 0,
        state_layers=states,
        state_bytes=states * _state(text, element) if _has_state(text) else None if states else 0,
        notes=tuple(notes),
    )


def _element(config: Mapping[str, Any], text: Mapping[str, Any]) -> tuple[int, list[str]]:
    for source in (text, config):
        for key in ("dtype", "torch_dtype"):
            name = source.get(key)
            if isinstance(name, str):
                nbytes = _ELEMENT_BYTES.get(name.removeprefix("torch."))
                if nbytes is None:
                    raise UnknownLayers(f"its numbers are of the type {name!r}")
                return nbytes, []
    return 2, ["elements of 16 bits"]


def _width(text: Mapping[str, Any], notes: list[str]) -> int:
    """Elements that a layer keeps of one token."""
    rank = text.get("kv_lora_rank")
    if rank:
        return _latent_width(text, int(rank), notes)
    heads = _kv_heads(text)
    head_dim = _head_dim(text)
    value_dim = text.get("v_head_dim")
    return heads * (head_dim + (int(value_dim) if value_dim else head_dim))


def _latent_width(text: Mapping[str, Any], rank: int, notes: list[str]) -> int:
    rope = int(text["qk_rope_head_dim"])
    expanded = int(text["num_attention_heads"]) * (
        int(text["qk_nope_head_dim"]) + rope + int(text["v_head_dim"])
    )
    if text.get("model_type") in _EXPANDED:
        notes.append(f"keys and values stored whole, as mlx-lm does; latents are {rank + rope}")
        return expanded
    notes.append(f"latents stored; a server that stores keys and values needs {expanded} elements")
    return rank + rope


def _global_width(text: Mapping[str, Any], width: int) -> int:
    """The same of layers that keep all, in families in which they are wider than windows."""
    head_dim, heads = text.get("global_head_dim"), text.get("num_global_key_value_heads")
    if not head_dim and not heads:
        return width
    heads = heads if heads and text.get("attention_k_eq_v") else _kv_heads(text)
    return 2 * int(heads) * int(head_dim or _head_dim(text))


def _kv_heads(text: Mapping[str, Any]) -> int:
    for key in ("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num"):
        heads = text.get(key)
        if isinstance(heads, int) and heads > 0:
            return heads
        if isinstance(heads, list):
            raise UnknownLayers("its layers have different numbers of KV heads")
    return _heads(text)


def _heads(text: Mapping[str, Any]) -> int:
    for key in ("num_attention_heads", "n_head", "n_heads", "num_heads"):
        heads = text.get(key)
        if isinstance(heads, int) and heads > 0:
            return heads
    raise UnknownLayers("it does not say how many heads it has")


def _head_dim(text: Mapping[str, Any]) -> int:
    for key in ("head_dim", "attention_head_dim", "kv_channels"):
        size = text.get(key)
        if isinstance(size, int) and size > 0:
            return size
    for key in ("hidden_size", "n_embd", "d_model", "hidden_dim"):
        size = text.get(key)
        if isinstance(size, int) and size > 0:
            return size // _heads(text)
    raise UnknownLayers("it does not say how wide a head is")


def _quantized(width: int, head_dim: int, element: int, bits: int, group_size: int) -> int:
    """Bytes of one token in one layer: packed elements, and a scale and a bias per group.

    Layers with windows or states are left as they are, as mlx-lm's caches do.
    """
    if head_dim % group_size or (head_dim * bits) % 32:
        raise UnknownLayers(f"heads of {head_dim} cannot be cut into groups of {group_size}")
    return width * bits // 8 + width // group_size * 2 * element


def _has_state(text: Mapping[str, Any]) -> bool:
    return "linear_num_value_heads" in text


def _state(text: Mapping[str, Any], element: int) -> int:
    """Of a gated delta layer: the last inputs of its convolution, and its matrix in 32 bits."""
    key_dim, value_dim = int(text["linear_key_head_dim"]), int(text["linear_value_head_dim"])
    key_heads, value_heads = int(text["linear_num_key_heads"]), int(text["linear_num_value_heads"])
    inputs = 2 * key_heads * key_dim + value_heads * value_dim
    conv = (int(text["linear_conv_kernel_dim"]) - 1) * inputs * element
    return conv + value_heads * value_dim * key_dim * 4
