"""What a chat body says to the model's template: how to think, and variables of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from llmx.core.types import Json, Thinking
from llmx.core.wire.body import field_error, unsupported

Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]

# Arguments of the rendering itself: they would replace the template, or what is rendered.
RESERVED = frozenset(
    {
        "add_generation_prompt",
        "chat_template",
        "continue_final_message",
        "conversation",
        "documents",
        "max_length",
        "messages",
        "padding",
        "return_assistant_tokens_mask",
        "return_dict",
        "return_tensors",
        "tokenize",
        "tokenizer_kwargs",
        "tools",
        "truncation",
    }
)
SWITCHES = ("enable_thinking", "thinking")  # as templates name it


def thinking_of(
    effort: str | None, enabled: bool | None, variables: Mapping[str, Json]
) -> Thinking:
    """The first that says something: the body's own switch, the template's, the effort."""
    given = [enabled, *(variables.get(name) for name in SWITCHES)]
    switch = next((one for one in given if isinstance(one, bool)), None)
    if effort is None and isinstance(variables.get("reasoning_effort"), str):
        effort = variables["reasoning_effort"]
    if effort == "none":
        return Thinking(False if switch is None else switch)
    if switch is None and effort is not None:
        switch = True
    return Thinking(switch, effort)


def variables_of(given: Mapping[str, Json]) -> Mapping[str, Json]:
    """Those that `Thinking` does not say already. Raises `RequestError` for a reserved name."""
    kept: dict[str, Json] = {}
    for name, value in given.items():
        path = f"chat_template_kwargs.{name}"
        if name in RESERVED or name.startswith("_"):
            raise unsupported(path, "must not be given: the server sets it", value)
        if not name.isidentifier():
            raise field_error("chat_template_kwargs", "must have names of variables", name)
        is_told = (name in SWITCHES and isinstance(value, bool)) or (
            name == "reasoning_effort" and isinstance(value, str)
        )
        if not is_told:
            kept[name] = value
    return kept
