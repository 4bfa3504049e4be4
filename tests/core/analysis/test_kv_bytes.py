"""Bytes of a token by a model's config: by hand, and held to what mlx-lm's caches really take."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_lm.models.cache import make_prompt_cache

from llmx.core.analysis.kv_bytes import KVBytes, UnknownKV, kv_bytes, read_kv_bytes
from llmx.core.cache.layout import StateLayout
from llmx.core.cache.leaves import QUANTIZATION_GROUP, quantizing
from llmx.core.errors import ModelError
from tests.models import WINDOW, config_of

PLAIN: dict[str, Any] = {
    "model_type": "qwen3",
    "num_hidden_layers": 48,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "hidden_size": 2048,
    "torch_dtype": "bfloat16",
}
LATENT = PLAIN | {
    "model_type": "deepseek_v3",
    "num_hidden_layers": 61,
    "num_attention_heads": 128,
    "kv_lora_rank": 512,
    "qk_rope_head_dim": 64,
    "qk_nope_head_dim": 128,
    "v_head_dim": 128,
}


def known(config: dict[str, Any], **options: Any) -> KVBytes:
    found = kv_bytes(config, **options)
    assert isinstance(found, KVBytes), found
    return found


def measured(config: dict[str, Any], bits: int | None = None) -> StateLayout:
    """The layout of a model's state after a forward of two tokens; its weights do not matter."""
    architecture = import_module(f"mlx_lm.models.{config['model_type']}")
    model = architecture.Model(architecture.ModelArgs.from_dict(config))
    state: list[Any] = make_prompt_cache(model)
    if bits is not None:
        state = quantizing(state, bits)
    mx.eval(model(mx.array([[1, 2]]), cache=state))
    return StateLayout.of(state, chunk=8)


# ── against real caches ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    ["qwen3", "llama", "gemma3_text", "gpt_oss", "qwen3_5", "qwen3_next", "granitemoehybrid"],
)
def test_the_config_says_what_the_caches_of_mlx_lm_take(name: str) -> None:
    config = config_of(name)
    found, layout = known(config | {"dtype": "float32"}), measured(config)
    assert found.token_bytes == layout.token_bytes > 0
    assert found.window_bytes == sum(nbytes for nbytes, _ in layout.windows)
    assert {size for _, size in layout.windows} == ({found.window} if found.window else set())
    assert found.window in (0, WINDOW)
    assert (found.state_layers > 0) == (layout.fixed_bytes > 0)
    assert found.state_bytes in (layout.fixed_bytes, None)
    assert found.is_trimmable == (not layout.anchored)


def test_quantized_keys_and_values_are_counted_with_their_scales() -> None:
    config = config_of("qwen3")
    found = known(config | {"dtype": "float32"}, bits=8, group_size=QUANTIZATION_GROUP)
    assert found.token_bytes == measured(config, bits=8).token_bytes
    # 8 bits of 48 x 2 x 512 elements, and 16 + 16 bits for each 64 of them
    assert known(PLAIN, bits=8).token_bytes == 48 * 2 * (512 + 512 // 64 * 4)


# ── by hand ───────────────────────────────────────────────────────────────────────────────────


def test_plain_layers_keep_a_key_and_a_value_for_each_kv_head() -> None:
    found = known(PLAIN)
    assert found == KVBytes(98_304, 0, 0, 0, 0)  # 2 x 48 x 4 x 128 x 2
    assert found.nbytes(1000) == 98_304_000
    assert known(PLAIN | {"num_key_value_heads": 32}).token_bytes == 8 * 98_304
    assert known({"text_config": PLAIN, "model_type": "some_vl"}) == found


def test_what_is_assumed_is_told() -> None:
    config = {key: value for key, value in PLAIN.items() if key != "torch_dtype"}
    assert known(config).token_bytes == 98_304
    assert known(config).notes == ("elements of 16 bits",)


def test_latents_are_small_and_what_other_servers_store_is_told() -> None:
    found = known(LATENT)
    assert found.token_bytes == 61 * (512 + 64) * 2
    assert "40960" in found.notes[0]  # 128 x (128 + 64 + 128)
    whole = known(LATENT | {"model_type": "deepseek_v2"})
    assert whole.token_bytes == 61 * 40_960 * 2


def test_windows_are_capped() -> None:
    kinds = ["sliding_attention", "full_attention"] * 24
    found = known(PLAIN | {"layer_types": kinds, "sliding_window": 128})
    assert (found.token_bytes, found.window_bytes, found.window) == (49_152, 49_152, 128)
    assert found.nbytes(1000) == 49_152 * 1000 + 49_152 * 128
    assert found.nbytes(100) == 98_304 * 100
    assert not found.is_trimmable
    every_sixth = known(PLAIN | {"model_type": "gemma3_text", "sliding_window": 512})
    assert every_sixth.token_bytes == 98_304 // 6
    unused = known(PLAIN | {"sliding_window": 4096, "use_sliding_window": False})
    assert unused == known(PLAIN)


def test_states_are_apart_from_tokens() -> None:
    mixed = {"model_type": "nemotron_h", "hybrid_override_pattern": "M-M*" * 12}
    found = known(PLAIN | mixed)
    assert (found.token_bytes, found.state_layers) == (98_304 // 4, 24)
    assert found.state_bytes is None
    assert found.nbytes(10) is None
    assert not found.is_trimmable
    assert known(PLAIN | {"model_type": "mamba2"}).token_bytes == 0


def test_layers_that_share_keys_and_values_cost_nothing() -> None:
    found = known(PLAIN | {"num_kv_shared_layers": 24})
    assert found.token_bytes == 98_304 // 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"layer_types": ["full_attention", "telepathy"] * 24}, "'telepathy'"),
        ({"layer_types": ["full_attention"]}, "1 of its 48"),
        ({"model_type": "deepseek_v32"}, "an index"),
        ({"num_key_value_heads": [4, 8]}, "different numbers"),
        ({"torch_dtype": "float8"}, "float8"),
        ({"num_hidden_layers": None}, "how many layers"),
        ({"num_hidden_layers": 10**12}, "how many layers"),
        ({"layer_types": ["sliding_attention"] * 48}, "how long"),
        ({"kv_lora_rank": 512}, "another form"),
        ({"full_attention_interval": "often"}, "another form"),
        ({"full_attention_interval": 0}, "another form"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_understood_is_unknown(change: dict[str, Any], why: str) -> None:
    found = kv_bytes(PLAIN | change)
    assert isinstance(found, UnknownKV)
    assert why in found.why


def test_a_config_is_read_from_a_folder_or_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(PLAIN))
    assert read_kv_bytes(tmp_path) == read_kv_bytes(file) == known(PLAIN)
    file.write_text("[]")
    with pytest.raises(ModelError, match="no JSON object"):
        read_kv_bytes(tmp_path)
    file.write_bytes(b"\xff{")
    with pytest.raises(ModelError, match="no JSON"):
        read_kv_bytes(tmp_path)
    with pytest.raises(ModelError, match="cannot read"):
        read_kv_bytes(tmp_path / "none")
