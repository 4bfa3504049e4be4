"""Loads a model folder for serving and reads off what serving must know. Runs on the MLX thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import mlx.core as mx
import psutil
from mlx.utils import tree_flatten
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.tokenizer_utils import TokenizerWrapper
from mlx_lm.utils import load as mlx_lm_load
from tokenizers import Tokenizer as Backend

from llmx.core.cache.layout import StateLayout
from llmx.core.cache.leaves import quantizing
from llmx.core.engine.backend import backend
from llmx.core.engine.model_folder import context_of
from llmx.core.errors import ConfigError, ModelError
from llmx.core.parser.token_texts import Spelling, TokenTexts
from llmx.core.types import Json

_CPU_CHUNK = 512  # attention scores are materialised on the CPU: heads x chunk x context x 4 bytes
_GPU_CHUNK = 2048
# Its layers share keys and values and place them by the length of the padded buffer: rows of
# unequal length in one batch get wrong text (measured: 6 of 7), though its cache classes are plain.
_ALONE_AND_UNSTORED = frozenset({"afm7"})
_SAMPLING_KEYS = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")


class ModelTokenizer:
    """A model's tokenizer as `prompt.Renderer` and `parser.Syntax` want it. Thread-safe."""

    def __init__(self, wrapper: TokenizerWrapper) -> None:
        self._wrapper = wrapper
        self._tokenizer = wrapper._tokenizer  # the wrapper forwards everything but the call itself
        self.is_fast: bool = self._tokenizer.is_fast
        self.backend_tokenizer: Backend | None = (
            self._tokenizer.backend_tokenizer if self.is_fast else None
        )
        self.eos_token_ids: list[int] = sorted(wrapper.eos_token_ids)
        self.has_chat_template: bool = wrapper.has_chat_template
        self.added_tokens: Mapping[int, str] = {
            token: added.content for token, added in self._tokenizer.added_tokens_decoder.items()
        }
        # The first call sets truncation and padding aside in the tokenizer; a second thread that
        # encodes meanwhile would fail with "Already borrowed".
        self("once", add_special_tokens=False)

    def apply_chat_template(self, conversation: list[dict[str, Json]], **kwargs: Any) -> str:
        return self._wrapper.apply_chat_template(conversation, **kwargs)

    def __call__(self, text: str, **kwargs: Any) -> Mapping[str, Any]:
        # verbose=False: a prompt beyond the context is refused by us, not warned about.
        return self._tokenizer(text, verbose=False, **kwargs)

    @property
    def template_text(self) -> str:
        """All that the model's own templates say; "" where it has none as a text."""
        template = self._tokenizer.chat_template
        if isinstance(template, dict):
            return "\n".join(str(text) for text in template.values())
        return template or ""

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """The texts of the tokens, as the tokenizer writes them."""
        return self._tokenizer.get_vocab()

    def encode(self, text: str, *, special_tokens: bool = False) -> tuple[int, ...]:
        """The ids of a text as it is; `special_tokens`: with those that belong around every one."""
        return tuple(self(text, add_special_tokens=special_tokens)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """Special tokens stay visible: a tool call may be made of them."""
        return self._tokenizer.decode(
            list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )

    def texts(self) -> TokenTexts:
        """What each single token adds to a text."""
        if self.backend_tokenizer is None:
            return TokenTexts(lambda token: self.decode((token,)), self.added_tokens, "plain")
        return TokenTexts(
            self.backend_tokenizer.id_to_token, self.added_tokens, _spelling(self.backend_tokenizer)
        )


def _spelling(tokenizer: Backend) -> Spelling:
    """By the name of what turns its entries into text."""
    decoder = "" if tokenizer.decoder is None else tokenizer.decoder.__getstate__().decode()
    if "ByteLevel" in decoder:
        return "byte_level"
    if "ByteFallback" in decoder or "Metaspace" in decoder:
        return "sentencepiece"
    return "plain"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    model: Any  # mlx.nn.Module, evaluated
    tokenizer: ModelTokenizer
    architecture: str
    context: int  # tokens
    vocabulary: int  # width of the logits
    weight_bytes: int
    layout: StateLayout
    make_state: Callable[[], list[Any]]  # an empty KV state
    sampling: Mapping[str, float]  # defaults of generation_config.json


def load_model(
    path: Path,
    *,
    adapter: Path | None = None,
    max_context: int | None = None,
    chunk: int | None = None,
    kv_bits: int | None = None,
) -> LoadedModel:
    """Load, and prove by one forward that the model computes.

    `chunk` is how many tokens are prefilled in one go (None: by backend), `kv_bits` to how many
    bits keys and values are quantized (None: not at all).

    Raises `ModelError` where the folder cannot be served, `ConfigError` for a `max_context` beyond
    what the model was made for and for `kv_bits` that it cannot compute with.
    """
    try:
        loaded = mlx_lm_load(
            str(path),
            adapter_path=None if adapter is None else str(adapter),
            tokenizer_config={"trust_remote_code": False},
            return_config=True,
        )
        model, wrapper, config = cast(tuple[Any, TokenizerWrapper, dict[str, Json]], loaded)
        chunk = chunk or (_CPU_CHUNK if backend().name == "cpu" else _GPU_CHUNK)
        make_state = partial(_empty_state, model, kv_bits)
        try:
            layout, vocabulary = _try_out(model, make_state, chunk)
        except (NotImplementedError, RuntimeError, TypeError, ValueError) as error:
            if kv_bits is None:
                raise
            raise ConfigError(
                f"--kv-bits {kv_bits}: this model cannot compute with quantized keys and values: "
                f"{error}"
            ) from error
        if config.get("model_type") in _ALONE_AND_UNSTORED:
            layout = layout.untrusted(str(config["model_type"]))
    except (
        ArithmeticError, AttributeError, ImportError, LookupError, NotImplementedError,
        OSError, RuntimeError, TypeError, ValueError,
    ) as error:  # fmt: skip
        # Everything that a wrong file can make mlx-lm and transformers raise.
        raise ModelError(f"cannot load the model in {path}: {error}") from error
    tokenizer = ModelTokenizer(wrapper)
    return LoadedModel(
        model=model,
        tokenizer=tokenizer,
        architecture=str(config.get("model_type", "unknown")),
        context=context_of(config, max_context),
        vocabulary=vocabulary,
        weight_bytes=_weight_bytes(model),
        layout=layout,
        make_state=make_state,
        sampling=sampling_defaults(path),
    )


def _empty_state(model: Any, kv_bits: int | None) -> list[Any]:
    state = make_prompt_cache(model)
    return state if kv_bits is None else quantizing(state, kv_bits)


def _try_out(
    model: Any, make_state: Callable[[], list[Any]], chunk: int
) -> tuple[StateLayout, int]:
    """One forward of two tokens: the shapes of the state, the width of the logits."""
    state = make_state()
    logits = model(mx.array([[0, 0]]), cache=state)
    mx.eval(logits, [cache.state for cache in state])
    return StateLayout.of(state, chunk), logits.shape[-1]


def _weight_bytes(model: Any) -> int:
    leaves: list[tuple[str, mx.array]] = tree_flatten(model.parameters())  # pyright: ignore
    return sum(array.nbytes for _, array in leaves)


def sampling_defaults(path: Path) -> dict[str, float]:
    """The sampling part of `generation_config.json`; empty where there is none."""
    file = path / "generation_config.json"
    if not file.exists():
        return {}
    try:
        config = json.loads(file.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise ModelError(f"cannot read {file}: {error}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{file} holds {type(config).__name__}, wanted an object")
    defaults: dict[str, float] = {}
    for key in _SAMPLING_KEYS:
        value = config.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            defaults[key] = value
    if config.get("do_sample") is False:
        defaults["temperature"] = 0.0
    return defaults


def free_memory() -> int:
    """Bytes that could be used now, on the device that holds the KV state."""
    if mx.default_device() == mx.Device(mx.DeviceType.gpu):
        total = mx.device_info().get("max_recommended_working_set_size") or mx.device_info().get(
            "memory_size"
        )
        if isinstance(total, int):
            return max(0, total - mx.get_active_memory())
    return psutil.virtual_memory().available
