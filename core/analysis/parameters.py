"""What a body asks beside its prompt that a template or a server may turn into other tokens.

Sampling is not among it: it breaks no prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "thinking": (
        ("thinking",),
        ("enable_thinking",),
        ("chat_template_kwargs",),
    ),
    "tool_choice": (("tool_choice",), ("function_call",)),
    "reasoning_effort": (
        ("reasoning_effort",),
        ("reasoning",),
        ("effort",),
        ("output_config", "effort"),
    ),
    "verbosity": (("verbosity",), ("text", "verbosity")),
    "text_format": (
        ("response_format",),
        ("text", "format"),
        ("output_format",),
        ("output_config", "format"),
    ),
    "service_tier": (("service_tier",),),
    "prompt_cache_key": (("prompt_cache_key",), ("cache_salt",)),
}
PARAMETERS: tuple[str, ...] = tuple(_NAMES)
_MODEL = ("adapter", "adapters", "adapter_path", "lora", "loras", "lora_path", "speed")

_Value = msgspec.Raw


class _Body(msgspec.Struct):
    thinking: _Value = _Value(b"null")
    enable_thinking: _Value = _Value(b"null")
    chat_template_kwargs: _Value = _Value(b"null")
    tool_choice: _Value = _Value(b"null")
    function_call: _Value = _Value(b"null")
    reasoning_effort: _Value = _Value(b"null")
    reasoning: _Value = _Value(b"null")
    effort: _Value = _Value(b"null")
    output_config: _Value = _Value(b"null")
    verbosity: _Value = _Value(b"null")
    text: _Value = _Value(b"null")
    response_format: _Value = _Value(b"null")
    output_format: _Value = _Value(b"null")
    service_tier: _Value = _Value(b"null")
    prompt_cache_key: _Value = _Value(b"null")
    cache_salt: _Value = _Value(b"null")
    adapter: _Value = _Value(b"null")
    adapters: _Value = _Value(b"null")
    adapter_path: _Value = _Value(b"null")
    lora: _Value = _Value(b"null")
    loras: _Value = _Value(b"null")
    lora_path: _Value = _Value(b"null")
    speed: _Value = _Value(b"null")


@dataclass(frozen=True, slots=True)
class Asked:
    """Each parameter as canonical JSON; b"null" where it is not set."""

    values: tuple[bytes, ...]  # in the order of `PARAMETERS`
    variant: bytes  # of the model: adapter, speed; empty: none is named

    def changed(self, before: Asked) -> str | None:
        """The first parameter that is another one than it was."""
        if self.values == before.values:
            return None
        pairs = zip(PARAMETERS, self.values, before.values, strict=True)
        return next((name for name, mine, other in pairs if mine != other), None)


NOTHING = Asked((b"null",) * len(PARAMETERS), b"")


def asked_of(body: bytes) -> Asked:
    """`NOTHING` where the body is not readable."""
    try:
        decoded = msgspec.structs.asdict(msgspec.json.decode(body, type=_Body))
        values = tuple(_value(decoded, paths) for paths in _NAMES.values())
        variant = [f"{name}=".encode() + raw for name, raw in _named(decoded)]
    except (ValueError, RecursionError, OverflowError):
        return NOTHING
    return Asked(values, b";".join(variant))


def _named(decoded: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for name in _MODEL:
        raw = bytes(decoded[name])
        if raw not in (b"null", b"[]", b'""', b'"standard"'):
            yield name, raw


def _value(decoded: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> bytes:
    found: list[Any] = []
    for first, *rest in paths:
        raw = bytes(decoded[first])
        if raw == b"null":
            continue
        value = msgspec.json.decode(raw)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            found.append([first, value])
    return msgspec.json.encode(found, order="deterministic") if found else b"null"
