"""Which layers of a model keep what of a prompt, read off its `config.json`. Imports no MLX.

Model families say it in a dozen ways; each is read where it stands. What is in none of them is an
`UnknownLayers`, and nobody guesses a plain layer in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any


class Keeps(Enum):
    """What a layer keeps of the tokens it has seen."""

    ALL = "all"  # a key and a value of each
    WINDOW = "window"  # those of the last ones only
    STATE = "state"  # one state of a fixed size, valid at one position only
    NOTHING = "nothing"  # no cache, or that of another layer


class UnknownLayers(ValueError):
    """The config says something that is not understood; the message says what."""


_WORDS = {
    "full_attention": Keeps.ALL,
    "attention": Keeps.ALL,
    "full": Keeps.ALL,
    "global": Keeps.ALL,
    "*": Keeps.ALL,
    "sliding_attention": Keeps.WINDOW,
    "sliding_window": Keeps.WINDOW,
    "chunked_attention": Keeps.WINDOW,
    "local": Keeps.WINDOW,
    "linear_attention": Keeps.STATE,
    "mamba": Keeps.STATE,
    "mamba2": Keeps.STATE,
    "recurrent": Keeps.STATE,
    "conv": Keeps.STATE,
    "m": Keeps.STATE,
    "mlp": Keeps.NOTHING,
    "moe": Keeps.NOTHING,
    "-": Keeps.NOTHING,
    "e": Keeps.NOTHING,
}
# Their layers are not all described by the keys below, or hold more than a key and a value.
_OTHERWISE = {
    "baichuan_m1": "a state beside every layer's keys and values",
    "deciLM": "layers of different widths",
    "nemotron-nas": "layers of different widths",
    "openelm": "layers of different widths",
    "deepseek_v32": "an index beside the latents",
    "glm_moe_dsa": "an index beside the latents",
    "deepseek_v4": "compressed keys of its own",
    "deepseek_v41": "compressed keys of its own",
    "longcat_flash": "two attentions in a layer",
    "longcat_flash_ngram": "two attentions in a layer",
    "minimax_m3_vl": "an index beside the keys",
    "nanbeige": "layers that run several times",
    "mimo_v2_flash": "windows of another width",
    "mllama": "layers that look at images only",
}
_NO_ATTENTION = {"mamba", "mamba2", "falcon_mamba", "rwkv", "rwkv5", "rwkv6", "rwkv7", "xlstm"}
_MOST_LAYERS = 10_000  # more is a slip, and would fill the memory
_GEMMA3_PATTERN = 6  # every sixth layer sees all, where the config does not say it


def layers_of(text: Mapping[str, Any]) -> list[Keeps]:
    """What each layer keeps, those that share another's keys and values as `NOTHING`.

    `text` is the config of the language model. Raises `UnknownLayers`.
    """
    model_type = str(text.get("model_type", ""))
    if model_type in _OTHERWISE:
        raise UnknownLayers(f"{model_type} has {_OTHERWISE[model_type]}")
    count = _count(text)
    if model_type in _NO_ATTENTION:
        return [Keeps.STATE] * count
    for key, read in _READERS.items():
        if text.get(key) is not None:
            found = read(text, count)
            break
    else:
        found = _plain(text, count)
    if len(found) < count:
        raise UnknownLayers(f"it describes {len(found)} of its {count} layers")
    shared = min(count, max(0, int(text.get("num_kv_shared_layers") or 0)))
    return [*found[: count - shared], *[Keeps.NOTHING] * shared]


def window_of(text: Mapping[str, Any]) -> int:
    """Tokens that a `WINDOW` layer keeps. Raises `UnknownLayers` where it is not told."""
    for key in ("sliding_window", "sliding_window_size", "attention_chunk_size", "window_size"):
        size = text.get(key)
        if isinstance(size, int) and size > 0:
            return size
    raise UnknownLayers("it has windows and does not say how long")


def _count(text: Mapping[str, Any]) -> int:
    for key in ("num_hidden_layers", "n_layer", "n_layers", "num_layers"):
        count = text.get(key)
        if isinstance(count, int) and 0 < count <= _MOST_LAYERS:
            return count
    raise UnknownLayers("it does not say how many layers it has")


def _plain(text: Mapping[str, Any], count: int) -> list[Keeps]:
    """No word about layers: all alike, unless the family is known to differ."""
    model_type = str(text.get("model_type", ""))
    if model_type.startswith("gemma3") and text.get("sliding_window"):
        return _every(count, _GEMMA3_PATTERN, Keeps.WINDOW)
    if model_type == "gemma2" and text.get("sliding_window"):
        return _every(count, 2, Keeps.WINDOW)
    if model_type.startswith("llama4"):
        return _every(count, 4, Keeps.WINDOW)
    if model_type in ("falcon_h1", "afm7", "zamba2", "hymba", "jamba", "bamba", "plamo2"):
        raise UnknownLayers(f"{model_type} mixes kinds of layers and its config does not say how")
    if text.get("sliding_window") and text.get("use_sliding_window") is not False:
        begin = text.get("max_window_layers")
        whole = min(begin, count) if isinstance(begin, int) else 0
        return [Keeps.ALL] * whole + [Keeps.WINDOW] * (count - whole)
    return [Keeps.ALL] * count


def _every(count: int, step: int, others: Keeps) -> list[Keeps]:
    """Each `step`-th layer keeps all."""
    return [Keeps.ALL if index % step == step - 1 else others for index in range(count)]


def _of_words(words: Sequence[Any]) -> list[Keeps]:
    found: list[Keeps] = []
    for word in words:
        keeps = _WORDS.get(str(word).lower())
        if keeps is None:
            raise UnknownLayers(f"it has layers of the kind {word!r}")
        found.append(keeps)
    return found


def _at(count: int, places: Any, others: Keeps) -> list[Keeps]:
    if not isinstance(places, Sequence):
        raise UnknownLayers("it does not list its attention layers")
    chosen = set(places)
    return [Keeps.ALL if index in chosen else others for index in range(count)]


def _pattern(text: Mapping[str, Any], count: int) -> list[Keeps]:
    pattern = text["sliding_window_pattern"]
    if isinstance(pattern, int) and pattern > 0:
        return _every(count, pattern, Keeps.WINDOW)
    if isinstance(pattern, str) and pattern and set(pattern) <= {"L", "G"}:
        return [
            Keeps.WINDOW if pattern[index % len(pattern)] == "L" else Keeps.ALL
            for index in range(count)
        ]
    raise UnknownLayers(f"its sliding_window_pattern is {pattern!r}")


def _kimi(text: Mapping[str, Any], count: int) -> list[Keeps]:
    config = text["linear_attn_config"]
    full = config.get("full_attn_layers") if isinstance(config, Mapping) else None
    if not isinstance(full, Sequence):
        raise UnknownLayers("it does not list its attention layers")
    return _at(count, [index - 1 for index in full], Keeps.STATE)  # they are counted from 1


def _period(text: Mapping[str, Any], count: int) -> list[Keeps]:
    period, offset = int(text["attn_layer_period"]), int(text.get("attn_layer_offset") or 0)
    return _at(count, range(offset, count, max(1, period)), Keeps.STATE)


def _codes(text: Mapping[str, Any], _: int) -> list[Keeps]:
    return [Keeps.ALL if code == 1 else Keeps.STATE for code in text["attn_type_list"]]


_Read = Callable[[Mapping[str, Any], int], list[Keeps]]
_READERS: dict[str, _Read] = {
    "layer_types": lambda text, _: _of_words(text["layer_types"]),
    "layers_block_type": lambda text, _: _of_words(text["layers_block_type"]),
    "hybrid_override_pattern": lambda text, _: _of_words(text["hybrid_override_pattern"]),
    "full_attention_interval": lambda text, count: _every(
        count, int(text["full_attention_interval"]), Keeps.STATE
    ),
    "full_attn_idxs": lambda text, count: _at(count, text["full_attn_idxs"], Keeps.STATE),
    "attn_layer_indices": lambda text, count: _at(count, text["attn_layer_indices"], Keeps.STATE),
    "linear_attn_config": _kimi,
    "attn_layer_period": _period,
    "attn_type_list": _codes,
    "sliding_window_pattern": _pattern,
}
