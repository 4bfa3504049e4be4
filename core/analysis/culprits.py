"""What can break a prompt, and what both vendors call it on their wires.

The order of `CULPRITS` is the order in which they are looked for: the first that the difference
proves is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Culprit = Literal[
    "model_changed",  # the same conversation, asked of another model or adapter
    "billing_header",  # a line of accounting in front of the prompt
    "clock",  # a date or a time
    "random_id",  # of a session, a request, a trace, a call
    "workspace_state",  # git status, working directory, list of files
    "tool_order",  # the same tools
    "tool_set",  # a tool more or less
    "tool_schema",  # a tool of that name, described otherwise
    "json_form",  # equal values: order of keys, blanks, escapes
    "cache_control_moved",  # a marker, which is no part of the prompt
    "content_form",  # a string, or a list with one text
    "thinking_stripped",  # reasoning left out of the history
    "assistant_altered",  # an answer came back as another one
    "tool_args_form",  # the same arguments of a call, written otherwise
    "tool_result_edited",  # cut, cleared, replaced
    "compaction",  # the history was summarised, or its beginning dropped
    "injected_reminder",  # put into the history, or taken out of it, by the client
    "image_form",  # another encoding
    "parameters",  # not of sampling: thinking, tool choice, effort, format, tier, cache key
    "side_query",  # another lineage, not a break
    "unknown",  # the bytes have to speak for themselves
]
CULPRITS: tuple[Culprit, ...] = get_args(Culprit)

Place = Literal["system", "tools", "messages"]


@dataclass(frozen=True, slots=True)
class Codes:
    """Reasons as Anthropic (`cache_miss_reason.type`) and OpenAI (`reason`) name them; None: no
    divergence that they would report."""

    anthropic: str | None
    openai: str | None


NO_CODES = Codes(None, None)
NO_ANCESTOR = Codes("previous_message_not_found", "comparison_response_not_found")

_IN_MESSAGES = Codes("messages_changed", "input_changed")
_BY_PLACE: dict[Place, Codes] = {
    "system": Codes("system_changed", "input_changed"),
    "tools": Codes("tools_changed", "tools_changed"),
    "messages": _IN_MESSAGES,
}
_FIXED: dict[Culprit, Codes] = {
    "model_changed": Codes("model_changed", "model_changed"),
    "billing_header": _BY_PLACE["system"],
    "tool_order": _BY_PLACE["tools"],
    "tool_set": _BY_PLACE["tools"],
    "tool_schema": _BY_PLACE["tools"],
    "cache_control_moved": NO_CODES,
    "thinking_stripped": _IN_MESSAGES,
    "assistant_altered": _IN_MESSAGES,
    "tool_args_form": _IN_MESSAGES,
    "tool_result_edited": _IN_MESSAGES,
    "compaction": Codes("messages_changed", "context_compacted"),
    "image_form": _IN_MESSAGES,
    "side_query": NO_CODES,
}
_PARAMETERS: dict[str, str] = {
    "reasoning_effort": "reasoning_effort_changed",
    "thinking": "reasoning_effort_changed",
    "verbosity": "verbosity_changed",
    "text_format": "text_format_changed",
    "service_tier": "service_tier_changed",
    "prompt_cache_key": "prompt_cache_key_changed",
}


def codes_of(culprit: Culprit, place: Place, parameter: str | None = None) -> Codes:
    """`place`: the part of the prompt that differs; `parameter`: which of them, for that culprit.

    No vendor has a word for a changed tool choice: both say `unavailable`.
    """
    if culprit == "parameters":
        return Codes("unavailable", _PARAMETERS.get(parameter or "", "unavailable"))
    return _FIXED.get(culprit, _BY_PLACE[place])
